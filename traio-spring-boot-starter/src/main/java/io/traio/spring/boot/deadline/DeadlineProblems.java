// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/** Answers to a header that cannot be read by problem details, where no handler of the user's does. */
@ControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
final class DeadlineProblems {

    @ExceptionHandler
    ErrorResponse answer(InvalidDeadlineException invalid) {
        return invalid;
    }
}
