// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a test on a thread of its own, whose outcome the test looks at: a piece that hangs fails the test after
 * {@link Briefly#LIMIT}.
 */
final class Aside<T> {

    private final FutureTask<T> work;
    private final Thread thread;

    private Aside(Harness harness, Callable<T> work) {
        this.work = new FutureTask<>(work);
        this.thread = harness.helper(this.work::run);
    }

    static <T> Aside<T> call(Harness harness, Callable<T> work) {
        return new Aside<>(harness, work);
    }

    static Aside<@Nullable Void> run(Harness harness, Harness.Piece work) {
        return new Aside<>(harness, () -> {
            work.run();
            return null;
        });
    }

    Thread thread() {
        return thread;
    }

    boolean isDone() {
        return work.isDone();
    }

    /** What the piece returned; fails the test if it threw, or has not ended in time. */
    T value() throws InterruptedException {
        try {
            return outcome();
        } catch (ExecutionException e) {
            throw new AssertionError("threw " + e.getCause(), e.getCause());
        }
    }

    /** What the piece threw; null if it returned. Fails the test if it has not ended in time. */
    @Nullable
    Throwable failure() throws InterruptedException {
        try {
            outcome();
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    private T outcome() throws InterruptedException, ExecutionException {
        try {
            return work.get(Briefly.LIMIT.toSeconds() + 1, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            AssertionError hangs = new AssertionError(thread + " hangs", e);
            hangs.setStackTrace(thread.getStackTrace());
            throw hangs;
        }
    }
}
