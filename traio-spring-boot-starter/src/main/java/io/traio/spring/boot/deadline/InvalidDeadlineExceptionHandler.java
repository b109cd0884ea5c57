// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/** Answers a header that cannot be parsed with problem details, where no exception handler of the application does. */
@ControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
public final class InvalidDeadlineExceptionHandler {

    /** Creates a handler. */
    public InvalidDeadlineExceptionHandler() {}

    @ExceptionHandler
    ErrorResponse answer(InvalidDeadlineException invalid) {
        return invalid;
    }
}
