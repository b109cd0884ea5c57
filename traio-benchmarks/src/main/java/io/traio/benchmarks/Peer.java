// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.concurrent.Callable;

/** A way of running tasks together and waiting for them: what is compared. Many threads may use it at once. */
interface Peer {

    /** Runs a task some times at once, each on a thread of its own, and returns when all have ended. */
    void fanOut(int times, Callable<Integer> task) throws Exception;

    /** As {@link #fanOut}, but would give up after some time. */
    void fanOutWithin(Duration timeout, int times, Callable<Integer> task) throws Exception;

    /**
     * Runs a task some times, and another that fails; returns or throws when the failure has made the others leave, by
     * interrupt, and all have ended.
     */
    void failing(int times, Callable<Integer> task, Callable<Integer> failure) throws Exception;

    /** Whether {@link #failing} is something it does of its own accord. */
    default boolean cancels() {
        return true;
    }
}
