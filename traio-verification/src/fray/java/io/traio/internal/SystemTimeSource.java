// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

import io.traio.spi.TimeSource;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Stands in for the class of the same name under the model checker, to which any time may pass between two steps: an alarm
 * that is due soon is a thread that may go off at any moment, and one that is due late never goes off.
 */
public final class SystemTimeSource implements TimeSource {

    public static final SystemTimeSource INSTANCE = new SystemTimeSource();

    private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private SystemTimeSource() {}

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public Alarm schedule(long delayNanos, Runnable action) {
        if (delayNanos > LATE_NANOS) {
            return () -> {};
        }
        Entry entry = new Entry(action);
        new Thread(entry, "alarm").start();
        return entry;
    }

    /** An alarm, and the thread that it goes off on. */
    private static final class Entry implements Alarm, Runnable {

        private final Runnable action;
        private volatile boolean cancelled;

        Entry(Runnable action) {
            this.action = action;
        }

        @Override
        public void run() {
            if (!cancelled) {
                action.run();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }
}
