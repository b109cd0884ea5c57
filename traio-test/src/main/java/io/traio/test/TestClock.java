// SPDX-License-Identifier: Apache-2.0
package io.traio.test;

import io.traio.internal.Nanos;
import io.traio.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A clock that a test advances: timeouts are tested without sleeping. The idea is that of Trio's {@code MockClock}.
 *
 * <pre>{@code
 * TestClock clock = new TestClock();
 * ScopeFactory scopes = ScopeFactory.create(f -> f.withTimeSource(clock));
 * ...
 * clock.advance(Duration.ofSeconds(1));
 * }</pre>
 *
 * <p>Alarms that are due run on the thread that advances the clock, in the order of their times. Cancelled code has some real
 * time to react, 250 ms at most, before it is reported as a straggler, even if the clock is advanced past its grace period at
 * once. Thread-safe.
 */
public final class TestClock implements TimeSource {

    /** Arbitrary, as for every such clock. */
    private static final long ORIGIN = Duration.ofHours(1).toNanos();

    private static final Instant START = Instant.parse("2000-01-01T00:00:00Z");

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final PriorityQueue<Entry> alarms =
            new PriorityQueue<>(Comparator.<Entry>comparingLong(e -> e.at).thenComparingLong(e -> e.sequence));
    private long nanos = ORIGIN;
    private long sequence;

    /** Constructs a clock that stands at the first instant of the year 2000, UTC. */
    public TestClock() {}

    @Override
    public long nanoTime() {
        lock.lock();
        try {
            return nanos;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Instant now() {
        return START.plusNanos(nanoTime() - ORIGIN);
    }

    /** Sets an alarm. One that is already due goes off at the next {@link #advance}, even by zero. */
    @Override
    public Alarm schedule(long delayNanos, Runnable action) {
        lock.lock();
        try {
            Entry entry = new Entry(nanos + Math.max(0, delayNanos), sequence++, action);
            alarms.add(entry);
            changed.signalAll();
            return () -> remove(entry);
        } finally {
            lock.unlock();
        }
    }

    private void remove(Entry entry) {
        lock.lock();
        try {
            if (alarms.remove(entry)) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Advances the clock, and runs the alarms that become due, each at its own time.
     *
     * @param duration by how much
     * @throws IllegalArgumentException if the duration is negative
     * @throws NullPointerException if the duration is null
     */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("Time does not go back: " + Nanos.text(duration));
        }
        long until = nanoTime() + duration.toNanos();
        for (Entry due = next(until); due != null; due = next(until)) {
            due.action.run();
        }
    }

    /** Takes the first alarm that is due by then and sets the clock to its time, or to the end if there is none. */
    private @Nullable Entry next(long until) {
        lock.lock();
        try {
            Entry first = alarms.peek();
            if (first == null || first.at > until) {
                nanos = Math.max(nanos, until);
                return null;
            }
            nanos = Math.max(nanos, first.at);
            changed.signalAll();
            return alarms.poll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns how many alarms are set and have not gone off.
     *
     * @return the number of alarms
     */
    public int pendingAlarms() {
        lock.lock();
        try {
            return alarms.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits, in real time, until at least this many alarms are set: until the code under test has come to its wait.
     *
     * @param count the number of alarms
     * @throws InterruptedException if this thread is interrupted
     */
    public void awaitAlarms(int count) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (alarms.size() < count) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private record Entry(long at, long sequence, Runnable action) {}
}
