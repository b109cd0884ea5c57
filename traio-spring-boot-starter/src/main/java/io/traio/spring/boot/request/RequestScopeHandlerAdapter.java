// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.reactive.DispatchExceptionHandler;
import org.springframework.web.reactive.HandlerAdapter;
import org.springframework.web.reactive.HandlerResult;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Ends the scope of a reactive handler that fails, or whose scope fails, before exception handlers are asked. Calls the
 * adapters of Spring, and of the application.
 */
public final class RequestScopeHandlerAdapter implements HandlerAdapter, DispatchExceptionHandler, Ordered {

    private final ObjectProvider<HandlerAdapter> adapters;
    private volatile @Nullable List<HandlerAdapter> others;

    /**
     * Creates an adapter.
     *
     * @param adapters provides all adapters, this one among them
     */
    public RequestScopeHandlerAdapter(ObjectProvider<HandlerAdapter> adapters) {
        this.adapters = adapters;
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public boolean supports(Object handler) {
        return adapterOf(handler) != null;
    }

    @Override
    public Mono<HandlerResult> handle(ServerWebExchange exchange, Object handler) {
        HandlerAdapter adapter = adapterOf(handler);
        if (adapter == null) {
            return Mono.error(new IllegalStateException("No adapter for " + handler));
        }
        ExchangeHandling handling = ExchangeHandling.of(exchange);
        if (handling == null) {
            return adapter.handle(exchange, handler);
        }
        return handling.orFailure(adapter.handle(exchange, handler))
                .flatMap(result -> isOfExceptionHandler(result, handler)
                        ? handling.answered().thenReturn(result)
                        : Mono.just(ending(result, handling)));
    }

    @Override
    public Mono<HandlerResult> handleError(ServerWebExchange exchange, Throwable failure) {
        ExchangeHandling handling = ExchangeHandling.of(exchange);
        return handling == null ? Mono.error(failure) : handling.fail(failure).flatMap(Mono::error);
    }

    private @Nullable HandlerAdapter adapterOf(Object handler) {
        for (HandlerAdapter adapter : others()) {
            if (adapter.supports(handler)) {
                return adapter;
            }
        }
        return null;
    }

    private List<HandlerAdapter> others() {
        List<HandlerAdapter> known = others;
        if (known == null) {
            known = adapters.orderedStream()
                    .filter(adapter -> !(adapter instanceof RequestScopeHandlerAdapter))
                    .toList();
            others = known;
        }
        return known;
    }

    /** A handler method that throws is answered by its exception handler within Spring's adapter. */
    private static boolean isOfExceptionHandler(HandlerResult result, Object handler) {
        return handler instanceof HandlerMethod called
                && result.getHandler() instanceof HandlerMethod answering
                && !answering.getMethod().equals(called.getMethod());
    }

    /** Has the scope end where a {@code Mono} that was returned fails, or the scope fails first. */
    private static HandlerResult ending(HandlerResult result, ExchangeHandling handling) {
        HandlerResult ending = result.getReturnValue() instanceof Mono<?> returned
                ? new HandlerResult(
                        result.getHandler(),
                        handling.orFailure(returned),
                        result.getReturnTypeSource(),
                        result.getBindingContext())
                : result;
        DispatchExceptionHandler next = result.getExceptionHandler();
        if (next != null) {
            ending.setExceptionHandler(
                    (exchange, e) -> handling.fail(e).flatMap(failure -> next.handleError(exchange, failure)));
        }
        return ending;
    }
}
