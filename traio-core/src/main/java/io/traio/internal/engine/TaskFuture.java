// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A future with the outcome of a task. Notes whether the outcome is looked at: a failure that is not seen is logged. */
final class TaskFuture<T extends @Nullable Object> extends CompletableFuture<T> {

    private final Runnable looked;

    /** Whether a dependent is a reader's. Not yet while one is added here, before the future is published. */
    private final boolean published;

    TaskFuture(Runnable looked) {
        this.looked = looked;
        this.published = true;
    }

    /** With what cancels the task: called at the end of the future, whatever completes it. */
    TaskFuture(Runnable looked, Runnable cancel) {
        this.looked = looked;
        CompletableFuture<T> unused = whenComplete((value, failure) -> cancel.run());
        this.published = true;
    }

    /** Called for each dependent: {@code thenApply}, {@code whenComplete} and all others. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        if (published) {
            looked.run();
        }
        return new CompletableFuture<>();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        looked.run();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        looked.run();
        return super.get(timeout, unit);
    }

    @Override
    public T join() {
        looked.run();
        return super.join();
    }

    @Override
    public T getNow(T valueIfAbsent) {
        if (isDone()) {
            looked.run();
        }
        return super.getNow(valueIfAbsent);
    }

    @Override
    public boolean isCompletedExceptionally() {
        if (isDone()) {
            looked.run();
        }
        return super.isCompletedExceptionally();
    }
}
