// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.internal.Names;
import io.traio.internal.engine.Engines;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work that a {@link Scope} owns, and the handle on its result.
 *
 * <p><b>Who waits takes the error.</b> The failure of a task cancels its scope, unless a thread is waiting for the task at
 * that moment: then the failure is the waiter's. A wait that gives up (timed out, interrupted) hands it back. So the outcome
 * of {@code spawn} and then {@code join} depends on timing. {@link Scope#spawnToJoin} and {@link Scope#await(String,
 * java.util.concurrent.Callable) await} keep the failure for the waiter, however early it comes. A callback takes the failure
 * over, too.
 *
 * <p>Tasks are thread-safe. See {@link Scope} for memory consistency.
 *
 * @param <T> type of the result
 */
public interface Task<T extends @Nullable Object> extends Future<T> {

    /** Lifecycle status of a task. */
    enum Status {
        /** Not started. */
        QUEUED,
        /** Runs, and has not said yet that it is ready: {@link Scope#start} waits for that. */
        STARTING,
        /** Runs. */
        RUNNING,
        /** Was cancelled and still runs. */
        CANCELLING,
        /** Was cancelled, still runs, and its {@link TaskOptions#cancelTimeout() grace period} is over. */
        STRAGGLING,
        /** Has ended with a result. */
        SUCCEEDED,
        /** Has ended with an exception. */
        FAILED,
        /** Was cancelled, and has ended or was abandoned. */
        CANCELLED
    }

    /**
     * Returns the task that this thread runs: the innermost one, whatever scopes it has opened meanwhile.
     *
     * @return the current task; empty if this thread runs none
     */
    static Optional<Task<?>> current() {
        return Optional.ofNullable(Engines.currentTask());
    }

    /**
     * Returns the name, as it was given. It may hold any characters: print {@link #displayName()} or the task itself.
     *
     * @return the name
     */
    String name();

    /**
     * Returns the name with control and direction characters escaped, cut to 200 characters.
     *
     * @return a name that is safe to print
     */
    default String displayName() {
        return Names.printable(name());
    }

    /**
     * Returns a number that no other scope or task of this process has.
     *
     * @return the id
     */
    long id();

    /**
     * Returns the scope that the task was spawned in.
     *
     * @return the scope
     */
    Scope scope();

    /**
     * Returns the lifecycle status of the task at this moment.
     *
     * @return the status
     */
    Status status();

    /**
     * Returns the options that the task was spawned with.
     *
     * @return the options
     */
    TaskOptions options();

    /**
     * Waits for the task as {@link #get()} does, without checked exceptions.
     *
     * @return its result
     * @throws ScopeFailedException if the task failed with a checked exception; unchecked exceptions and errors are
     *     thrown as they are
     * @throws java.util.concurrent.CancellationException if the task was cancelled by itself
     * @throws ScopeCancelledException if the task was cancelled with its scope, or if it is not done and this thread
     *     belongs to a scope or task that is cancelled
     * @throws ScopeInterruptedException if this thread was interrupted from outside; its interrupt flag is set
     * @throws IllegalStateException if the task waits for itself, or would through others, which are named
     */
    T join();

    /**
     * Waits for the task.
     *
     * @return its result
     * @throws ExecutionException if the task failed
     * @throws java.util.concurrent.CancellationException if the task was cancelled
     * @throws ScopeCancelledException if the task is not done and this thread belongs to a scope or task that is
     *     cancelled
     * @throws InterruptedException if this thread was interrupted from outside
     * @throws IllegalStateException if the task waits for itself, or would through others, which are named
     */
    @Override
    T get() throws InterruptedException, ExecutionException;

    /**
     * Waits for the task, at most for some time.
     *
     * @return its result
     * @throws TimeoutException if the time is over; the task goes on, and its failure is no longer this waiter's
     * @throws ExecutionException as {@link #get()}
     * @throws java.util.concurrent.CancellationException as {@link #get()}
     * @throws ScopeCancelledException as {@link #get()}
     * @throws InterruptedException as {@link #get()}
     * @throws IllegalStateException as {@link #get()}
     * @throws NullPointerException if the unit is null
     */
    @Override
    T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException;

    /**
     * Waits until the task has ended, however it ends. Neither throws its failure nor takes it over: what becomes of the
     * failure is as if no thread waited. To cancel the task and wait, call {@link #cancel()} first.
     *
     * @throws ScopeCancelledException if the task is not done and this thread belongs to a scope or task that is
     *     cancelled
     * @throws ScopeInterruptedException if this thread was interrupted from outside; its interrupt flag is set
     * @throws IllegalStateException if the task waits for itself, or would through others, which are named
     */
    void awaitEnd();

    /**
     * Waits until the task has ended, as {@link #awaitEnd()} does, at most for some time.
     *
     * @param timeout how long to wait; zero or less does not wait
     * @return whether the task has ended
     * @throws NullPointerException if the timeout is null
     * @throws ScopeCancelledException as {@link #awaitEnd()}
     * @throws ScopeInterruptedException as {@link #awaitEnd()}
     * @throws IllegalStateException as {@link #awaitEnd()}
     */
    boolean awaitEnd(Duration timeout);

    /**
     * Cancels the task: one that has not started never will, one that runs is interrupted. A cancelled task does
     * not cancel its scope. The handle is done when the task has ended, or at once if it is to be
     * {@linkplain TaskOptions#withAbandonOnCancel(boolean) abandoned}. Does not wait.
     *
     * @return whether the task was cancelled by this call
     */
    boolean cancel();

    /**
     * Cancels the task as {@link #cancel()} does: {@link TaskOptions#interruptOnCancel()} says whether that interrupts the
     * thread.
     *
     * @param mayInterruptIfRunning has no effect
     * @return whether the task was cancelled by this call
     */
    @Override
    default boolean cancel(boolean mayInterruptIfRunning) {
        return cancel();
    }

    /**
     * Registers a callback for the end of the task. It runs on the thread that ends the task, inside the task's scope, which
     * waits for it; or here and now if the task has ended. What it throws is logged.
     *
     * <p>A failure of the task that no thread waits for is the callback's: it does not cancel the scope. The callback has seen
     * the failure if it asks the task for its outcome, by {@code join}, {@code get} or {@code status}; otherwise the failure
     * is logged as a warning.
     *
     * @param callback receives this task
     * @throws NullPointerException if the callback is null
     */
    void onDone(Consumer<? super Task<T>> callback);

    /**
     * Returns a future with the outcome of this task, which takes over its failure as a callback does. Cancelling the future
     * does not cancel the task.
     *
     * @return a new future
     * @see #toCancellingFuture()
     */
    CompletableFuture<T> toCompletableFuture();

    /**
     * Returns a future as {@link #toCompletableFuture()} does that also cancels the task, as {@link #cancel()} does, if
     * anything else completes the future first: {@link CompletableFuture#cancel cancel}, {@link CompletableFuture#orTimeout
     * orTimeout}, {@link CompletableFuture#completeOnTimeout completeOnTimeout}, or code that calls {@code complete}. The
     * future is done then, while the task may take some time to end; its scope waits for it.
     *
     * <p>Stages that are derived from the future, as by {@code thenApply}, do not pass their own cancellation or timeout on to
     * it, as is the rule for {@code CompletableFuture}. So set the timeout first: {@code
     * task.toCancellingFuture().orTimeout(1, SECONDS).thenApply(...)}. (Kotlin: {@code Deferred.asCompletableFuture()}.)
     *
     * @return a new future
     */
    CompletableFuture<T> toCancellingFuture();
}
