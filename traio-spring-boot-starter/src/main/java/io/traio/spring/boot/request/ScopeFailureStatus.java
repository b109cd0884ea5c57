// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.ScopeCancelledException;
import io.traio.ScopeFailedException;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ResponseStatus;

/**
 * The HTTP status of a scope's exception: 503 for a timeout and a cancellation, and for a failure that of its cause. Names
 * and messages are not disclosed.
 */
final class ScopeFailureStatus {

    private static final Logger LOGGER = LoggerFactory.getLogger(ScopeExceptionHandler.class);

    private ScopeFailureStatus() {}

    /** Returns the answer to a failure, and logs it where the answer does not say what happened. */
    static ErrorResponse of(Throwable failure) {
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

    /** Returns whether a failure is one of a scope. */
    static boolean isOfScope(Throwable failure) {
        return failure instanceof ScopeTimeoutException
                || failure instanceof ScopeCancelledException
                || failure instanceof ScopeFailedException
                || failure instanceof StragglerException;
    }

    private static Throwable causeOf(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof ScopeFailedException || cause instanceof StragglerException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static ErrorResponse problem(Throwable failure, HttpStatusCode status, @Nullable String detail) {
        ProblemDetail problem = ProblemDetail.forStatus(status);
        if (detail != null && !detail.isEmpty()) {
            problem.setDetail(detail);
        }
        return ErrorResponse.builder(failure, problem).build();
    }
}
