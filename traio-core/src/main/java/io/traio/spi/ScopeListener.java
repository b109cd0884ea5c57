// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

import io.traio.Scope;
import io.traio.Task;
import org.jspecify.annotations.Nullable;

/**
 * Told of every step in the life of scopes and tasks: Trio calls it an instrument.
 *
 * <p>Methods are called on the thread that takes the step, while no lock is held. What they throw is logged and goes no
 * further. A slow listener slows the thread that calls it, and nothing else. Implementations must be safe for use by
 * several threads; the steps of one task come in order.
 *
 * <p>For each scope {@code scopeOpened} and {@code scopeClosed} are called once. For each task {@code taskSpawned} and
 * {@code taskEnded} are called once, and {@code taskStarted} at most once, never for a task that was cancelled before.
 */
public interface ScopeListener {

    /**
     * A scope was opened.
     *
     * @param scope the scope
     */
    default void scopeOpened(Scope scope) {}

    /**
     * A scope was cancelled.
     *
     * @param scope the scope
     * @param reason why
     * @param cause the failure behind it; null if there is none
     */
    default void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {}

    /**
     * A scope has ended: no task of it runs, save stragglers.
     *
     * @param scope the scope
     * @param outcome how it ended
     */
    default void scopeClosed(Scope scope, ScopeOutcome outcome) {}

    /**
     * A child scope failed, or left stragglers, and nobody awaits it.
     *
     * @param scope the scope
     * @param failure what it failed with
     */
    default void scopeFailureUnobserved(Scope scope, Throwable failure) {}

    /**
     * A task was spawned.
     *
     * @param task the task
     */
    default void taskSpawned(Task<?> task) {}

    /**
     * A task has started; called on its thread.
     *
     * @param task the task
     * @param waitNanos time since it was spawned, in nanoseconds
     */
    default void taskStarted(Task<?> task, long waitNanos) {}

    /**
     * A task has ended, or was abandoned.
     *
     * @param task the task
     * @param failure what it failed with; null if it succeeded or was cancelled without a failure of its own
     * @param runNanos how long it ran, in nanoseconds, at least 1; 0 if {@code taskStarted} was not called for it
     */
    default void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {}

    /**
     * A cancelled task did not end in time, and runs on.
     *
     * @param task the task
     */
    default void taskStraggling(Task<?> task) {}

    /**
     * The body of a cancelled scope did not end within the grace period of the scope, and runs on. The scope waits for it.
     *
     * @param scope the scope
     */
    default void bodyStraggling(Scope scope) {}

    /**
     * A straggler has ended after all.
     *
     * @param task the task
     */
    default void stragglerEnded(Task<?> task) {}

    /**
     * A task was cancelled and its thread left to itself. {@code taskEnded} follows at once.
     *
     * @param task the task
     */
    default void taskAbandoned(Task<?> task) {}

    /**
     * The thread of an abandoned task is free again.
     *
     * @param task the task
     */
    default void abandonedEnded(Task<?> task) {}
}
