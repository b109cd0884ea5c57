// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.reactor;

import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeOpener;
import io.traio.ScopeOptions;
import io.traio.Task;
import io.traio.TaskOptions;
import io.traio.spi.CancellationSignals;
import io.traio.spring.boot.internal.HandlerScope;
import io.traio.spring.boot.internal.LazyScope;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Signal;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Scopes in Reactor. The scope of a chain is in its context; that of a WebFlux request is there from the start, and is opened
 * when it is first used. None of these methods blocks a thread.
 *
 * <pre>{@code
 * Mono<String> flight = ReactorScopes.spawn("flight", () -> flights.find(id));
 * Mono<String> hotel = ReactorScopes.spawn("hotel", () -> hotels.find(id));
 * return Mono.zip(flight, hotel, Trip::new);
 * }</pre>
 *
 * <p>Where Reactor restores thread locals by itself ({@code spring.reactor.context-propagation=auto}), {@link Scope#current()}
 * finds the scope as well.
 */
public final class ReactorScopes {

    private static final ContextSnapshotFactory CONTEXT =
            ContextSnapshotFactory.builder().build();

    private ReactorScopes() {}

    /**
     * Returns the scope that a subscriber is in: that of its context, or else the {@linkplain Scope#current() current scope}
     * of the subscribing thread. Opens the scope of a request.
     *
     * @return the scope; fails with an {@link IllegalStateException} that says what to do if there is none
     */
    public static Mono<Scope> current() {
        return Mono.deferContextual(context -> Mono.just(require(context)));
    }

    /**
     * Returns the scope of a context, or else the current scope of this thread. Opens the scope of a request.
     *
     * @param context a context of Reactor
     * @return the scope; empty if there is none
     */
    public static Optional<Scope> find(ContextView context) {
        Scope ofContext = context.getOrDefault(LazyScope.KEY, null);
        if (ofContext == null) {
            return Scope.current();
        }
        // What opens the scope of a request looks at its observation, for one.
        try (ContextSnapshot.Scope restored = CONTEXT.setThreadLocalsFrom(context)) {
            return Optional.of(LazyScope.open(ofContext));
        }
    }

    /**
     * Makes a scope that of a chain: {@code mono.contextWrite(ReactorScopes.with(scope))}.
     *
     * @param scope the scope
     * @return what puts it into a context
     * @throws NullPointerException if the scope is null
     */
    public static Function<Context, Context> with(Scope scope) {
        Objects.requireNonNull(scope, "scope");
        return context -> context.put(LazyScope.KEY, scope);
    }

    /**
     * Spawns a task in the scope of each subscriber, with the scope's default options.
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param work what to do, on a thread of the task, where it may block
     * @return the outcome of the task
     * @throws NullPointerException if an argument is null
     * @see #spawn(String, Callable, UnaryOperator)
     */
    public static <T> Mono<T> spawn(String name, Callable<? extends @Nullable T> work) {
        return spawn(name, work, UnaryOperator.identity());
    }

    /**
     * Spawns a task in the scope of each subscriber, when it subscribes. The failure of the task is the subscriber's, as by
     * {@link Scope#spawnToJoin}: it does not cancel the scope. Cancelling the subscription cancels the task, and so does the
     * end of the scope. The task has the context of the subscriber, as far as that has accessors of thread locals.
     *
     * <p>The outcome comes on the thread that ends the task. A task that returns null completes without a value.
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param work what to do, on a thread of the task, where it may block
     * @param options from the scope's defaults to this task's options
     * @return the outcome of the task: its value, its failure, or a {@link ScopeCancelledException} if it was cancelled with
     *     its scope; an {@link IllegalStateException} if there is no scope, or the scope takes no more tasks
     * @throws NullPointerException if an argument is null
     */
    public static <T> Mono<T> spawn(
            String name, Callable<? extends @Nullable T> work, UnaryOperator<TaskOptions> options) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(work, "work");
        Objects.requireNonNull(options, "options");
        return Mono.deferContextual(context -> {
            Scope scope = require(context);
            Task<@Nullable T> task;
            try (ContextSnapshot.Scope restored = CONTEXT.setThreadLocalsFrom(context)) {
                task = scope.spawn(name, work, defaults -> options.apply(defaults.withToJoin(true)));
            }
            return Mono.fromFuture(task.toCancellingFuture())
                    .onErrorMap(CancellationException.class, ReactorScopes::cancelledWithScope);
        });
    }

    /**
     * Runs a {@code Mono} in a scope of its own, with default options.
     *
     * @param <T> type of the value
     * @param opener opens the scope: a factory, or what {@link Scope#fork()} returns
     * @param name name of the scope
     * @param body what to do in the scope
     * @return the outcome of the body, once the scope has ended
     * @throws NullPointerException if an argument is null
     * @see #scoped(ScopeOpener, String, UnaryOperator, Mono)
     */
    public static <T> Mono<T> scoped(ScopeOpener opener, String name, Mono<T> body) {
        return scoped(opener, name, UnaryOperator.identity(), body);
    }

    /**
     * Runs a {@code Mono} in a scope of its own, as {@code call} runs a body: the scope is opened when the result is
     * subscribed to, is that of the body's context, and is joined before the value goes on. If the body fails, or the
     * subscription is cancelled, the scope is cancelled. If the scope is cancelled, has failed or has timed out, its tasks end,
     * and then the body is cancelled and the failure of the scope goes on. From a factory, the scope is a child of that of the
     * subscriber, if there is one.
     *
     * @param <T> type of the value
     * @param opener opens the scope: a factory, or what {@link Scope#fork()} returns
     * @param name name of the scope
     * @param options from the defaults to the options of the scope
     * @param body what to do in the scope
     * @return the outcome of the body, once the scope has ended; a {@link ScopeCancelledException} if the scope was cancelled
     *     without a cause
     * @throws NullPointerException if an argument is null
     */
    public static <T> Mono<T> scoped(
            ScopeOpener opener, String name, UnaryOperator<ScopeOptions> options, Mono<T> body) {
        Objects.requireNonNull(opener, "opener");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(body, "body");
        return Mono.deferContextual(context -> {
            // The subscriber gets the failure.
            OpenScope scope = open(opener, name, defaults -> options.apply(defaults.withObserved(true)), context);
            return Mono.firstWithSignal(body, ReactorScopes.<T>cancellationOf(scope))
                    .contextWrite(with(scope))
                    .materialize()
                    .flatMap(signal -> end(scope, signal))
                    .<T>dematerialize()
                    .doOnCancel(() -> abandon(scope, context));
        });
    }

    private static OpenScope open(
            ScopeOpener opener, String name, UnaryOperator<ScopeOptions> options, ContextView context) {
        Scope around = find(context).orElse(null);
        try (ContextSnapshot.Scope restored = CONTEXT.setThreadLocalsFrom(context)) {
            if (around == null) {
                return opener.openShared(name, options);
            }
            try (Scope.Binding bound = around.bind()) {
                return opener.openShared(name, options);
            }
        }
    }

    /** Cancels a scope whose subscriber has gone, and drops its failure as Reactor does: it is logged. */
    private static void abandon(Scope scope, ContextView context) {
        scope.cancel("the subscription was cancelled");
        scope.onDone(done -> {
            Throwable failure = failureOf(done);
            if (failure != null) {
                Operators.onErrorDropped(failure, Context.of(context));
            }
        });
    }

    /** Gives the signal of the body, or the failure of the scope, when the scope has ended. */
    private static <T> Mono<Signal<T>> end(OpenScope scope, Signal<T> ofBody) {
        if (ofBody.isOnError()) {
            scope.cancel();
        } else {
            scope.complete();
        }
        return Mono.create(sink -> scope.onDone(done -> {
            Throwable failure = failureOf(done);
            sink.success(failure != null ? Signal.error(outcome(failure, ofBody.getThrowable())) : ofBody);
        }));
    }

    private static Throwable outcome(Throwable failure, @Nullable Throwable ofBody) {
        if (ofBody == null || ofBody == failure || CancellationSignals.isRefusal(ofBody)) {
            return failure;
        }
        if (ofBody.getCause() != null && ofBody.getCause() == failure.getCause()) {
            return ofBody;
        }
        failure.addSuppressed(ofBody);
        return failure;
    }

    /** Fails when a scope that was cancelled has ended; does nothing if it ends otherwise. */
    private static <T> Mono<T> cancellationOf(Scope scope) {
        Sinks.Empty<T> cancelled = Sinks.empty();
        scope.onDone(done -> {
            if (done.isCancelled()) {
                Throwable failure = failureOf(done);
                cancelled.tryEmitError(failure != null ? failure : HandlerScope.cancelled(done, null));
            }
        });
        return cancelled.asMono();
    }

    private static @Nullable Throwable failureOf(Scope done) {
        try {
            done.awaitDone();
            return null;
        } catch (Throwable failure) {
            return failure;
        }
    }

    private static Scope require(ContextView context) {
        return find(context)
                .orElseThrow(() -> new IllegalStateException("No scope in the context of the subscriber, nor on "
                        + Thread.currentThread()
                        + ". A chain that WebFlux subscribes to for a request has one; put another"
                        + " one into the context with contextWrite(ReactorScopes.with(scope)), or open one around the chain"
                        + " with ReactorScopes.scoped"));
    }

    private static Throwable cancelledWithScope(CancellationException cancelled) {
        return cancelled.getCause() instanceof ScopeCancelledException withScope ? withScope : cancelled;
    }
}
