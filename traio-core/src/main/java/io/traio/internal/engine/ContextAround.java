// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.spi.ContextPropagator.Around;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls work inside one {@link Around}. The outcome of the work is its own, whatever that makes of it: an {@code Around} that
 * calls nothing, or twice, or swallows an exception, is found out.
 */
final class ContextAround implements Callable<@Nullable Object> {

    private final Around around;
    private final Callable<?> work;
    /** Takes what went wrong after the work was called. */
    private final Consumer<Throwable> notRestored;

    private boolean called;
    private @Nullable Object value;
    private @Nullable Throwable failure;

    ContextAround(Around around, Callable<?> work, Consumer<Throwable> notRestored) {
        this.around = around;
        this.work = work;
        this.notRestored = notRestored;
    }

    @Override
    public @Nullable Object call() throws Exception {
        try {
            around.call(this::callOnce);
        } catch (Throwable e) {
            if (!called) {
                throw e;
            }
            if (e != failure) {
                notRestored.accept(e);
            }
        }
        if (!called) {
            throw new IllegalStateException(around + " has not called the task");
        }
        if (failure != null) {
            throw TaskFailures.<RuntimeException>sneaky(failure);
        }
        return value;
    }

    private @Nullable Object callOnce() throws Exception {
        if (called) {
            throw new IllegalStateException(around + " has called the task twice");
        }
        called = true;
        try {
            value = work.call();
            return value;
        } catch (Throwable e) {
            failure = e;
            throw e;
        }
    }
}
