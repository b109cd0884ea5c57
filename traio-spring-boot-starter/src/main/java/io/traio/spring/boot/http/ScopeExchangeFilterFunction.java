// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.http;

import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.spring.boot.internal.CodeInScope;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Ends each exchange of a {@code WebClient} with the code that subscribes to it: the request, and the body of the response.
 * Where that code blocks, it leaves by a {@link ScopeCancelledException}, also on a thread that traio does not interrupt.
 *
 * <p>Thread-safe.
 */
public final class ScopeExchangeFilterFunction implements ExchangeFilterFunction {

    /** Creates a filter. */
    public ScopeExchangeFilterFunction() {}

    @Override
    public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
        return Mono.defer(() -> {
            Scope scope = Scope.current().orElse(null);
            if (scope == null) {
                return next.exchange(request);
            }
            Scope.checkCancelled();
            return new Exchange(scope).of(next.exchange(request));
        });
    }

    /** One exchange, subscribed to in a scope. */
    private static final class Exchange {

        private final Sinks.Empty<Void> cancelled = Sinks.empty();
        private final CodeInScope code;

        Exchange(Scope scope) {
            code = new CodeInScope(scope, cancelled::tryEmitEmpty);
        }

        Mono<ClientResponse> of(Mono<ClientResponse> exchange) {
            code.enter();
            return exchange.takeUntilOther(cancelled.asMono())
                    .switchIfEmpty(Mono.defer(this::why))
                    .doOnError(failed -> code.leave())
                    .doOnCancel(code::leave)
                    .map(response -> response.mutate().body(this::of).build());
        }

        /** The sink completes, as an error that came too late would be logged; a body that is cut off must be one, though. */
        private <T> Flux<T> of(Flux<T> body) {
            return body.takeUntilOther(cancelled.asMono())
                    .concatWith(Mono.defer(this::why))
                    .doFinally(end -> code.leave());
        }

        private <T> Mono<T> why() {
            return code.isCancelled()
                    ? Mono.error(new ScopeCancelledException("The exchange was cancelled with its scope or task", null))
                    : Mono.empty();
        }
    }
}
