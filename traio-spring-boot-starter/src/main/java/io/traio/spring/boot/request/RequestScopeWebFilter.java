// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.spring.boot.internal.LazyScope;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Puts the scope of a reactive request into Reactor's context, and ends it with the request: before a response that is
 * written at once, after one that is a stream, and when the client hangs up.
 */
public final class RequestScopeWebFilter implements WebFilter, Ordered {

    /** Before Spring Security. */
    private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 100;

    private final RequestScopeFactory<ServerWebExchange> scopes;

    /**
     * Creates a filter.
     *
     * @param scopes prepares the scopes of requests
     */
    public RequestScopeWebFilter(RequestScopeFactory<ServerWebExchange> scopes) {
        this.scopes = scopes;
    }

    @Override
    public int getOrder() {
        return ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        if (ExchangeHandling.of(exchange) != null) {
            return chain.filter(exchange);
        }
        return Mono.defer(() -> {
            ExchangeHandling handling;
            try {
                handling = new ExchangeHandling(scopes, exchange);
            } catch (RuntimeException refusal) {
                return Mono.error(ScopeWebExceptionHandler.withStatus(refusal));
            }
            return filter(exchange, chain, handling);
        });
    }

    private static Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain, ExchangeHandling handling) {
        ServerWebExchange handled = exchange.mutate()
                .response(ExchangeResponse.of(exchange.getResponse(), handling))
                .build();
        return handling.orFailure(chain.filter(handled))
                .onErrorResume(e -> handling.failLast(e).flatMap(Mono::error))
                .then(handling.completed())
                .doOnCancel(handling::cancel)
                .contextWrite(context -> context.put(LazyScope.KEY, handling.scope()));
    }
}
