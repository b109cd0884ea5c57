// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.concurrent.Callable;

/** A way to run tasks together and wait for them: the subject of the comparison. Thread-safe. */
interface Peer {

    /** Runs a task several times concurrently, each on its own thread, and returns when all have ended. */
    void fanOut(int times, Callable<Integer> task) throws Exception;

    /** Runs tasks as {@link #fanOut} does, with a timeout. */
    void fanOutWithin(Duration timeout, int times, Callable<Integer> task) throws Exception;

    /**
     * Runs a task several times, and another that fails. Returns or throws once the failure has interrupted the others
     * and all have ended.
     */
    void failing(int times, Callable<Integer> task, Callable<Integer> failure) throws Exception;

    /** Returns whether this peer supports {@link #failing} by itself. */
    default boolean cancels() {
        return true;
    }
}
