// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A way to run tasks together and wait for them: the subject of the comparison. Thread-safe. Public for {@link OtherBuild}:
 * a class of another class loader implements it.
 */
public interface Peer {

    /** Runs a task several times concurrently, each on its own thread, and returns when all have ended. */
    void fanOut(int times, Callable<Integer> task) throws Exception;

    /** Runs tasks as {@link #fanOut} does, with a timeout. */
    void fanOutWithin(Duration timeout, int times, Callable<Integer> task) throws Exception;

    /**
     * Runs a task several times, and another that fails. Returns or throws once the failure has interrupted the others
     * and all have ended.
     */
    void failing(int times, Callable<Integer> task, Callable<Integer> failure) throws Exception;

    /** Returns whether this peer has handles of tasks: {@link #join}. */
    default boolean joins() {
        return false;
    }

    /** Runs a task several times as {@link #fanOut} does, takes each result in the body, in order, and returns the sum. */
    default int join(int times, Callable<Integer> task) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Returns whether this peer combines results: the methods below. */
    default boolean combines() {
        return false;
    }

    /** Runs two tasks and returns the first result; the loser has ended, unless this peer cannot wait for it. */
    default int race(Callable<Integer> a, Callable<Integer> b) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Runs three tasks and returns the sum of their results. */
    default int all(Callable<Integer> a, Callable<Integer> b, Callable<Integer> c) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Doubles the numbers from 1 on, each on its own thread, a limited number of them at once, and returns them in order. */
    default List<Integer> mapAll(int numbers, int limit) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** What {@link #mapAll} does with a number. */
    static Integer twice(int number) {
        return 2 * number;
    }

    /** Returns whether this peer supports {@link #failing} by itself. */
    default boolean cancels() {
        return true;
    }
}
