// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

import org.jspecify.annotations.Nullable;

/**
 * Carries context, such as thread locals, from the thread that spawns a task to the thread that runs it.
 *
 * <p>Where several are registered their snapshots are set in order and undone in reverse, also where one of them throws.
 * The shape is that of Micrometer's context-propagation.
 */
@FunctionalInterface
public interface ContextPropagator {

    /**
     * Captures the context of this thread, at spawn.
     *
     * @return what was captured; null if there is nothing to carry
     */
    @Nullable
    Snapshot capture();

    /** Context that was captured. */
    @FunctionalInterface
    interface Snapshot {

        /**
         * Sets the context on this thread, before the task. If it throws, it must have undone what it had set; the task
         * then fails with that error.
         *
         * @return how to restore what was there before
         */
        Restorer set();

        /**
         * As {@link #set()}, on a thread that was made for this task, has inherited no thread locals, and has run
         * nothing of the application's but {@link ScopeListener}s. So there is nothing to clear, and nothing to look at
         * that would have to be made first; what a listener has set stays. Default: {@link #set()}.
         *
         * @return how to leave the thread without the context: listeners and callbacks may still run on it
         */
        default Restorer setOnNewThread() {
            return set();
        }
    }

    /** Restores what a thread had before. */
    @FunctionalInterface
    interface Restorer {

        /** Restores this thread's context, after the task and on the same thread. What it throws is logged. */
        void restore();
    }
}
