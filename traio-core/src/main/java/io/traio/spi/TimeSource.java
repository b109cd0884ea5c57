// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

import io.traio.internal.SystemTimeSource;
import java.time.Instant;

/**
 * Where the engine's time comes from: a clock, and alarms. Replace it in tests by {@link io.traio.test.TestClock}.
 *
 * <p>Implementations must be safe for use by several threads, and must not throw. Where one does all the same, scopes still
 * come to their ends, but what failed may be told by the thread's handler of uncaught exceptions only.
 */
public interface TimeSource {

    /** An alarm that was set. */
    @FunctionalInterface
    interface Alarm {

        /** Stops the alarm, if it has not gone off, and forgets its action at once. Doing it twice does nothing. */
        void cancel();
    }

    /**
     * The time of a clock that never goes back, in nanoseconds from an arbitrary origin; as {@link System#nanoTime()}.
     *
     * @return the time
     */
    long nanoTime();

    /**
     * The time of the same clock where some milliseconds do not matter, for less than {@link #nanoTime()} may cost: it
     * is used for what is only looked at, such as the age of a task. Never later than {@code nanoTime()}, and behind by
     * some tens of milliseconds at most while the machine is not overloaded.
     *
     * @return the time
     */
    default long coarseNanoTime() {
        return nanoTime();
    }

    /**
     * The time of day.
     *
     * @return the time
     */
    Instant now();

    /**
     * Sets an alarm.
     *
     * @param delayNanos after which time the alarm goes off, in nanoseconds; zero or less for at once
     * @param action what to do then, once, on a thread where it may block without harm to other alarms; it throws nothing
     * @return the alarm
     */
    Alarm schedule(long delayNanos, Runnable action);

    /**
     * The system's clock, with one timer thread for the whole process.
     *
     * @return the shared instance
     */
    static TimeSource system() {
        return SystemTimeSource.INSTANCE;
    }
}
