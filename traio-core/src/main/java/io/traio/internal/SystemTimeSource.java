// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

import io.traio.spi.TimeSource;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The system's clock. One thread waits for all alarms of the process; a stopped alarm forgets what it was for at once.
 * An alarm that goes off gets a thread of its own, so what it does cannot delay another.
 */
public final class SystemTimeSource implements TimeSource {

    /** The one instance. */
    public static final SystemTimeSource INSTANCE = new SystemTimeSource();

    private final Ticker ticker = new Ticker(actions(), TimeUnit.MINUTES.toNanos(1));

    private SystemTimeSource() {}

    /** Platform threads: a virtual one would wait for a carrier while all processors compute. */
    private static Executor actions() {
        return Executors.newCachedThreadPool(runnable -> ProcessThreads.create(runnable, "traio-alarm"));
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long coarseNanoTime() {
        return ticker.coarseNanoTime();
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public Alarm schedule(long delayNanos, Runnable action) {
        return ticker.schedule(delayNanos, action);
    }
}
