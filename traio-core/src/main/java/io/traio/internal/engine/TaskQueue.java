// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeOptions;
import io.traio.ScopeOptions.Overflow;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of one scope that have no thread yet: they wait for a permit of {@code maxConcurrency}, for one of the scope's
 * limiter, and then for a thread of an executor.
 *
 * <p>A task that has its permit is handed to the executor as a {@link Ticket}, in order. Permits are given back when a task
 * has ended, by the thread that ran it, which then hands over the next. A waiter whose tasks are still in here has a
 * {@link Loan}: a lent thread runs them, without a permit if the waiter lends its own. A permit is also lent while the task
 * that holds it waits in the engine, for whatever that is: it may be for the very waiter.
 */
final class TaskQueue {

    private final ScopeNode scope;
    private final int limit;
    /** Whether tasks may have to wait for a permit. */
    private final boolean limited;
    /** The permits that other scopes share; null if the scope has no limiter. */
    private final @Nullable SharedLimiter limiter;
    /** Whether the executor may keep tickets waiting. */
    private final boolean bounded;

    /** Tasks without a permit, in the order of their spawning. */
    private final Queue<TaskNode<?>> waiting = new ConcurrentLinkedQueue<>();
    /** Tickets that the executor has not begun, and some that it has. Used only if it may keep them waiting. */
    private final Queue<Ticket> unstarted = new ConcurrentLinkedQueue<>();

    private final AtomicInteger permits = new AtomicInteger();
    /** Threads that are in a task of the scope and wait in the engine. */
    private final AtomicInteger idle = new AtomicInteger();
    /** Tasks that run on a permit that was lent. */
    private final AtomicInteger lent = new AtomicInteger();
    /** Tasks that have not ended, counted only where the overflow is not {@link Overflow#QUEUE}. */
    private final AtomicInteger places = new AtomicInteger();
    /** Threads that wait and look again when there may be work for a loan, or a place. */
    private final WaitList watchers = new WaitList();

    private TaskQueue(ScopeNode scope) {
        this.scope = scope;
        this.bounded = scope.engine.compensation;
        this.limiter = (SharedLimiter) scope.options.limiter();
        int own = scope.options.maxConcurrency();
        this.limited = own > 0 || limiter != null;
        this.limit = own > 0 ? own : Integer.MAX_VALUE;
    }

    /** The scope's queue; null if each of its tasks has a thread at once. */
    static @Nullable TaskQueue forScope(ScopeNode scope) {
        ScopeOptions options = scope.options;
        boolean limited = options.maxConcurrency() > 0 || options.limiter() != null;
        return scope.engine.compensation || limited ? new TaskQueue(scope) : null;
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
        if (ThisThread.isInsideBesideBodyOf(scope)) {
            // The tasks that hold the places may wait for this thread.
            places.incrementAndGet();
        } else {
            boolean[] taken = new boolean[1];
            Waits.forPlace(scope, () -> taken[0] || (taken[0] = tryIncrement(places, limit)));
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

    // ---- handing tasks over ----

    void add(TaskNode<?> task) {
        if (limited) {
            waiting.add(task);
            if (limiter != null) {
                limiter.standInLine(this);
            }
            handOverWaiting();
            wakeWaiters();
        } else {
            handOver(task);
        }
    }

    /** Hands tasks over while there are some and permits for them. */
    private void handOverWaiting() {
        if (limiter != null) {
            limiter.grant();
            return;
        }
        while (!waiting.isEmpty() && tryIncrement(permits, limit)) {
            TaskNode<?> first = pollWaiting();
            if (first == null) {
                permits.decrementAndGet();
            } else if (!handOver(first) && permits.get() > 0) {
                // The executor seems to be full: the next thread that gives a permit back goes on.
                return;
            }
        }
    }

    /** A permit was given back. */
    private void handOverNext() {
        if (limiter != null && !waiting.isEmpty()) {
            // It may have lost its place in line for want of a permit of its own.
            limiter.standInLine(this);
        }
        handOverWaiting();
    }

    /** Hands over one task, to which the limiter grants a permit; false if there is none, or no permit of the scope's own. */
    boolean handOverWithPermit() {
        if (waiting.isEmpty() || !tryIncrement(permits, limit)) {
            return false;
        }
        TaskNode<?> first = pollWaiting();
        if (first == null) {
            permits.decrementAndGet();
            return false;
        }
        handOver(first);
        return true;
    }

    /** The first task without a permit that has not been cancelled; null if there is none. */
    private @Nullable TaskNode<?> pollWaiting() {
        TaskNode<?> first = waiting.poll();
        while (first != null && first.isCodeEnded()) {
            first = waiting.poll();
        }
        return first;
    }

    /** Returns how many tasks have no permit. */
    int waiting() {
        return (int) waiting.stream().filter(task -> !task.isCodeEnded()).count();
    }

    /** Hands a task that has its permit to the executor; false if that refuses it, and then the task has failed. */
    private boolean handOver(TaskNode<?> task) {
        Ticket ticket = null;
        try {
            ticket = new Ticket(this, task);
            if (bounded) {
                unstarted.add(ticket);
            }
            scope.engine.launcher.launch(ticket, null);
        } catch (StackOverflowError e) {
            // No room to refuse it here: it is cancelled with the scope, which fails with this.
            throw e;
        } catch (Throwable e) {
            if (ticket == null || ticket.take()) {
                unstarted.remove(ticket);
                givePermitBack();
                TaskFinish.refuse(task, e);
                return false;
            }
            // Some executors refuse what they run all the same.
        } finally {
            if (ticket != null) {
                ticket.handing = null;
            }
        }
        if (bounded) {
            wakeWaiters();
        }
        return true;
    }

    /** Runs the task of a ticket that this thread has taken, and gives its permit back. */
    void runTaken(Ticket ticket) {
        // On the thread that is handing it over, that one's loop hands over the next: no recursion.
        boolean inline = ticket.handing == Thread.currentThread();
        removeTaken();
        try {
            run(ticket.task);
        } finally {
            givePermitBack();
            if (limited && !inline) {
                handOverNext();
            }
        }
    }

    private void givePermitBack() {
        if (limited) {
            permits.decrementAndGet();
        }
        if (limiter != null) {
            limiter.giveBack();
        }
    }

    private void run(TaskNode<?> task) {
        if (scope.isEnding()) {
            // The canceller will come to it, but may be slower than this thread.
            task.cancelFromAbove();
        } else {
            task.run();
        }
    }

    /** Removes the tickets at the head that were taken: an executor takes them about in order. */
    private void removeTaken() {
        for (Ticket head = unstarted.peek(); head != null && head.isTaken(); head = unstarted.peek()) {
            unstarted.remove(head);
        }
    }

    // ---- work for lent threads ----

    /** Returns whether there may be work for a lent thread, see {@link #takeWork}. */
    boolean hasWork(@Nullable TaskNode<?> task, boolean lendsPermit) {
        if (task == null) {
            removeTaken();
            return !unstarted.isEmpty() || lendsPermit && hasBorrower() || isWorkBelow();
        }
        return task.phase() == Frame.QUEUED
                && (!limited || !unstarted.isEmpty() || (lendsPermit || isIdle()) && waiting.contains(task));
    }

    private boolean isIdle() {
        return lent.get() < idle.get();
    }

    /** The thread that is in this frame begins to wait in the engine, or ends that: its tasks do not run meanwhile. */
    static void idle(@Nullable Frame innermost, boolean begins) {
        for (Frame frame = innermost; frame != null; frame = frame.enclosing()) {
            TaskQueue queue = frame instanceof TaskNode<?> task ? task.scope.queue : null;
            if (queue != null && queue.limited) {
                queue.idle.addAndGet(begins ? 1 : -1);
                if (begins && !queue.waiting.isEmpty()) {
                    queue.watchers.wakeAll();
                }
            }
        }
    }

    /**
     * Takes what a lent thread may run for a waiter: the task that is waited for, if that has a permit or is lent one;
     * otherwise what keeps it from having one, or all tasks that have no thread.
     */
    @Nullable
    Runnable takeWork(@Nullable TaskNode<?> task, boolean lendsPermit) {
        if (task == null) {
            Ticket first = takeTicket();
            Runnable borrower = first == null && lendsPermit && limiter != null ? takeBorrower(null) : null;
            return first != null ? () -> runTaken(first) : borrower != null ? borrower : takeWorkBelow();
        }
        if (task.phase() != Frame.QUEUED) {
            return null;
        }
        if (!limited) {
            return () -> run(task);
        }
        boolean lends = lendsPermit || isIdle();
        if (lends && limiter != null) {
            Runnable borrower = takeBorrower(task);
            if (borrower != null) {
                return borrower;
            }
        } else if (lends && waiting.remove(task)) {
            lent.incrementAndGet();
            return () -> runLent(task);
        }
        Ticket first = takeTicket();
        return first != null ? () -> runTaken(first) : null;
    }

    private void runLent(TaskNode<?> task) {
        try {
            run(task);
        } finally {
            lent.decrementAndGet();
        }
    }

    /** Whether a waiter that waits for all tasks may lend the limiter's permit that it holds to one. */
    private boolean hasBorrower() {
        return limiter != null && !waiting.isEmpty() && (permits.get() < limit || isIdle());
    }

    /** Takes a task to which the waiter lends the limiter's permit that it holds, or the first; null if there is none. */
    private @Nullable Runnable takeBorrower(@Nullable TaskNode<?> task) {
        // It needs a permit of the scope's own, too, or one that is idle.
        boolean own = tryIncrement(permits, limit);
        AtomicInteger counter = own ? permits : lent;
        if (!own) {
            if (!isIdle()) {
                return null;
            }
            lent.incrementAndGet();
        }
        TaskNode<?> borrower = task == null ? pollWaiting() : waiting.remove(task) ? task : null;
        if (borrower == null) {
            counter.decrementAndGet();
            return null;
        }
        return () -> {
            try {
                run(borrower);
            } finally {
                counter.decrementAndGet();
                handOverNext();
            }
        };
    }

    private @Nullable Ticket takeTicket() {
        for (Ticket ticket = unstarted.poll(); ticket != null; ticket = unstarted.poll()) {
            if (ticket.take()) {
                return ticket;
            }
        }
        return null;
    }

    /** A shared scope has no owner that waits for it: those who wait for the scopes above do. */
    private @Nullable Runnable takeWorkBelow() {
        if (scope.countedChildren > 0) {
            for (ScopeNode child : Members.childrenOf(scope)) {
                Runnable work = child.shared && child.queue != null ? child.queue.takeWork(null, false) : null;
                if (work != null) {
                    return work;
                }
            }
        }
        return null;
    }

    private boolean isWorkBelow() {
        if (scope.countedChildren > 0) {
            for (ScopeNode child : Members.childrenOf(scope)) {
                if (child.shared && child.queue != null && child.queue.hasWork(null, false)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Returns whether this thread runs a task of the scope, or of another one with the same limiter, or such a task waits
     * for it or will: then its permit may be lent.
     */
    boolean holdsPermitOfThisThread() {
        return limited && isInTask(CurrentFrame.get());
    }

    private boolean isSamePermit(@Nullable ScopeNode inside) {
        return inside == scope || limiter != null && inside != null && inside.options.limiter() == limiter;
    }

    private boolean isInTask(@Nullable Frame innermost) {
        for (Frame frame = innermost; frame != null; frame = frame.enclosing()) {
            if (frame == scope && limiter == null) {
                return false;
            }
            ScopeNode inside = CurrentFrame.scopeOf(frame);
            boolean task = frame instanceof TaskNode<?> || frame instanceof BoundFrame bound && bound.isAwaited();
            if (task && isSamePermit(inside)) {
                return true;
            }
            if (!(frame instanceof ScopeNode) && inside != scope && isInTask(inside)) {
                return true;
            }
        }
        return false;
    }

    // ---- watchers ----

    private void wakeWaiters() {
        watchers.wakeAll();
        ScopeNode up = scope.parent;
        for (boolean shared = scope.shared; shared && up != null; shared = up.shared, up = up.parent) {
            if (up.queue != null) {
                up.queue.watchers.wakeAll();
            }
        }
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
