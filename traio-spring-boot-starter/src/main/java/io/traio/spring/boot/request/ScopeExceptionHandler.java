// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.ScopeCancelledException;
import io.traio.ScopeFailedException;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.ResponseStatus;

/**
 * Answers the exceptions of scopes with problem details, where no exception handler of the application does: a timeout
 * and a cancellation with 503, and a failure with the status of its cause. Names and messages are not disclosed.
 */
@ControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
public final class ScopeExceptionHandler {

    private static final Logger LOGGER = LoggerFactory.getLogger(ScopeExceptionHandler.class);

    /** Creates a handler. */
    public ScopeExceptionHandler() {}

    @ExceptionHandler({
        ScopeTimeoutException.class,
        ScopeCancelledException.class,
        ScopeFailedException.class,
        StragglerException.class
    })
    ErrorResponse answer(RuntimeException failure) {
        Throwable cause = causeOf(failure);
        if (cause instanceof ScopeTimeoutException) {
            return problem(failure, HttpStatus.SERVICE_UNAVAILABLE, "The request could not be answered in time.");
        }
        if (cause instanceof ScopeCancelledException) {
            LOGGER.warn("A request was cancelled: {}", cause.getMessage());
            return problem(failure, HttpStatus.SERVICE_UNAVAILABLE, "The request was cancelled.");
        }
        if (cause instanceof ErrorResponse response) {
            return response;
        }
        ResponseStatus status = AnnotatedElementUtils.findMergedAnnotation(cause.getClass(), ResponseStatus.class);
        if (status != null) {
            return problem(failure, status.code(), status.reason());
        }
        LOGGER.error("The scope of a request failed", failure);
        return problem(failure, HttpStatus.INTERNAL_SERVER_ERROR, "");
    }

    private static Throwable causeOf(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof ScopeFailedException || cause instanceof StragglerException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static ErrorResponse problem(Throwable failure, HttpStatusCode status, String detail) {
        ProblemDetail problem = ProblemDetail.forStatus(status);
        if (!detail.isEmpty()) {
            problem.setDetail(detail);
        }
        return ErrorResponse.builder(failure, problem).build();
    }
}
