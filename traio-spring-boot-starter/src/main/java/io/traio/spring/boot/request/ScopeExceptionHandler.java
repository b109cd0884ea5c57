// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.ScopeCancelledException;
import io.traio.ScopeFailedException;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/**
 * Answers the exceptions of scopes, where no exception handler of the application does, with the status that
 * {@link ScopeFailureStatus} finds: with problem details where the application uses them or the client asks for JSON, and
 * else with the error page of the application.
 */
@ControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
public final class ScopeExceptionHandler {

    private final boolean problemDetails;

    /**
     * Creates a handler.
     *
     * @param problemDetails whether all clients get problem details
     */
    public ScopeExceptionHandler(boolean problemDetails) {
        this.problemDetails = problemDetails;
    }

    @ExceptionHandler({
        ScopeTimeoutException.class,
        ScopeCancelledException.class,
        ScopeFailedException.class,
        StragglerException.class
    })
    @Nullable
    ErrorResponse answer(RuntimeException failure, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        ErrorResponse problem = ScopeFailureStatus.of(failure);
        if (problemDetails || asksForJson(request)) {
            return problem;
        }
        problem.getHeaders().forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
        response.sendError(problem.getStatusCode().value());
        return null;
    }

    /** Returns whether a client names JSON among what it accepts; browsers and simple clients do not. */
    private static boolean asksForJson(HttpServletRequest request) {
        List<String> accepted = Collections.list(request.getHeaders(HttpHeaders.ACCEPT));
        try {
            return MediaType.parseMediaTypes(accepted).stream()
                    .anyMatch(type -> type.getSubtype().equals("json") || "json".equals(type.getSubtypeSuffix()));
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }
}
