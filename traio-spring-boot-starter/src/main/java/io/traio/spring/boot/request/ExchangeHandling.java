// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.spring.boot.internal.HandlerScope;
import io.traio.spring.boot.internal.LazyScope;
import io.traio.spring.boot.internal.OpeningRequest;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The handling of a reactive request, kept in an attribute of the exchange: what {@link RequestHandling} is for servlets. No
 * thread waits here. Whoever waits is a {@code Mono}, and goes on by the thread that ends the scope.
 *
 * <p>Thread-safe.
 */
final class ExchangeHandling {

    private static final String ATTRIBUTE = ExchangeHandling.class.getName();

    private final RequestScopeFactory<ServerWebExchange> scopes;
    private final RequestScopeFactory.@Nullable Limit limit;
    private final ServerWebExchange exchange;
    private final LazyScope lazy =
            new LazyScope(() -> current().get(), () -> current().opened());

    /** The scopes that live. More than one if the scope of the handler ends while the next one is open already. */
    private final Queue<OpenScope> live = new ConcurrentLinkedQueue<>();

    /** One of these gets the failure of the scope: the innermost, which is the first. */
    private final Deque<Sinks.Empty<?>> racing = new ConcurrentLinkedDeque<>();

    private volatile HandlerScope current;

    /** What a scope has ended with before its end was begun here. */
    private volatile @Nullable Throwable reported;

    ExchangeHandling(RequestScopeFactory<ServerWebExchange> scopes, ServerWebExchange exchange) {
        this.scopes = scopes;
        this.exchange = exchange;
        this.limit = scopes.limitOf(exchange);
        this.current = prepare();
        exchange.getAttributes().put(ATTRIBUTE, this);
    }

    /** Returns the handling of an exchange; null if there is none. */
    static @Nullable ExchangeHandling of(ServerWebExchange exchange) {
        return exchange.getAttribute(ATTRIBUTE);
    }

    /** Returns what stands for the scope of the code that handles the request, and opens it when it is used. */
    Scope scope() {
        return lazy.standIn();
    }

    private HandlerScope current() {
        return current;
    }

    private HandlerScope prepare() {
        Supplier<OpenScope> opener = scopes.opener(limit);
        return new HandlerScope(() -> OpeningRequest.during(this::describe, opener), this::opened);
    }

    private OpeningRequest describe() {
        Object pattern = exchange.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        return new OpeningRequest(
                exchange.getRequest().getMethod().name(), pattern != null ? pattern.toString() : null);
    }

    private void opened(OpenScope open) {
        live.add(open);
        open.onDone(done -> {
            live.remove(open);
            HandlerScope now = current;
            if (now.opened() == done && !now.isEnded()) {
                Throwable failure = HandlerScope.failureOf(done);
                if (failure != null) {
                    failed(now, failure);
                }
            }
        });
    }

    // ---- failures of the scope while the handler is at work ----

    /** Ends the source by the failure of the scope, if that comes first. Where such sources nest, the innermost ends. */
    <T> Mono<T> orFailure(Mono<T> source) {
        return Mono.defer(() -> {
            Sinks.Empty<T> failed = Sinks.empty();
            return Mono.firstWithSignal(racing(source, failed), failed.asMono());
        });
    }

    /** As {@link #orFailure(Mono)}. */
    <T> Flux<T> orFailure(Flux<T> source) {
        return Flux.defer(() -> {
            Sinks.Empty<T> failed = Sinks.empty();
            Runnable over = begin(failed);
            return source.doOnTerminate(over).doOnCancel(over).takeUntilOther(failed.asMono());
        });
    }

    private <T> Mono<T> racing(Mono<T> source, Sinks.Empty<T> failed) {
        Runnable over = begin(failed);
        return source.doOnTerminate(over).doOnCancel(over);
    }

    private Runnable begin(Sinks.Empty<?> failed) {
        racing.push(failed);
        return () -> racing.remove(failed);
    }

    /** The scope has ended by a failure, a timeout or a cancellation. Whoever begins its end first reports that. */
    private void failed(HandlerScope scope, Throwable failure) {
        reported = failure;
        if (!scope.claimEnd()) {
            return;
        }
        for (Sinks.Empty<?> next = racing.poll(); next != null; next = racing.poll()) {
            if (next.tryEmitError(failure).isSuccess()) {
                return;
            }
        }
    }

    // ---- the end ----

    /** Ends the scope before the response is written. Fails if the scope has failed. */
    Mono<Void> beforeResponse() {
        return Mono.defer(() -> end(!scopes.joinsAtEnd(), false).flatMap(Mono::error));
    }

    /** Ends the scope of a request that has been handled. Fails if the scope has failed. */
    Mono<Void> completed() {
        return Mono.defer(() -> end(!scopes.joinsAtEnd(), true).flatMap(Mono::error));
    }

    /** Cancels the scope of a handler whose failure was answered already. Fails if the scope had failed before that. */
    Mono<Void> answered() {
        return Mono.defer(() -> end(true, false).flatMap(Mono::error));
    }

    /** Cancels the scope of a handler that has failed; gives what to answer. What runs next has a scope of its own. */
    Mono<Throwable> fail(Throwable failure) {
        return fail(failure, false);
    }

    /** As {@link #fail}, for a request that is over. */
    Mono<Throwable> failLast(Throwable failure) {
        return fail(failure, true);
    }

    private Mono<Throwable> fail(Throwable failure, boolean last) {
        return Mono.defer(() -> {
            HandlerScope ending = current;
            ending.noteTimeout(failure);
            Mono<Throwable> outcome = end(true, last);
            return failure == reported
                    ? Mono.just(failure)
                    : outcome.map(Optional::of)
                            .defaultIfEmpty(Optional.empty())
                            .map(ended -> ending.outcome(failure, ended.orElse(null)));
        });
    }

    /** Gives the failure of the scope once it has ended, or nothing. */
    private Mono<Throwable> end(boolean cancel, boolean last) {
        HandlerScope ending = current;
        OpenScope open = ending.opened();
        if (!last) {
            if (open == null) {
                return Mono.empty();
            }
            current = prepare();
        }
        if (ending.beginEnd(cancel) == null) {
            // It had ended by itself, or has never been opened.
            return open != null ? Mono.justOrEmpty(reported) : Mono.empty();
        }
        return Mono.create(sink -> Objects.requireNonNull(ending.opened()).onDone(done -> {
            Throwable failure = HandlerScope.failureOf(done);
            if (failure != null) {
                sink.success(failure);
            } else {
                sink.success();
            }
        }));
    }

    /** Cancels everything of a request whose client has gone, and does not wait: there is nobody to wait for. */
    void cancel() {
        current.beginEnd(false);
        for (OpenScope open : live) {
            open.cancel("the client has gone");
            open.onDone(done -> {
                Throwable failure = HandlerScope.failureOf(done);
                if (failure != null) {
                    UnansweredFailures.log(failure);
                }
            });
        }
    }
}
