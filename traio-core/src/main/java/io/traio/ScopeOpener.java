// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where scopes are opened: a {@link ScopeFactory}, or the {@link Scope#fork() fork} of a scope.
 *
 * <p>There are three ways. {@code run} and {@code call} take the body of the scope and are the primary way. {@code open}
 * returns a resource for a {@code try} block. {@code openShared} returns one that lives for as long as it is needed and that
 * any thread may use.
 *
 * <p>A scope that is opened where another is current becomes a child of that one, unless it is
 * {@linkplain ScopeOptions#withDetached(boolean) detached}. Options are given as a function from the defaults to what is
 * wanted: {@code s -> s.withTimeout(ofMillis(800))}.
 *
 * <p>Implementations are thread-safe.
 */
public interface ScopeOpener {

    /** The name of a scope that is opened without one. */
    String DEFAULT_NAME = "scope";

    /**
     * What a scope does, with a result.
     *
     * @param <T> type of the result
     */
    @FunctionalInterface
    interface Body<T extends @Nullable Object> {

        /**
         * Runs on the thread that opens the scope.
         *
         * @param scope the scope, which is also the {@linkplain Scope#current() current} one
         * @return the result
         * @throws Exception if the body fails; this cancels the scope, and its exit throws it
         */
        T call(Scope scope) throws Exception;
    }

    /** What a scope does, without a result. */
    @FunctionalInterface
    interface VoidBody {

        /**
         * Runs on the thread that opens the scope.
         *
         * @param scope the scope, which is also the {@linkplain Scope#current() current} one
         * @throws Exception if the body fails; this cancels the scope, and its exit throws it
         */
        void run(Scope scope) throws Exception;
    }

    /**
     * Opens a scope, calls the body in it, and waits for its tasks.
     *
     * <p>Returns when the body has ended and no task of the scope runs any more: awaited tasks are waited for,
     * background tasks are then cancelled. The first failure of a task or of the body cancels all others and is thrown
     * from here, with the later ones {@linkplain Throwable#addSuppressed suppressed}.
     *
     * @param <T> type of the result
     * @param name name of the scope
     * @param options from the defaults to this scope's options
     * @param body what to do
     * @return what the body returned
     * @throws NullPointerException if an argument is null; nothing is opened
     * @throws IllegalArgumentException if the scope is to be shielded and has no timeout; nothing is opened
     * @throws IllegalStateException if the parent has ended or is ending, if the factory is closed, or if the body or a
     *     task left a scope open that was opened inside this one
     * @throws ScopeFailedException if the body or a task failed with a checked exception; unchecked exceptions and
     *     errors are thrown as they are
     * @throws ScopeTimeoutException if the scope's timeout has passed
     * @throws ScopeCancelledException if the scope was cancelled, without a cause and before the body had returned its
     *     value, or together with its parent
     * @throws ScopeInterruptedException if this thread was interrupted from outside
     * @throws StragglerException if a cancelled task did not end in time
     */
    <T extends @Nullable Object> T call(String name, UnaryOperator<ScopeOptions> options, Body<T> body);

    /**
     * Opens a scope with default options, calls the body in it, and waits for its tasks.
     *
     * @param <T> type of the result
     * @param name name of the scope
     * @param body what to do
     * @return what the body returned
     * @see #call(String, UnaryOperator, Body)
     */
    default <T extends @Nullable Object> T call(String name, Body<T> body) {
        return call(name, UnaryOperator.identity(), body);
    }

    /**
     * Opens a scope with default options and the name {@value #DEFAULT_NAME}, calls the body in it, and waits for its
     * tasks.
     *
     * @param <T> type of the result
     * @param body what to do
     * @return what the body returned
     * @see #call(String, UnaryOperator, Body)
     */
    default <T extends @Nullable Object> T call(Body<T> body) {
        return call(DEFAULT_NAME, body);
    }

    /**
     * Opens a scope, runs the body in it, and waits for its tasks. As {@link #call(String, UnaryOperator, Body) call},
     * but a scope that is cancelled without a cause makes it return silently.
     *
     * @param name name of the scope
     * @param options from the defaults to this scope's options
     * @param body what to do
     * @throws NullPointerException if an argument is null; nothing is opened
     * @throws IllegalStateException as {@link #call(String, UnaryOperator, Body) call}
     * @throws ScopeFailedException as {@link #call(String, UnaryOperator, Body) call}
     * @throws ScopeTimeoutException if the scope's timeout has passed
     * @throws ScopeCancelledException if the scope was cancelled together with its parent
     * @throws ScopeInterruptedException if this thread was interrupted from outside
     * @throws StragglerException if a cancelled task did not end in time
     */
    void run(String name, UnaryOperator<ScopeOptions> options, VoidBody body);

    /**
     * Opens a scope with default options, runs the body in it, and waits for its tasks.
     *
     * @param name name of the scope
     * @param body what to do
     * @see #run(String, UnaryOperator, VoidBody)
     */
    default void run(String name, VoidBody body) {
        run(name, UnaryOperator.identity(), body);
    }

    /**
     * Opens a scope with default options and the name {@value #DEFAULT_NAME}, runs the body in it, and waits for its
     * tasks.
     *
     * @param body what to do
     * @see #run(String, UnaryOperator, VoidBody)
     */
    default void run(VoidBody body) {
        run(DEFAULT_NAME, body);
    }

    /**
     * Opens a scope, calls the body in it, and waits for its tasks. As {@link #call(String, UnaryOperator, Body) call}, but
     * neither the scope's own timeout nor a cancel without a cause is thrown: the result says so. Trio has {@code
     * move_on_after}, Kotlin {@code withTimeoutOrNull}.
     *
     * <pre>{@code
     * Quote best = scopes.tryCall("quotes", s -> s.withTimeout(ofMillis(800)), this::quotes).orElse(Quote.NONE);
     * }</pre>
     *
     * <p>All else is thrown as by {@code call}: failures, the cancellation of the parent, an interrupt from outside,
     * stragglers. So is a timeout in whose course something has failed, with the failures suppressed.
     *
     * @param <T> type of the value
     * @param name name of the scope
     * @param options from the defaults to this scope's options
     * @param body what to do
     * @return the value of the body, or why there is none
     * @throws NullPointerException if an argument is null; nothing is opened
     * @throws IllegalStateException as {@link #call(String, UnaryOperator, Body) call}
     * @throws ScopeFailedException as {@link #call(String, UnaryOperator, Body) call}
     * @throws ScopeTimeoutException if the scope's timeout has passed, and something has failed
     * @throws ScopeCancelledException if the scope was cancelled together with its parent
     * @throws ScopeInterruptedException if this thread was interrupted from outside
     * @throws StragglerException if a cancelled task did not end in time
     */
    <T extends @Nullable Object> ScopeResult<T> tryCall(String name, UnaryOperator<ScopeOptions> options, Body<T> body);

    /**
     * Opens a scope, runs the body in it, and waits for its tasks. As {@link #tryCall tryCall}, without a value.
     *
     * @param name name of the scope
     * @param options from the defaults to this scope's options
     * @param body what to do
     * @return whether the body has returned in time, and if not, why
     * @see #tryCall(String, UnaryOperator, Body)
     */
    ScopeResult<@Nullable Void> tryRun(String name, UnaryOperator<ScopeOptions> options, VoidBody body);

    /**
     * Opens a scope as a resource of a {@code try} block. It belongs to this thread, which must {@link OpenScope#join()
     * join} and then {@link OpenScope#close() close} it; until then it is this thread's current scope.
     *
     * @param name name of the scope
     * @param options from the defaults to this scope's options
     * @return the open scope
     * @throws NullPointerException if an argument is null; nothing is opened
     * @throws IllegalStateException if the parent has ended or is ending, or the factory is closed
     */
    OpenScope open(String name, UnaryOperator<ScopeOptions> options);

    /**
     * Opens a scope with default options as a resource of a {@code try} block.
     *
     * @param name name of the scope
     * @return the open scope
     * @see #open(String, UnaryOperator)
     */
    default OpenScope open(String name) {
        return open(name, UnaryOperator.identity());
    }

    /**
     * Opens a scope with default options and the name {@value #DEFAULT_NAME} as a resource of a {@code try} block.
     *
     * @return the open scope
     * @see #open(String, UnaryOperator)
     */
    default OpenScope open() {
        return open(DEFAULT_NAME);
    }

    /**
     * Opens a scope that any thread may use, over any time: the idea of {@code Arena.ofShared()}. It has no body that
     * could be interrupted, and it does not become the current scope of this thread. It stays open until it is
     * {@linkplain Scope#complete() completed} and its last awaited task has ended, or until it is cancelled.
     *
     * @param name name of the scope
     * @param options from the defaults to this scope's options
     * @return the open scope
     * @throws NullPointerException if an argument is null; nothing is opened
     * @throws IllegalStateException if the parent has ended or is ending, or the factory is closed
     */
    OpenScope openShared(String name, UnaryOperator<ScopeOptions> options);

    /**
     * Opens a scope with default options that any thread may use.
     *
     * @param name name of the scope
     * @return the open scope
     * @see #openShared(String, UnaryOperator)
     */
    default OpenScope openShared(String name) {
        return openShared(name, UnaryOperator.identity());
    }

    /**
     * Opens a scope with default options and the name {@value #DEFAULT_NAME} that any thread may use.
     *
     * @return the open scope
     * @see #openShared(String, UnaryOperator)
     */
    default OpenScope openShared() {
        return openShared(DEFAULT_NAME);
    }
}
