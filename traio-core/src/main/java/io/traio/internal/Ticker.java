// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

import io.traio.spi.TimeSource.Alarm;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One thread that waits for all alarms of the process. While it is busy it looks up every ten milliseconds, and then
 * collects the alarms that were set meanwhile. So to set one is a push without a lock and wakes nobody, unless it is due
 * before the next look; and most have been stopped by the time they would be collected. It also notes the time at each
 * look, for those who want it cheaply rather than exactly.
 *
 * <p>When nobody has needed it for a second it sleeps until the next alarm is due, and after another minute without any
 * it ends, to be started again.
 */
final class Ticker implements Runnable {

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long BUSY_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** How often the time is asked for before it is worth waking up for. */
    private static final int QUESTIONS_TO_WAKE = 64;

    private static final int MIN_ALARMS_TO_PURGE = 64;

    private final Executor actions;
    private final long keepAliveNanos;

    /** The one that was set last, and not collected yet; each knows the one before. */
    private final AtomicReference<@Nullable Entry> incoming = new AtomicReference<>();

    private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();

    /** When the thread looks up next: whoever sets an alarm that is due before wakes it. */
    private volatile long looksAtNanos;

    private volatile long notedNanos;
    private volatile boolean ticking;
    /** Whether the time was asked for since the last look. */
    private volatile boolean asked;

    private volatile int kept;

    /** Questions while asleep; some may go uncounted. */
    private int questions;

    // Touched by the one thread only.
    private final Queue<Entry> waiting = new PriorityQueue<>();
    private int purgeAt = MIN_ALARMS_TO_PURGE;
    private long busyAtNanos;

    /**
     * Makes a ticker, whose thread starts when there is something to wait for.
     *
     * @param actions runs what is to be done when an alarm goes off
     */
    Ticker(Executor actions, long keepAliveNanos) {
        this.actions = actions;
        this.keepAliveNanos = keepAliveNanos;
    }

    /** The time, or what it was some milliseconds ago; never later than {@link System#nanoTime()}. */
    long coarseNanoTime() {
        if (ticking) {
            if (!asked) {
                asked = true;
            }
            return notedNanos;
        }
        if (++questions >= QUESTIONS_TO_WAKE) {
            questions = 0;
            asked = true;
            LockSupport.unpark(startedThread());
        }
        return System.nanoTime();
    }

    Alarm schedule(long delayNanos, Runnable action) {
        Entry entry = new Entry(System.nanoTime() + delayNanos, action);
        Entry before;
        do {
            before = incoming.get();
            entry.before = before;
        } while (!incoming.compareAndSet(before, entry));
        Thread looking = startedThread();
        if (entry.atNanos - looksAtNanos < 0) {
            LockSupport.unpark(looking);
        }
        return entry;
    }

    /** How many alarms were kept at the last look, those included that had been collected before they were stopped. */
    int kept() {
        return kept;
    }

    // ---- the thread ----

    private Thread startedThread() {
        Thread running = thread.get();
        while (running == null) {
            Thread fresh = ProcessThreads.create(this, "traio-timer");
            if (thread.compareAndSet(null, fresh)) {
                start(fresh);
                return fresh;
            }
            running = thread.get();
        }
        return running;
    }

    private void start(Thread fresh) {
        try {
            fresh.start();
        } catch (Throwable e) {
            thread.set(null);
            throw e;
        }
    }

    @Override
    public void run() {
        busyAtNanos = System.nanoTime();
        do {
            long now = System.nanoTime();
            notedNanos = now;
            goOff(now);
            if (collect() || asked) {
                asked = false;
                busyAtNanos = now;
            }
            ticking = now - busyAtNanos < BUSY_NANOS;
            looksAtNanos = nextLook(now);
            // Who set an alarm before it could see that time has woken nobody.
            collect();
            LockSupport.parkNanos(this, nextLook(now) - System.nanoTime());
            // Nobody has a reason to interrupt it, and it must not spin.
            Thread.interrupted();
        } while (!mayEnd());
    }

    private long nextLook(long now) {
        long at = ticking ? now + TICK_NANOS : busyAtNanos + BUSY_NANOS + keepAliveNanos;
        Entry first = waiting.peek();
        if (first == null) {
            return at;
        }
        return ticking && at - first.atNanos < 0 ? at : first.atNanos;
    }

    /** Takes over the alarms that were set; whether there were any. */
    private boolean collect() {
        Entry last = incoming.getAndSet(null);
        for (Entry entry = last; entry != null; ) {
            if (entry.action != null) {
                waiting.add(entry);
            }
            Entry before = entry.before;
            entry.before = null;
            entry = before;
        }
        if (waiting.size() >= purgeAt) {
            waiting.removeIf(entry -> entry.action == null);
            purgeAt = Math.max(MIN_ALARMS_TO_PURGE, 2 * waiting.size());
        }
        kept = waiting.size();
        return last != null;
    }

    private void goOff(long now) {
        for (Entry first = waiting.peek(); first != null && first.atNanos - now <= 0; first = waiting.peek()) {
            waiting.remove();
            Runnable action = first.action;
            if (action != null) {
                first.action = null;
                execute(action);
            }
        }
    }

    private void execute(Runnable action) {
        try {
            actions.execute(action);
        } catch (Throwable e) {
            // No thread could be had. Other alarms may come late then, but this one is not lost.
            action.run();
        }
    }

    /** Ends the thread unless it is needed; a new alarm either is seen here or sees that there is no thread. */
    private boolean mayEnd() {
        if (!waiting.isEmpty() || System.nanoTime() - busyAtNanos < BUSY_NANOS + keepAliveNanos) {
            return false;
        }
        ticking = false;
        thread.set(null);
        return incoming.get() == null && !asked || !thread.compareAndSet(null, Thread.currentThread());
    }

    /** An alarm that was set. */
    private static final class Entry implements Alarm, Comparable<Entry> {

        private final long atNanos;
        /** What to do; null once that was done or the alarm was stopped. */
        private volatile @Nullable Runnable action;
        /** The one that was set before it, while it waits to be collected. */
        private @Nullable Entry before;

        Entry(long atNanos, Runnable action) {
            this.atNanos = atNanos;
            this.action = action;
        }

        @Override
        public void cancel() {
            action = null;
        }

        @Override
        public int compareTo(Entry other) {
            return Long.signum(atNanos - other.atNanos);
        }
    }
}
