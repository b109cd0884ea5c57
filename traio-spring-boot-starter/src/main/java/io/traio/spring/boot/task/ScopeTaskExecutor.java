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
 * Spawns its work into the {@linkplain Scope#current() current scope}, so that {@code @Async} methods, the stages of a
 * {@link CompletableFuture} and asynchronous work of Spring MVC are tasks of that scope: awaited, cancelled and counted
 * with it. In an application it is the bean {@code scopeTaskExecutor}.
 *
 * <p>Where failures go:
 * <ul>
 *   <li>{@code execute}: the failure cancels the scope, as that of any task.
 *   <li>{@code submit} and {@code submitCompletable}: the failure belongs to the future and does not cancel the scope. If
 *       no code has looked at it when the scope ends, it is logged. Cancelling the future cancels the task.
 *   <li>{@code @Async} methods: a method that returns a future fails the future; the failure of a method without a result
 *       goes to Spring's {@code AsyncUncaughtExceptionHandler}, see {@link ScopeAsyncUncaughtExceptionHandler}.
 *   <li>stages of a {@code CompletableFuture}, such as {@code supplyAsync(.., executor)}, fail their future.
 * </ul>
 *
 * <p>A {@code CompletableFuture} is not notified when its stage is cancelled before it starts, and its {@code join()} cannot
 * be interrupted: a thread that joins it would hang. So the stage is run all the same, on an interrupted thread in the
 * cancelled scope, and ends at its first wait. The scope waits for it, at most a second.
 *
 * <p>Thread-safe.
 */
public final class ScopeTaskExecutor implements AsyncTaskExecutor {

    private static final String TASK_NAME = "async";

    private final @Nullable AsyncTaskExecutor outside;
    private final StageCompleter lateStages;

    private ScopeTaskExecutor(@Nullable AsyncTaskExecutor outside, Executor threads) {
        this.outside = outside;
        this.lateStages = new StageCompleter(threads);
    }

    /**
     * Creates an executor that rejects work where no scope is current.
     *
     * @param threads runs stages of {@link CompletableFuture}s whose tasks were cancelled before they started
     * @return a new executor
     * @throws NullPointerException if the argument is null
     */
    public static ScopeTaskExecutor refusingOutside(Executor threads) {
        return new ScopeTaskExecutor(null, Objects.requireNonNull(threads, "threads"));
    }

    /**
     * Creates an executor that passes work to another one where no scope is current.
     *
     * @param outside the other executor
     * @return a new executor
     * @throws NullPointerException if the argument is null
     */
    public static ScopeTaskExecutor fallingBackTo(AsyncTaskExecutor outside) {
        return new ScopeTaskExecutor(Objects.requireNonNull(outside, "outside"), outside);
    }

    /**
     * Spawns a task, whose failure cancels the scope.
     *
     * @param task the work
     * @throws NullPointerException if the task is null
     * @throws TaskRejectedException if no scope is current and this executor has no other one for that case, or if the
     *     scope accepts no more tasks
     */
    @Override
    public void execute(Runnable task) {
        Objects.requireNonNull(task, "task");
        Scope scope = currentScope();
        if (scope == null) {
            outside().execute(task);
            return;
        }
        ScopeCallable<?> work = new ScopeCallable<>(scope, Executors.callable(task));
        Task<?> spawned = spawn(work, UnaryOperator.identity());
        if (StageCompleter.keepsItsFailure(task)) {
            lateStages.watch(spawned, work, task);
        }
    }

    /**
     * Spawns a task.
     *
     * @param task the work
     * @return the task, which holds its failure
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
     * @param task the work
     * @return the task, which holds its result or failure
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
     * @param task the work
     * @return a future of the task; cancelling it cancels the task
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
     * @param task the work
     * @return a future of the task's result; cancelling it cancels the task
     * @throws NullPointerException if the task is null
     * @throws TaskRejectedException as {@link #execute(Runnable)}
     */
    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submitCompletable(Callable<T> task) {
        Objects.requireNonNull(task, "task");
        Scope scope = currentScope();
        return scope == null
                ? outside().submitCompletable(task)
                : spawnForFuture(scope, task).toCancellingFuture();
    }

    /** Keeps the failure for whoever looks at the future, however early it comes. */
    private <T extends @Nullable Object> Task<T> spawnForFuture(Scope scope, Callable<T> task) {
        return spawn(
                new ScopeCallable<>(scope, task),
                options -> options.withBubble(false).withToJoin(true));
    }

    private static <T extends @Nullable Object> Task<T> spawn(
            ScopeCallable<T> work, UnaryOperator<TaskOptions> options) {
        Scope scope = work.scope();
        try {
            return scope.spawn(TASK_NAME, work, options);
        } catch (RejectedExecutionException | IllegalStateException e) {
            throw new TaskRejectedException("Task rejected: " + e.getMessage(), e);
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

    @SuppressWarnings("NullAway") // null is the only value of Void
    private static Callable<Void> callable(Runnable task) {
        return Executors.callable(Objects.requireNonNull(task, "task"), null);
    }
}
