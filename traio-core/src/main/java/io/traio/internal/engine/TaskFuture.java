// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A future with the outcome of a task. Notes whether the outcome is looked at: a failure that nobody sees is logged. */
final class TaskFuture<T extends @Nullable Object> extends CompletableFuture<T> {

    private final TaskNode<?> task;

    TaskFuture(TaskNode<?> task) {
        this.task = task;
    }

    /** Called for each dependent: {@code thenApply}, {@code whenComplete} and all others. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        task.lookedAt();
        return new CompletableFuture<>();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        task.lookedAt();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        task.lookedAt();
        return super.get(timeout, unit);
    }

    @Override
    public T join() {
        task.lookedAt();
        return super.join();
    }

    @Override
    public T getNow(T valueIfAbsent) {
        if (isDone()) {
            task.lookedAt();
        }
        return super.getNow(valueIfAbsent);
    }

    @Override
    public boolean isCompletedExceptionally() {
        if (isDone()) {
            task.lookedAt();
        }
        return super.isCompletedExceptionally();
    }
}
