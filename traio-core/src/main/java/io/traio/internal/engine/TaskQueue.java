// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeOptions;
import io.traio.ScopeOptions.Overflow;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
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
 * {@link Loan}: a lent thread runs them. A task without a permit is lent one that is idle, because the task that holds it
 * waits in the engine, for whatever that is: it may be for the very waiter.
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

    /** The permits of {@code maxConcurrency}. */
    private final Permits permits = new Permits();
    /** Tasks whose threads wait in the engine, and leave their permits idle; each with how many waits are nested. */
    private final Map<TaskNode<?>, Integer> idle = new ConcurrentHashMap<>();
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
        if (!countsPlaces() || Permits.tryIncrement(places, limit)) {
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
            Waits.forPlace(scope, () -> taken[0] || (taken[0] = Permits.tryIncrement(places, limit)));
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
        while (!waiting.isEmpty() && permits.tryTake(limit)) {
            TaskNode<?> first = pollWaiting();
            if (first == null) {
                permits.giveBack();
            } else if (!handOver(first) && permits.taken() > 0) {
                // The executor seems to be full: the next thread that gives a permit back goes on.
                return;
            }
        }
    }

    /** Hands over one task, to which the limiter grants a permit; false if there is none, or no permit of the scope's own. */
    boolean handOverWithPermit() {
        if (waiting.isEmpty() || !permits.tryTake(limit)) {
            return false;
        }
        TaskNode<?> first = pollWaiting();
        if (first == null) {
            giveOwnBack();
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
            addUnstarted(ticket);
            scope.engine.launcher.launch(ticket, null);
        } catch (StackOverflowError e) {
            // No room to refuse it here: it is cancelled with the scope, which fails with this.
            throw e;
        } catch (Throwable e) {
            if (ticket == null || ticket.take()) {
                if (ticket != null) {
                    removeUnstarted(ticket);
                }
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
            if (limiter != null) {
                limiter.wakeWatchers();
            }
        }
        return true;
    }

    private void addUnstarted(Ticket ticket) {
        if (bounded) {
            unstarted.add(ticket);
            if (limiter != null) {
                limiter.addUnstarted(ticket);
            }
        }
    }

    private void removeUnstarted(Ticket ticket) {
        unstarted.remove(ticket);
        if (limiter != null) {
            limiter.removeUnstarted(ticket);
        }
    }

    /** Runs the task of a ticket that this thread has taken, and gives its permit back. */
    void runTaken(Ticket ticket) {
        // On the thread that is handing it over, that one's loop hands over the next: no recursion.
        boolean inline = ticket.handing == Thread.currentThread();
        removeTaken();
        if (limiter != null && bounded) {
            limiter.removeUnstarted(ticket);
        }
        try {
            run(ticket.task);
        } finally {
            givePermitBack();
            if (limited && !inline) {
                handOverWaiting();
            }
        }
    }

    private void givePermitBack() {
        if (limited) {
            giveOwnBack();
        }
        if (limiter != null) {
            limiter.giveBack();
        }
    }

    /** Gives a permit of the scope's own back. Without one the scope may have lost its place in line. */
    private void giveOwnBack() {
        permits.giveBack();
        standInLineAgain();
    }

    private void standInLineAgain() {
        if (limiter != null && !waiting.isEmpty()) {
            limiter.standInLine(this);
        } else if (limiter != null) {
            limiter.dropOut(this);
        }
    }

    boolean hasWaiting() {
        return !waiting.isEmpty();
    }

    private void run(TaskNode<?> task) {
        if (scope.isEnding()) {
            // The canceller will come to it, but may be slower than this thread.
            task.cancelFromAbove();
        } else {
            Loan.run(task);
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
    boolean hasWork(@Nullable TaskNode<?> task) {
        if (task == null) {
            removeTaken();
            return !unstarted.isEmpty() || limiter != null && (mayBorrow() || isWaitingForTickets()) || isWorkBelow();
        }
        return task.phase() == Frame.QUEUED
                && (!limited
                        || !unstarted.isEmpty()
                        || (mayBorrow() || isWaitingForTickets()) && waiting.contains(task));
    }

    /** Returns whether a lent thread may run this very task, see {@link #takeTask}. */
    boolean canRun(TaskNode<?> task) {
        return task.phase() == Frame.QUEUED
                && (!limited
                        || mayBorrow() && waiting.contains(task)
                        || unstarted.stream().anyMatch(ticket -> ticket.task == task && !ticket.isTaken()));
    }

    /** Returns whether tasks wait for permits of the limiter that an executor has not used yet, in any scope. */
    private boolean isWaitingForTickets() {
        return limiter != null && !waiting.isEmpty() && limiter.hasUnstarted();
    }

    /** Returns whether there are a task without a permit and an idle permit that could be lent to it. */
    private boolean mayBorrow() {
        if (waiting.isEmpty()) {
            return false;
        }
        return limiter == null
                ? permits.hasIdle()
                : (limiter.isFree() || limiter.held.hasIdle()) && (permits.taken() < limit || permits.hasIdle());
    }

    /** The thread that is in this frame begins to wait in the engine, or ends that: its tasks do not run meanwhile. */
    static void idle(@Nullable Frame innermost, boolean begins) {
        for (Frame frame = innermost; frame != null; frame = frame.enclosing()) {
            TaskNode<?> task = holderOfPermit(frame);
            if (task != null && task.scope.queue != null && task.scope.queue.limited) {
                task.scope.queue.idle(task, begins);
            }
        }
    }

    /**
     * Returns whether the thread of a task that runs, or its callbacks, waits in the engine; false if the scope has no limit.
     */
    static boolean isIdle(TaskNode<?> task) {
        return task.scope.queue != null && task.scope.queue.idle.containsKey(task);
    }

    private void idle(TaskNode<?> task, boolean begins) {
        int waits = idle.getOrDefault(task, 0);
        if (begins) {
            idle.put(task, waits + 1);
        } else if (waits > 1) {
            idle.put(task, waits - 1);
        } else {
            idle.remove(task);
        }
        if (waits > (begins ? 0 : 1)) {
            return;
        }
        permits.idle(begins);
        if (limiter != null) {
            limiter.held.idle(begins);
        }
        if (begins) {
            wakeForIdle();
        }
    }

    /** Waiters may go on that have found no permit to lend. */
    private void wakeForIdle() {
        if (!waiting.isEmpty() || !unstarted.isEmpty()) {
            watchers.wakeAll();
        }
        if (limiter != null) {
            limiter.wakeWatchers();
        }
    }

    /** The task whose permit a thread holds in a frame: one that runs there, or one whose callbacks do. */
    private static @Nullable TaskNode<?> holderOfPermit(Frame frame) {
        if (frame instanceof BoundFrame bound) {
            return bound.endedHere();
        }
        return frame instanceof TaskNode<?> task ? task : null;
    }

    /**
     * Takes what a lent thread may run for a waiter: the task that is waited for, if that has a permit or is lent one;
     * otherwise what keeps it from having one, in any scope; or all tasks that have no thread.
     */
    @Nullable
    Runnable takeWork(@Nullable TaskNode<?> task) {
        if (task == null) {
            Runnable first = takeTicket();
            first = first == null && limiter != null ? takeBorrower(null) : first;
            first = first == null && isWaitingForTickets() ? takeTicketOfLimiter() : first;
            return first != null ? first : takeWorkBelow();
        }
        Runnable work = takeTask(task);
        if (work == null && task.phase() == Frame.QUEUED) {
            work = takeTicket();
            work = work == null && isWaitingForTickets() ? takeTicketOfLimiter() : work;
        }
        return work;
    }

    /** Takes the very task that is waited for, if it has a permit or is lent one; null otherwise. */
    @Nullable
    Runnable takeTask(TaskNode<?> task) {
        if (task.phase() != Frame.QUEUED) {
            return null;
        }
        if (!limited) {
            return () -> run(task);
        }
        Runnable work = takeBorrower(task);
        return work != null ? work : takeTicketOf(task);
    }

    /**
     * The permits of a borrower. With one that is lent it may have taken another that is free.
     *
     * @param ofLimiter whether it has taken one of the limiter's
     * @param own whether it has taken one of the scope's own
     * @param lent whether it has borrowed one of the scope's own
     */
    private record Borrowed(boolean ofLimiter, boolean own, boolean lent) {}

    /** Takes a task that an idle permit is lent to: the given one, or the first; null if there is none. */
    private @Nullable Runnable takeBorrower(@Nullable TaskNode<?> task) {
        if (waiting.isEmpty()) {
            return null;
        }
        boolean ofLimiter = limiter != null && limiter.tryTake();
        if (limiter != null && !ofLimiter && !limiter.held.tryBorrow()) {
            return null;
        }
        boolean own = limiter != null && permits.tryTake(limit);
        Borrowed borrowed = new Borrowed(ofLimiter, own, !own && permits.tryBorrow());
        boolean both = borrowed.own || borrowed.lent;
        TaskNode<?> borrower = !both ? null : task == null ? pollWaiting() : waiting.remove(task) ? task : null;
        if (borrower == null) {
            giveBack(borrowed);
            return null;
        }
        if (limiter != null && borrowed.ofLimiter) {
            limiter.countGranted();
        }
        return () -> {
            try {
                run(borrower);
            } finally {
                giveBack(borrowed);
            }
        };
    }

    /** A borrower does not need its permits any longer. */
    private void giveBack(Borrowed borrowed) {
        if (borrowed.own) {
            permits.giveBack();
        } else if (borrowed.lent) {
            permits.endLoan();
        }
        if (limiter != null) {
            if (borrowed.ofLimiter) {
                limiter.giveBack();
            } else {
                limiter.held.endLoan();
            }
            standInLineAgain();
        }
        // Either may be free now, if the borrower had taken it over; or be lent again.
        handOverWaiting();
        wakeForIdle();
    }

    private @Nullable Runnable takeTicketOf(TaskNode<?> task) {
        for (Ticket each : unstarted) {
            if (each.task == task && each.take()) {
                unstarted.remove(each);
                return () -> runTaken(each);
            }
        }
        return null;
    }

    private @Nullable Runnable takeTicket() {
        for (Ticket next = unstarted.poll(); next != null; next = unstarted.poll()) {
            if (next.take()) {
                Ticket taken = next;
                return () -> runTaken(taken);
            }
        }
        return null;
    }

    /** A ticket of any scope, since all wait for the same permits. */
    private @Nullable Runnable takeTicketOfLimiter() {
        Ticket taken = limiter != null ? limiter.takeTicket() : null;
        return taken != null ? () -> taken.queue.runTaken(taken) : null;
    }

    /** A shared scope has no owner that waits for it: those who wait for the scopes above do. */
    private @Nullable Runnable takeWorkBelow() {
        if (scope.countedChildren > 0) {
            for (ScopeNode child : Members.childrenOf(scope)) {
                Runnable work = child.shared && child.queue != null ? child.queue.takeWork(null) : null;
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
                if (child.shared && child.queue != null && child.queue.hasWork(null)) {
                    return true;
                }
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
        if (limiter != null) {
            limiter.watch(wake);
        }
    }

    void unwatch(Runnable wake) {
        watchers.remove(wake);
        if (limiter != null) {
            limiter.unwatch(wake);
        }
    }

    void wakeWatchers() {
        watchers.wakeAll();
    }
}
