// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Limiter;
import io.traio.internal.Names;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Permits that the tasks of several scopes share. For each task that waits, the queue of its scope stands in line here once;
 * whose turn it is hands over its first task.
 *
 * <p>A place in line may come to nothing: the task was cancelled or runs on a lent thread, or its scope has no permit of its
 * own {@code maxConcurrency} left. Then the next one has its turn; a scope stands in line anew when one of its tasks has ended.
 */
final class SharedLimiter implements Limiter {

    private final String name;
    private volatile int permits;
    final Permits held = new Permits();
    private final AtomicLong granted = new AtomicLong();
    private final Queue<TaskQueue> line = new ConcurrentLinkedQueue<>();
    /** Scopes that had their turn and no permit of their own. One that is idle may be lent to them, with one of these. */
    private final Set<TaskQueue> outOfLine = ConcurrentHashMap.newKeySet();
    /** Tickets with a permit of this that an executor has not begun. A thread that waits for a permit may be all that it has. */
    private final Set<Ticket> unstarted = ConcurrentHashMap.newKeySet();
    /** Threads that wait in scopes with this limiter, and look again when a permit may be lent. */
    private final Set<Runnable> watchers = ConcurrentHashMap.newKeySet();

    SharedLimiter(String name, int permits) {
        this.name = name;
        this.permits = requirePositive(permits);
    }

    private static int requirePositive(int permits) {
        if (permits <= 0) {
            throw new IllegalArgumentException("permits must be positive, but was " + permits);
        }
        return permits;
    }

    /** The scope of the queue has a task that waits. */
    void standInLine(TaskQueue queue) {
        line.add(queue);
        outOfLine.remove(queue);
    }

    /** The scope of the queue has no task that waits. */
    void dropOut(TaskQueue queue) {
        outOfLine.remove(queue);
    }

    /** Grants permits while there are some, and scopes in line. */
    void grant() {
        while (!line.isEmpty() && tryTake()) {
            TaskQueue next = line.poll();
            // First: the task may have ended when it has been handed over.
            granted.incrementAndGet();
            if (next == null || !next.handOverWithPermit()) {
                granted.decrementAndGet();
                if (next != null && next.hasWaiting()) {
                    outOfLine.add(next);
                }
                giveBack();
            }
        }
    }

    boolean isFree() {
        return held.taken() < permits;
    }

    boolean tryTake() {
        return held.tryTake(permits);
    }

    /** A permit that was taken is used, though no scope had its turn. */
    void countGranted() {
        granted.incrementAndGet();
    }

    /** Gives a permit back; the caller then {@linkplain #grant grants} it to the next. */
    void giveBack() {
        held.giveBack();
        outOfLine.forEach(TaskQueue::wakeWatchers);
    }

    /** A ticket is about to be handed to an executor that may keep it waiting. */
    void addUnstarted(Ticket ticket) {
        unstarted.add(ticket);
    }

    void removeUnstarted(Ticket ticket) {
        unstarted.remove(ticket);
    }

    boolean hasUnstarted() {
        return !unstarted.isEmpty();
    }

    /** Takes any of the tickets; null if there is none. */
    @Nullable
    Ticket takeTicket() {
        for (Ticket each : unstarted) {
            if (each.take()) {
                return each;
            }
        }
        return null;
    }

    void watch(Runnable wake) {
        watchers.add(wake);
    }

    void unwatch(Runnable wake) {
        watchers.remove(wake);
    }

    void wakeWatchers() {
        if (!line.isEmpty()) {
            watchers.forEach(Runnable::run);
        }
        outOfLine.forEach(TaskQueue::wakeWatchers);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int permits() {
        return permits;
    }

    @Override
    public void resize(int value) {
        permits = requirePositive(value);
        grant();
    }

    @Override
    public int inUse() {
        return held.taken();
    }

    @Override
    public int queued() {
        Set<TaskQueue> queues = new HashSet<>(line);
        return queues.stream().mapToInt(TaskQueue::waiting).sum();
    }

    @Override
    public long granted() {
        return granted.get();
    }

    @Override
    public String toString() {
        return "limiter '" + Names.printable(name) + "' " + inUse() + "/" + permits;
    }
}
