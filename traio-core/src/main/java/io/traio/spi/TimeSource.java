// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

import io.traio.internal.SystemTimeSource;
import java.time.Instant;

/**
 * A source of time for the engine: a clock, and alarms. Tests replace it by the {@code TestClock} of {@code traio-test}.
 *
 * <p>Implementations must be thread-safe and must not throw. If one throws all the same, scopes still end, but the exception
 * may reach only the thread's handler of uncaught exceptions.
 */
public interface TimeSource {

    /** An alarm that was set. Thread-safe. */
    @FunctionalInterface
    interface Alarm {

        /** Stops the alarm unless it has gone off, and drops its action at once. Idempotent. */
        void cancel();
    }

    /**
     * Returns the time of a monotonic clock, in nanoseconds from an arbitrary origin, as {@link System#nanoTime()} does.
     *
     * @return the time
     */
    long nanoTime();

    /**
     * Returns the time of the same clock, less precisely and at less cost than {@link #nanoTime()}. The engine uses it for
     * times that are only displayed, such as the age of a task. The time is never later than {@code nanoTime()}, and lags by
     * some tens of milliseconds at most unless the machine is overloaded. By default, returns {@code nanoTime()}.
     *
     * @return the time
     */
    default long coarseNanoTime() {
        return nanoTime();
    }

    /**
     * Returns the time of day.
     *
     * @return the time
     */
    Instant now();

    /**
     * Sets an alarm. The action runs once, on a thread where it may block without delaying other alarms, and which does not
     * depend on a free carrier of virtual threads.
     *
     * @param delayNanos the delay after which the alarm goes off, in nanoseconds; zero or less means at once
     * @param action what to do then; does not throw
     * @return the alarm
     */
    Alarm schedule(long delayNanos, Runnable action);

    /**
     * Returns the system's clock. One timer thread serves the whole process; alarms run on cached platform threads.
     *
     * @return the shared instance
     */
    static TimeSource system() {
        return SystemTimeSource.INSTANCE;
    }
}
