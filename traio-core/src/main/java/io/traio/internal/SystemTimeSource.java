// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

import io.traio.spi.TimeSource;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The system's clock. One thread waits for all alarms of the process; a stopped alarm is removed at once. An alarm that
 * goes off gets a thread of its own, so what it does cannot delay another.
 */
public final class SystemTimeSource implements TimeSource {

    /** The one instance. */
    public static final SystemTimeSource INSTANCE = new SystemTimeSource();

    private final ScheduledThreadPoolExecutor timer;
    private final Executor actions;

    private SystemTimeSource() {
        timer = new ScheduledThreadPoolExecutor(1, daemons("traio-timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(1, TimeUnit.MINUTES);
        timer.allowCoreThreadTimeOut(true);
        actions = VirtualThreads.areAvailable()
                ? action -> VirtualThreads.factory().newThread(action).start()
                : Executors.newCachedThreadPool(daemons("traio-alarm"));
    }

    private static ThreadFactory daemons(String name) {
        return runnable -> {
            Thread thread = new Thread(null, runnable, name, 0, /* inheritThreadLocals= */ false);
            thread.setDaemon(true);
            return thread;
        };
    }

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
        Future<?> future = timer.schedule(() -> actions.execute(action), delayNanos, TimeUnit.NANOSECONDS);
        return () -> future.cancel(/* mayInterruptIfRunning= */ false);
    }
}
