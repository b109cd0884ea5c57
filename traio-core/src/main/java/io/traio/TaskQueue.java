// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.ScopeOptions.Overflow;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of one scope that wait for a thread of a bounded executor, or for a permit of {@code maxConcurrency}.
 *
 * <p>What is handed to the executor are tickets: a ticket runs the task that is first when its turn comes, if there is a
 * permit. Threads that wait help from the same queue. A permit is taken when a task starts, so that a ticket that waits
 * in the executor holds nothing.
 */
final class TaskQueue {

    private final ScopeNode scope;
    private final int limit;
    private final boolean limited;
    private final boolean helping;
    private final Queue<TaskNode<?>> queued = new ConcurrentLinkedQueue<>();
    private final AtomicInteger tickets = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    /** Tasks that have not ended, counted only where the overflow is not {@link Overflow#QUEUE}. */
    private final AtomicInteger places = new AtomicInteger();
    /** Threads that wait and want to look again when there may be work or a place. */
    private final WaitList watchers = new WaitList();

    private TaskQueue(ScopeNode scope) {
        this.scope = scope;
        this.helping = scope.engine.helping;
        this.limited = scope.options.maxConcurrency() > 0;
        this.limit = limited ? scope.options.maxConcurrency() : Integer.MAX_VALUE;
    }

    /** The scope's queue; null if each of its tasks gets a thread at once. */
    static @Nullable TaskQueue forScope(ScopeNode scope) {
        return scope.engine.helping || scope.options.maxConcurrency() > 0 ? new TaskQueue(scope) : null;
    }

    // ---- places: what spawn does when the scope is full ----

    /** Takes a place for a new task, which may mean to wait for one. */
    void takePlace() {
        if (!countsPlaces() || tryIncrement(places, limit)) {
            return;
        }
        if (scope.options.overflow() == Overflow.REJECT) {
            throw new RejectedExecutionException(
                    scope.label() + " is full: " + limit + " of its tasks have not ended (maxConcurrency)");
        }
        if (isInTaskOfScope() || isInScopeBelow()) {
            // Those who hold the places may wait for this thread.
            places.incrementAndGet();
        } else {
            boolean[] taken = new boolean[1];
            Waits.forPlace(scope, this, () -> taken[0] || (taken[0] = tryIncrement(places, limit)));
            if (!taken[0]) {
                places.incrementAndGet();
            }
        }
    }

    void freePlace() {
        if (countsPlaces()) {
            places.decrementAndGet();
            watchers.wakeAll();
        }
    }

    private boolean countsPlaces() {
        return limited && scope.options.overflow() != Overflow.QUEUE;
    }

    // ---- tickets ----

    void add(TaskNode<?> task) {
        queued.add(task);
        dispatch(task);
        if (helping) {
            wakeHelpers();
        }
    }

    /** A shared scope has no owner to help: those who wait for the scopes above do it. */
    private void wakeHelpers() {
        watchers.wakeAll();
        ScopeNode up = scope.parent;
        for (boolean shared = scope.shared; shared && up != null; shared = up.shared, up = up.parent) {
            if (up.queue != null) {
                up.queue.watchers.wakeAll();
            }
        }
    }

    /**
     * Sends tickets to the executor while there are tasks, at most as many as there are permits, and none while all
     * permits are taken: who gives one back comes here.
     */
    private void dispatch() {
        dispatch(null);
    }

    private void dispatch(@Nullable TaskNode<?> added) {
        while (!queued.isEmpty() && running.get() < limit && tryIncrement(tickets, limit)) {
            try {
                scope.engine.launcher.launch(this::runTicket, null);
                if (!limited) {
                    return;
                }
            } catch (Throwable e) {
                tickets.decrementAndGet();
                TaskNode<?> refused = added != null && queued.remove(added) ? added : queued.poll();
                if (refused != null) {
                    TaskFinish.reject(refused, e);
                }
                if (!limited || tickets.get() > 0 || running.get() > 0) {
                    // A ticket for each of the others is on its way, or somebody who ends will send one.
                    return;
                }
            }
        }
    }

    private void runTicket() {
        try {
            boolean more = runFirst();
            // A task may leave an interrupt behind; the executor takes it off its thread between two tickets.
            while (more && limited && helping && !Thread.currentThread().isInterrupted()) {
                more = runFirst();
            }
        } finally {
            tickets.decrementAndGet();
            if (limited) {
                dispatch();
            }
        }
    }

    /** Runs the first task that still waits, if there is one and a permit for it. */
    private boolean runFirst() {
        if (!tryIncrement(running, limit)) {
            return false;
        }
        try {
            TaskNode<?> first;
            do {
                first = queued.poll();
            } while (first != null && first.isEnded());
            if (first != null && scope.isEnding()) {
                // The one who ends the scope will come to it, but may be slower than this thread.
                first.cancelFromAbove();
            } else if (first != null) {
                first.run();
            }
            return first != null;
        } finally {
            releasePermit();
        }
    }

    private void releasePermit() {
        running.decrementAndGet();
        if (limited && !queued.isEmpty()) {
            dispatch();
            wakeHelpers();
        }
    }

    // ---- help ----

    /** A thread that waits for the scope runs one task of it or of a shared scope below; false if there is none for it. */
    boolean help() {
        if (!helping) {
            return false;
        }
        Headroom.require();
        return !queued.isEmpty() && runFirst() || scope.countedChildren() > 0 && helpBelow();
    }

    private boolean helpBelow() {
        for (ScopeNode child : Snapshots.children(scope)) {
            if (child.shared && child.queue != null && child.queue.help()) {
                return true;
            }
        }
        return false;
    }

    /** A thread that waits for one task runs it, if it has not started; false if another thread has to. */
    boolean helpWith(TaskNode<?> task) {
        if (task.phase() != Frame.QUEUED || scope.isEnding()) {
            return false;
        }
        Headroom.require();
        if (isInTaskOfScope()) {
            task.run();
            return true;
        }
        if (!helping || !tryIncrement(running, limit)) {
            return false;
        }
        try {
            task.run();
        } finally {
            releasePermit();
        }
        return true;
    }

    /** Whether this thread runs a task of the scope, whose permit it can lend while it waits. */
    private boolean isInTaskOfScope() {
        for (Frame frame = Frames.current(); frame != null; frame = frame.enclosing()) {
            if (frame instanceof TaskNode<?> && frame.frameScope() == scope) {
                return true;
            }
        }
        return false;
    }

    private boolean isInScopeBelow() {
        return Frames.knownScope() != scope && scope.isInside();
    }

    void watch(Runnable wake) {
        watchers.add(wake);
    }

    void unwatch(Runnable wake) {
        watchers.remove(wake);
    }

    void wakeWatchers() {
        watchers.wakeAll();
    }

    private static boolean tryIncrement(AtomicInteger counter, int limit) {
        for (; ; ) {
            int n = counter.get();
            if (n >= limit) {
                return false;
            }
            if (counter.compareAndSet(n, n + 1)) {
                return true;
            }
        }
    }
}
