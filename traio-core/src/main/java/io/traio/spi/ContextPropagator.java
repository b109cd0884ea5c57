// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

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

    /** Restores what a thread had before. */
    @FunctionalInterface
    interface Restorer {

        /** Restores this thread's context after the task, on the same thread. What this throws is logged. */
        void restore();
    }
}
