// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** Thrown when a request has a deadline header that cannot be parsed. */
public final class InvalidDeadlineException extends ErrorResponseException {

    private static final long serialVersionUID = 1L;

    InvalidDeadlineException(String header) {
        super(
                HttpStatus.BAD_REQUEST,
                ProblemDetail.forStatusAndDetail(
                        HttpStatus.BAD_REQUEST,
                        "Header '" + header + "' must be a number of milliseconds from 1 on, and be given once."),
                null);
    }
}
