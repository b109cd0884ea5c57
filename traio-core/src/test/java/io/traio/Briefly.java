// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/** As {@link Blocking}, with a shorter limit: for tests of what must not hang. */
final class Briefly {

    static final Duration LIMIT = Duration.ofSeconds(12);

    private Briefly() {}

    /** Blocks until the latch is open; returns true, so that a lambda with it is a callable. */
    static boolean await(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the latch did not open within " + LIMIT.toSeconds() + " s");
        }
        return true;
    }

    /** Blocks until the latch is open; returns whether there was an interrupt, of which it takes no notice. */
    static boolean stubbornly(CountDownLatch latch) {
        boolean interrupted = false;
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try {
                if (!latch.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    throw new AssertionError("the latch did not open within " + LIMIT.toSeconds() + " s");
                }
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    /** Blocks until this thread is interrupted. */
    static Object untilInterrupted() throws InterruptedException {
        Thread.sleep(LIMIT.toMillis());
        throw new AssertionError("not interrupted within " + LIMIT.toSeconds() + " s");
    }

    /** Blocks until the condition holds. */
    static void until(String what, BooleanSupplier condition) {
        Awaitility.await(what)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .pollInSameThread()
                .atMost(LIMIT)
                .until(condition::getAsBoolean);
    }
}
