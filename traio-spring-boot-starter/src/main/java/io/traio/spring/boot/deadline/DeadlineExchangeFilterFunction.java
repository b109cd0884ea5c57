// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import io.traio.Scope;
import io.traio.spring.boot.reactor.ReactorScopes;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/**
 * Adds the deadline header to each request of a {@code WebClient}. A request that has the header keeps it. The deadline is
 * that of the scope in which the caller subscribes, in Reactor's context or on the thread, or, outside any scope, as when a
 * call is retried, that of the scope in which the request was made.
 *
 * @param header the header
 * @param hosts the hosts that get it
 */
public record DeadlineExchangeFilterFunction(DeadlineHeader header, DeadlineHosts hosts)
        implements ExchangeFilterFunction {

    private static final String MADE_IN = DeadlineExchangeFilterFunction.class.getName() + ".madeIn";

    /**
     * Adds this filter to a client.
     *
     * @param builder the builder of the client
     */
    public void applyTo(WebClient.Builder builder) {
        builder.filter(this).defaultRequest(call -> Scope.current().ifPresent(scope -> call.attribute(MADE_IN, scope)));
    }

    @Override
    public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
        if (request.headers().containsHeader(header.name())) {
            return next.exchange(request);
        }
        return Mono.deferContextual(context -> {
            Scope scope = ReactorScopes.find(context)
                    .orElseGet(() -> (Scope) request.attribute(MADE_IN).orElse(null));
            return next.exchange(DeadlineHeader.valueFor(scope, request.method(), request.url())
                    .filter(left -> hosts.contain(request.url()))
                    .map(left -> ClientRequest.from(request)
                            .header(header.name(), left)
                            .build())
                    .orElse(request));
        });
    }
}
