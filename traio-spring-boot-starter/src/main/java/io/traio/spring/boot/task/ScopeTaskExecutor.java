// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task;

import io.traio.Scope;
import io.traio.Task;
import io.traio.TaskOptions;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskRejectedException;

/**
 * Spawns what it is given into the {@linkplain Scope#current() current scope}, so that {@code @Async} methods, the stages
 * of a {@link CompletableFuture} and asynchronous work of Spring MVC are tasks of that scope: waited for, cancelled and
 * counted with it. In an application it is the bean {@code scopeTaskExecutor}.
 *
 * <p>Where failures go:
 * <ul>
 *   <li>{@code execute}: the failure cancels the scope, as that of any task.
 *   <li>{@code submit} and {@code submitCompletable}: the failure belongs to the future and does not cancel the scope. If
 *       nobody waits for a future when it fails, the failure is logged too. Cancelling the future cancels the task.
 *   <li>{@code @Async} methods: one that returns a future fails that future; the failure of one that returns nothing goes
 *       to Spring's {@code AsyncUncaughtExceptionHandler}, see {@link ScopeAsyncUncaughtExceptionHandler}.
 *   <li>stages of a {@code CompletableFuture}, such as {@code supplyAsync(.., executor)}, fail their future.
 * </ul>
 *
 * <p>A {@code CompletableFuture} does not learn that its stage was cancelled before it started, and {@code join()} on it
 * cannot be interrupted: both would hang. Such a stage is therefore run after all, on a thread that is interrupted and in
 * the scope, which is cancelled, so that it ends at its first wait. The scope waits for it, at most a second.
 *
 * <p>Safe for use by several threads.
 */
public final class ScopeTaskExecutor implements AsyncTaskExecutor {

    private static final String TASK_NAME = "async";

    private final @Nullable AsyncTaskExecutor outside;
    private final LateStages lateStages;

    private ScopeTaskExecutor(@Nullable AsyncTaskExecutor outside, Executor threads) {
        this.outside = outside;
        this.lateStages = new LateStages(threads);
    }

    /**
     * An executor that refuses where no scope is current.
     *
     * @param threads runs stages of {@link CompletableFuture}s whose tasks were cancelled before they started
     * @return a new executor
     * @throws NullPointerException if the argument is null
     */
    public static ScopeTaskExecutor refusingOutside(Executor threads) {
        return new ScopeTaskExecutor(null, Objects.requireNonNull(threads, "threads"));
    }

    /**
     * An executor that hands on to another one where no scope is current.
     *
     * @param outside the other one
     * @return a new executor
     * @throws NullPointerException if the argument is null
     */
    public static ScopeTaskExecutor fallingBackTo(AsyncTaskExecutor outside) {
        return new ScopeTaskExecutor(Objects.requireNonNull(outside, "outside"), outside);
    }

    /**
     * Spawns a task, whose failure cancels the scope.
     *
     * @param task what to do
     * @throws NullPointerException if the task is null
     * @throws TaskRejectedException if no scope is current and this executor has no other one for that, or if the scope
     *     takes no more tasks
     */
    @Override
    public void execute(Runnable task) {
        Objects.requireNonNull(task, "task");
        Scope scope = currentScope();
        if (scope == null) {
            outside().execute(task);
            return;
        }
        ScopeWork<?> work = new ScopeWork<>(scope, Executors.callable(task));
        Task<?> spawned = spawn(work, UnaryOperator.identity());
        if (LateStages.keepsItsFailure(task)) {
            lateStages.watch(spawned, work, task);
        }
    }

    /**
     * Spawns a task.
     *
     * @param task what to do
     * @return the task, which has its failure too
     * @throws NullPointerException if the task is null
     * @throws TaskRejectedException as {@link #execute(Runnable)}
     */
    @Override
    public Future<?> submit(Runnable task) {
        return submit(callable(task));
    }

    /**
     * Spawns a task.
     *
     * @param <T> type of the result
     * @param task what to do
     * @return the task, which has its result or failure
     * @throws NullPointerException if the task is null
     * @throws TaskRejectedException as {@link #execute(Runnable)}
     */
    @Override
    public <T extends @Nullable Object> Future<T> submit(Callable<T> task) {
        Objects.requireNonNull(task, "task");
        Scope scope = currentScope();
        return scope == null ? outside().submit(task) : spawnForFuture(scope, task);
    }

    /**
     * Spawns a task.
     *
     * @param task what to do
     * @return a future that has the task's failure; cancelling it cancels the task
     * @throws NullPointerException if the task is null
     * @throws TaskRejectedException as {@link #execute(Runnable)}
     */
    @Override
    public CompletableFuture<Void> submitCompletable(Runnable task) {
        return submitCompletable(callable(task));
    }

    /**
     * Spawns a task.
     *
     * @param <T> type of the result
     * @param task what to do
     * @return a future that has the task's result or failure; cancelling it cancels the task
     * @throws NullPointerException if the task is null
     * @throws TaskRejectedException as {@link #execute(Runnable)}
     */
    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submitCompletable(Callable<T> task) {
        Objects.requireNonNull(task, "task");
        Scope scope = currentScope();
        if (scope == null) {
            return outside().submitCompletable(task);
        }
        Task<T> spawned = spawnForFuture(scope, task);
        CompletableFuture<T> future = spawned.toCompletableFuture();
        future.whenComplete((value, failure) -> {
            if (future.isCancelled()) {
                spawned.cancel();
            }
        });
        return future;
    }

    private <T extends @Nullable Object> Task<T> spawnForFuture(Scope scope, Callable<T> task) {
        return spawn(new ScopeWork<>(scope, task), options -> options.withBubble(false));
    }

    private static <T extends @Nullable Object> Task<T> spawn(ScopeWork<T> work, UnaryOperator<TaskOptions> options) {
        Scope scope = work.scope();
        try {
            return scope.spawn(TASK_NAME, work, options);
        } catch (RejectedExecutionException | IllegalStateException e) {
            throw new TaskRejectedException("Not run: " + e.getMessage(), e);
        }
    }

    private static @Nullable Scope currentScope() {
        return Scope.current().orElse(null);
    }

    private AsyncTaskExecutor outside() {
        if (outside == null) {
            throw new TaskRejectedException("No scope is current on thread '"
                    + Thread.currentThread().getName()
                    + "', and scopeTaskExecutor runs work in scopes only. Open a scope around the call, use another"
                    + " executor, or set traio.async.outside=fallback");
        }
        return outside;
    }

    @SuppressWarnings("NullAway") // null is the only Void, and what Spring's signatures mean
    private static Callable<Void> callable(Runnable task) {
        return Executors.callable(Objects.requireNonNull(task, "task"), null);
    }
}
