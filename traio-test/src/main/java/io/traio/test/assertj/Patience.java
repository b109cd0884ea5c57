// SPDX-License-Identifier: Apache-2.0
package io.traio.test.assertj;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits in real time, whatever clock the scopes go by. */
final class Patience {

    private static final long STEP_MILLIS = 2;

    private Patience() {}

    /** Returns whether the condition has come true in time. An interrupt ends the wait, with the flag set. */
    static boolean await(BooleanSupplier condition, Duration patience) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start >= patience.toNanos()) {
                return false;
            }
            try {
                Thread.sleep(STEP_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return condition.getAsBoolean();
            }
        }
        return true;
    }
}
