// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import org.springframework.core.Ordered;
import org.springframework.web.ErrorResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;

/**
 * Gives the exceptions of scopes in WebFlux applications the status that {@link ScopeFailureStatus} finds. The application's
 * error page, which comes next, shows it. Exception handlers of the application come before.
 */
public final class ScopeWebExceptionHandler implements WebExceptionHandler, Ordered {

    /** Before the error page of Spring Boot. */
    private static final int ORDER = -2;

    /** Creates a handler. */
    public ScopeWebExceptionHandler() {}

    @Override
    public int getOrder() {
        return ORDER;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        if (!ScopeFailureStatus.isOfScope(failure)) {
            return Mono.error(failure);
        }
        return Mono.error(answeredBy(ScopeFailureStatus.of(failure), failure));
    }

    /** Returns a failure in a form whose status error pages show, if it has one. */
    static Throwable withStatus(Throwable failure) {
        return failure instanceof ErrorResponse answer && !(failure instanceof ResponseStatusException)
                ? answeredBy(answer, failure)
                : failure;
    }

    private static ResponseStatusException answeredBy(ErrorResponse answer, Throwable failure) {
        return new ResponseStatusException(
                answer.getStatusCode(), answer.getBody().getDetail(), failure);
    }
}
