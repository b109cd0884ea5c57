// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/**
 * Says in each call of a {@code WebClient} how much time is left on the thread that subscribes; a header that is there
 * stays.
 */
record DeadlineFilter(DeadlineHeader header) implements ExchangeFilterFunction {

    @Override
    public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
        if (request.headers().containsHeader(header.name())) {
            return next.exchange(request);
        }
        return Mono.defer(() -> next.exchange(DeadlineHeader.valueFor(request.method(), request.url())
                .map(left ->
                        ClientRequest.from(request).header(header.name(), left).build())
                .orElse(request)));
    }
}
