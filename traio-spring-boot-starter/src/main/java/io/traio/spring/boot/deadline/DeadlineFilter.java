// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import io.traio.Scope;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/**
 * Says in each call of a {@code WebClient} how much time is left; a header that is there stays. What counts is the scope of
 * the thread that subscribes. One that is in none, as when a call is retried, counts as the one that has made the call.
 */
record DeadlineFilter(DeadlineHeader header) implements ExchangeFilterFunction {

    private static final String MADE_IN = DeadlineFilter.class.getName() + ".madeIn";

    /** Has the calls of a client pass through the filter. */
    void applyTo(WebClient.Builder builder) {
        builder.filter(this).defaultRequest(call -> Scope.current().ifPresent(scope -> call.attribute(MADE_IN, scope)));
    }

    @Override
    public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
        if (request.headers().containsHeader(header.name())) {
            return next.exchange(request);
        }
        return Mono.defer(() -> {
            Scope scope = Scope.current()
                    .orElseGet(() -> (Scope) request.attribute(MADE_IN).orElse(null));
            return next.exchange(DeadlineHeader.valueFor(scope, request.method(), request.url())
                    .map(left -> ClientRequest.from(request)
                            .header(header.name(), left)
                            .build())
                    .orElse(request));
        });
    }
}
