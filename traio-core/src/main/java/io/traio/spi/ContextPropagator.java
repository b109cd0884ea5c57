// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Carries context, such as thread locals, from the thread that spawns a task to the thread that runs it.
 *
 * <p>If several are registered, their snapshots are set in order and undone in reverse, even if one of them throws. The
 * interface has the shape of Micrometer's context-propagation. Implementations must be thread-safe.
 */
@FunctionalInterface
public interface ContextPropagator {

    /**
     * Captures the context of this thread, at spawn. What this throws is thrown by {@code spawn}, and nothing is started.
     *
     * @return the snapshot; null if there is nothing to carry
     */
    @Nullable
    Snapshot capture();

    /** Context that was captured. May be set on another thread than the one that captured it. */
    @FunctionalInterface
    interface Snapshot {

        /**
         * Sets the context on this thread, before the task runs. If this throws, it must have undone what it had set; the
         * task then fails with that exception.
         *
         * @return restores the context that was there before
         */
        Restorer set();

        /**
         * Sets the context on a new thread, before the task runs. The thread was made for this task, has inherited no
         * thread locals, and has run no code of the application except {@link ScopeListener}s. So there is no former context
         * to read or clear; what a listener has set stays. By default, calls {@link #set()}.
         *
         * @return removes the context: listeners and callbacks may still run on the thread
         */
        default Restorer setOnNewThread() {
            return set();
        }
    }

    /**
     * Context that exists only around a call, such as that of a {@code ScopedValue}.
     *
     * <pre>{@code
     * ContextPropagator user = () -> {
     *     if (!USER.isBound()) {
     *         return null;
     *     }
     *     String captured = USER.get();
     *     return (ContextPropagator.Around) task -> ScopedValue.where(USER, captured).call(task::call);
     * };
     * }</pre>
     *
     * <p>The calls of several propagators nest in their order. They run inside what others have {@linkplain Snapshot#set()
     * set}.
     */
    @FunctionalInterface
    @SuppressWarnings("FunctionalInterfaceMethodChanged") // to set nothing is what this form is for
    interface Around extends Snapshot {

        /**
         * Calls the task in the context, on its thread: once, and before this returns. If this fails without having called the
         * task, the task fails with that exception, or one that says so. Once the task was called its own outcome stands, and
         * what else this throws is logged.
         *
         * @param task what to call; throws what the task throws
         * @return what the call of the task has returned
         * @throws Exception what the call of the task has thrown, or if the context cannot be bound
         */
        @Nullable
        Object call(Callable<?> task) throws Exception;

        /** Sets nothing. */
        @Override
        default Restorer set() {
            return () -> {};
        }
    }

    /** Restores what a thread had before. */
    @FunctionalInterface
    interface Restorer {

        /** Restores this thread's context after the task, on the same thread. What this throws is logged. */
        void restore();
    }
}
