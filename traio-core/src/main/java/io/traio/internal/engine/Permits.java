// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts permits to run tasks: those taken, those that are idle because their holders wait in the engine, and those lent to
 * other tasks meanwhile. Which task holds which permit is not kept, only how many there are of each. So a permit that its
 * holder gives up while a borrower still runs goes to the borrower.
 */
final class Permits {

    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger idle = new AtomicInteger();
    private final AtomicInteger lent = new AtomicInteger();

    /** Takes a permit; false if the limit is reached. */
    boolean tryTake(int limit) {
        return tryIncrement(taken, limit);
    }

    /** A task that has taken a permit has ended. */
    void giveBack() {
        if (!tryDecrement(lent, idle.get())) {
            taken.decrementAndGet();
        }
    }

    /** Returns whether a permit is idle that nobody has borrowed. */
    boolean hasIdle() {
        return lent.get() < idle.get();
    }

    /** Borrows a permit for a task, unless none is idle. */
    boolean tryBorrow() {
        for (; ; ) {
            int n = lent.get();
            if (n >= idle.get()) {
                return false;
            }
            if (lent.compareAndSet(n, n + 1)) {
                // The lender may have come back, and ended, in between. If another one has ended since, this is its
                // permit.
                return lent.get() <= idle.get() || !tryDecrement(lent, 0);
            }
        }
    }

    /** A task that has borrowed a permit has ended. */
    void endLoan() {
        if (!tryDecrement(lent, 0)) {
            taken.decrementAndGet();
        }
    }

    /** A holder begins to wait in the engine, or ends that. */
    void idle(boolean begins) {
        idle.addAndGet(begins ? 1 : -1);
    }

    int taken() {
        return taken.get();
    }

    static boolean tryIncrement(AtomicInteger counter, int limit) {
        for (; ; ) {
            int n = counter.get();
            if (n >= limit) {
                return false;
            }
            if (counter.compareAndSet(n, n + 1)) {
                return true;
            }
        }
    }

    private static boolean tryDecrement(AtomicInteger counter, int least) {
        for (; ; ) {
            int n = counter.get();
            if (n <= least) {
                return false;
            }
            if (counter.compareAndSet(n, n - 1)) {
                return true;
            }
        }
    }
}
