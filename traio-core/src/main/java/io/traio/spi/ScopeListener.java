// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

import io.traio.Scope;
import io.traio.ScopeSnapshot;
import io.traio.Task;
import org.jspecify.annotations.Nullable;

/**
 * A listener that is notified of every step in the life of scopes and tasks. Trio calls it an instrument.
 *
 * <p>Methods are called by the thread that takes the step, which holds no lock. What they throw is logged and not propagated. A
 * slow listener slows down that thread and no other. Implementations must be thread-safe.
 *
 * <p>For each scope, {@code scopeOpened} is called first, once, and {@code scopeClosed} once, after {@code scopeCancelled}
 * if the scope was cancelled. For each task, {@code taskSpawned} is called first, once, and {@code taskEnded} once. {@code
 * taskStarted} is called at most once, before {@code taskEnded}, and never for a task that was cancelled before its start.
 */
public interface ScopeListener {

    /**
     * Returns whether {@link #taskSpawned}, {@link #taskStarted} and {@link #taskEnded} need not be called. Asked once, when
     * the factory is created. A listener that returns true adds nothing to what a task costs.
     *
     * @return whether this listener ignores tasks that come and go; false by default
     */
    default boolean ignoresTasks() {
        return false;
    }

    /**
     * Called when a scope was opened.
     *
     * @param scope the scope
     */
    default void scopeOpened(Scope scope) {}

    /**
     * Returns how many scopes and tasks {@link #scopeUnfinished} is to show, for each reason for which a scope may be
     * cancelled. Asked once for each, when the factory is created. What is shown costs the canceller some time before it
     * cancels, so this should not be more than some hundreds.
     *
     * @param reason why a scope is cancelled
     * @return the number; 0 or less, which is the default, if {@code scopeUnfinished} need not be called
     */
    default int maxUnfinished(CancelReason reason) {
        return 0;
    }

    /**
     * Called before {@link #scopeCancelled}, with what was unfinished before the body and the tasks below were cancelled. Not
     * called for scopes that are cancelled with one above them, nor if the scope was cancelled while it was being opened.
     *
     * @param scope the scope
     * @param unfinished the scope as it was, cut off after {@linkplain #maxUnfinished so many} scopes and tasks
     * @param reason why it was cancelled
     * @param cause the failure that it was cancelled with; null if there is none
     * @param task names the task that failed, and is safe to print; null if it was not a task
     */
    default void scopeUnfinished(
            Scope scope,
            ScopeSnapshot unfinished,
            CancelReason reason,
            @Nullable Throwable cause,
            @Nullable String task) {}

    /**
     * Called when a scope was cancelled, once its body and all tasks below have been cancelled.
     *
     * @param scope the scope
     * @param reason why it was cancelled
     * @param cause the failure that it was cancelled with; null if there is none
     */
    default void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {}

    /**
     * Called when a scope has ended: no task of it runs, except for stragglers and abandoned tasks. Its waiters have not been
     * woken yet.
     *
     * @param scope the scope
     * @param outcome how it ended
     */
    default void scopeClosed(Scope scope, ScopeOutcome outcome) {}

    /**
     * Called when a shared scope failed, or left stragglers, and no thread awaits it.
     *
     * @param scope the scope
     * @param failure what it failed with
     */
    default void scopeFailureUnobserved(Scope scope, Throwable failure) {}

    /**
     * Called by the spawner when a task was spawned. The task has not started yet.
     *
     * @param task the task
     */
    default void taskSpawned(Task<?> task) {}

    /**
     * Called by the thread that runs a task when the task starts.
     *
     * @param task the task
     * @param waitNanos the time since the task was spawned, in nanoseconds
     */
    default void taskStarted(Task<?> task, long waitNanos) {}

    /**
     * Called when a task has ended, or was abandoned. The task is done. If its failure cancels the scope, that comes after
     * this call.
     *
     * @param task the task
     * @param failure what the task failed with; null if it succeeded, or was cancelled without a failure of its own
     * @param runNanos how long the task ran, in nanoseconds, at least 1; 0 if {@code taskStarted} was not called for it
     */
    default void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {}

    /**
     * Called when a cancelled task did not end within its grace period, and runs on.
     *
     * @param task the task
     */
    default void taskStraggling(Task<?> task) {}

    /**
     * Called when the body of a cancelled scope did not end within the grace period of the scope, and runs on. The scope
     * waits for it.
     *
     * @param scope the scope
     */
    default void bodyStraggling(Scope scope) {}

    /**
     * Called when a straggler has ended after all.
     *
     * @param task the task
     */
    default void stragglerEnded(Task<?> task) {}

    /**
     * Called when a task was cancelled and is abandoned: its thread runs on. {@code taskEnded} follows at once.
     *
     * @param task the task
     */
    default void taskAbandoned(Task<?> task) {}

    /**
     * Called when the thread of an abandoned task has ended the task's work.
     *
     * @param task the task
     */
    default void abandonedEnded(Task<?> task) {}
}
