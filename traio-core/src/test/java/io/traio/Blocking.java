// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.time.Duration;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/** Ways of blocking that tasks and tests need, none of which lasts for ever. */
public final class Blocking {

    private static final long LIMIT_SECONDS = 20;

    private Blocking() {}

    /** Blocks until this thread is interrupted. */
    public static Object forever() throws InterruptedException {
        Thread.sleep(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
        throw new AssertionError("not interrupted within " + LIMIT_SECONDS + " s");
    }

    /** Blocks until the latch is open; returns true, so that a lambda with it is a callable. */
    public static boolean await(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the latch did not open within " + LIMIT_SECONDS + " s");
        }
        return true;
    }

    /** Blocks until the latch is open, and takes no notice of interrupts; returns whether there was one. */
    public static boolean stubbornly(CountDownLatch latch) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        boolean interrupted = false;
        while (true) {
            try {
                if (!latch.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    throw new AssertionError("the latch did not open within " + LIMIT_SECONDS + " s");
                }
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    public static void await(CyclicBarrier barrier) throws InterruptedException {
        try {
            barrier.await(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (BrokenBarrierException | TimeoutException e) {
            throw new AssertionError("not all came to the barrier", e);
        }
    }

    /** Blocks until the condition holds. */
    public static void until(String what, BooleanSupplier condition) {
        Awaitility.await(what)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .pollInSameThread()
                .atMost(Duration.ofSeconds(LIMIT_SECONDS))
                .until(condition::getAsBoolean);
    }

    /** As {@link #until}, but takes no notice of interrupts: it leaves the flag as it is. */
    public static void spinUntil(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not so within " + LIMIT_SECONDS + " s: " + what);
            }
            Thread.yield();
        }
    }

    /** Takes a moment: so many times almost nothing. */
    public static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }

    /** Blocks until the thread sleeps in some wait. */
    public static void untilParked(Thread thread) {
        until("thread " + thread.getName() + " waits", () -> switch (thread.getState()) {
            case WAITING, TIMED_WAITING -> true;
            default -> false;
        });
    }
}
