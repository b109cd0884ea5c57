// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeCancelledException;
import io.traio.ScopeInterruptedException;
import io.traio.internal.Nanos;
import io.traio.internal.VirtualThreads;
import io.traio.internal.engine.InterruptAccount.Taken;
import io.traio.spi.TimeSource;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything in which a thread waits. A waiter inside a cancelled scope or task leaves at once. While a thread waits for
 * tasks that have no thread, one is lent.
 */
final class Waits {

    private static final long RETRY_NANOS = 10_000_000;

    private Waits() {}

    /** The owner waits until its scope is done. Returns whether an interrupt from outside came meanwhile. */
    static boolean forOwnScope(ScopeNode scope) {
        if (scope.isDone()) {
            return false;
        }
        TaskQueue queue = scope.queue;
        Loan loan = Loan.forTasksOf(queue);
        Runnable wake = queue != null ? new WaitList.Wake(Thread.currentThread(), null) : null;
        boolean outside = false;
        boolean idle = false;
        InterruptAccount.beginWait(scope);
        try {
            if (queue != null && wake != null) {
                queue.watch(wake);
            }
            TaskQueue.idle(scope, /* begins= */ true);
            idle = true;
            while (!scope.isDone()) {
                Taken taken = InterruptAccount.take(scope);
                if (taken == Taken.OUTSIDE) {
                    outside = true;
                    if (!scope.isCancelled()) {
                        ScopeEnd.interrupt(scope, interruption("the exit of " + scope.label(), null));
                    }
                } else if (taken == Taken.OURS || InterruptAccount.woken(scope) != null) {
                    scope.cancelFromAbove();
                }
                if (!offered(loan, scope)) {
                    LockSupport.parkNanos(scope, RETRY_NANOS);
                } else if (!scope.isDone()) {
                    LockSupport.park(scope);
                }
            }
        } finally {
            if (scope.enclosing() != null) {
                InterruptAccount.stopWait(scope);
            } // else no code runs in here any more but releases, and the account goes with the scope
            if (idle) {
                TaskQueue.idle(scope, /* begins= */ false);
            }
            if (loan != null) {
                loan.end();
            }
            if (queue != null && wake != null) {
                queue.unwatch(wake);
            }
        }
        return outside;
    }

    /** An exit cannot throw before the scope is done: false if no thread could be lent, and it is to be tried again. */
    private static boolean offered(@Nullable Loan loan, ScopeNode scope) {
        if (loan != null) {
            try {
                loan.offer();
            } catch (Throwable e) {
                scope.engine.observers.noThreadToLend(scope, e);
                return false;
            }
        }
        return true;
    }

    /**
     * Waits until a scope is closed; false if the time is over.
     *
     * @param toTheEnd whether neither an interrupt nor a cancellation makes this thread leave
     */
    static boolean forClosed(ScopeNode scope, long nanos, boolean toTheEnd) {
        if (scope.isClosed()) {
            return true;
        }
        Waiting waiting = new Waiting(scope, scope, Loan.forTasksOf(scope.queue), nanos, /* isJoin= */ !toTheEnd);
        boolean interrupted = false;
        boolean signal = false;
        try {
            while (!scope.isClosed()) {
                if (waiting.isTimeOver()) {
                    return false;
                }
                if (!toTheEnd) {
                    waiting.throwIfCancelled();
                }
                if (waiting.isInterrupted()) {
                    interrupted = true;
                    if (!toTheEnd) {
                        throw noted(interruption("the end of " + scope.label(), null), waiting.frame);
                    }
                }
                waiting.park();
            }
            return true;
        } catch (ScopeCancelledException e) {
            signal = true;
            throw e;
        } finally {
            waiting.stop(signal);
            if (interrupted) {
                InterruptAccount.restoreOutside(waiting.frame);
            }
        }
    }

    /**
     * Waits until a task has ended, and takes its failure over meanwhile; false if the time is over.
     *
     * @param claimed whether the failure has been taken over already
     */
    static boolean forTask(TaskNode<?> task, long nanos, boolean claimed) throws InterruptedException {
        if (task.isCodeEnded()) {
            return true;
        }
        requireOutside(task);
        if (!claimed && !task.claim()) {
            return true;
        }
        try {
            return await(task, nanos, /* throwsSignal= */ true, /* orReady= */ false) || !task.unclaim();
        } catch (InterruptedException e) {
            if (task.unclaim()) {
                throw e;
            }
            // It has ended all the same: the next wait meets the interrupt.
            InterruptAccount.restoreOutside(CurrentFrame.get());
            return true;
        } catch (Throwable e) {
            if (!task.unclaim() && task.phase() == Frame.FAILED && !Throwables.isReachable(task.failure(), e)) {
                // The failure has come to this waiter, who leaves all the same.
                task.lookedAt();
                e.addSuppressed(task.failure());
            }
            throw e;
        }
    }

    /** Waits until a task has ended, and leaves its outcome to others; false if the time is over. */
    static boolean forEnd(TaskNode<?> task, long nanos) {
        if (task.isCodeEnded()) {
            return true;
        }
        requireOutside(task);
        try {
            return await(task, nanos, /* throwsSignal= */ false, /* orReady= */ false);
        } catch (InterruptedException e) {
            throw interruptedIn("the wait for the end of " + task.labelWithScope(), e);
        }
    }

    /** Waits until a task that this thread starts is ready or has ended. */
    static void forStart(TaskNode<?> task) throws InterruptedException {
        if (!isOver(task, /* orReady= */ true)) {
            await(task, Nanos.FOREVER, /* throwsSignal= */ true, /* orReady= */ true);
        }
    }

    private static void requireOutside(TaskNode<?> task) {
        for (Frame frame = CurrentFrame.get(); frame != null; frame = frame.enclosing()) {
            if (frame == task) {
                throw new IllegalStateException(task.label() + " cannot wait for itself");
            }
        }
    }

    /**
     * Waits until a task has ended, or straggles, that this thread has given up: nothing makes it leave earlier.
     *
     * @param signal whether the caller throws a cancellation signal afterwards
     */
    static void forGivenUp(TaskNode<?> task, boolean signal) {
        if (task.isCodeEnded()) {
            return;
        }
        Waiting waiting = new Waiting(task, task.scope, Loan.forTask(task), Nanos.FOREVER, /* isJoin= */ false);
        boolean interrupted = false;
        try {
            while (!task.isCodeEnded() && !task.isStraggler()) {
                interrupted |= waiting.takesOutside();
                waiting.park(RETRY_NANOS);
            }
        } finally {
            waiting.stop(signal);
            if (interrupted) {
                InterruptAccount.restoreOutside(waiting.frame);
            }
        }
    }

    /** Waits until something is so, which another thread makes so and then unparks this one; nothing makes it leave earlier. */
    static void uninterruptibly(Frame frame, BooleanSupplier over) {
        boolean outside = false;
        boolean tookOurs = false;
        InterruptAccount.beginWait(frame);
        try {
            while (!over.getAsBoolean()) {
                // One of ours that the code has met may be on its way through here: it stays counted as not met.
                if (Thread.currentThread().isInterrupted()) {
                    Taken taken = InterruptAccount.take(frame);
                    outside |= taken == Taken.OUTSIDE;
                    tookOurs |= taken == Taken.OURS;
                }
                LockSupport.park(over);
            }
        } finally {
            InterruptAccount.endWait(frame, /* signal= */ false, tookOurs);
            if (outside) {
                InterruptAccount.restoreOutside(frame);
            }
        }
    }

    private static boolean isOver(TaskNode<?> task, boolean orReady) {
        return task.isCodeEnded() || orReady && !task.isStarting();
    }

    /**
     * False if the time is over.
     *
     * @param throwsSignal whether the caller throws the signal if the task was cancelled with its scope
     * @param orReady whether it is enough that a task that is started is ready
     */
    private static boolean await(TaskNode<?> task, long nanos, boolean throwsSignal, boolean orReady)
            throws InterruptedException {
        Waiting waiting = new Waiting(task, task.scope, Loan.forTask(task), nanos, /* isJoin= */ !orReady);
        boolean signal = false;
        try {
            while (!isOver(task, orReady)) {
                if (waiting.isTimeOver()) {
                    return false;
                }
                waiting.throwIfCancelled();
                if (waiting.isInterrupted()) {
                    throw noted(new InterruptedException(), waiting.frame);
                }
                waiting.park();
            }
            // That the task was cancelled with its scope is a signal for who is in there, too.
            signal = throwsSignal && task.phase() == Frame.CANCELLED && task.scope.isCancelled();
            return true;
        } catch (ScopeCancelledException e) {
            if (isOver(task, orReady) && !(throwsSignal && task.phase() == Frame.CANCELLED)) {
                return true;
            }
            signal = true;
            throw e;
        } finally {
            waiting.stop(signal);
        }
    }

    /** Waits until something is so, or the scope takes no more tasks anyway. */
    static void forPlace(ScopeNode scope, BooleanSupplier taken) {
        if (taken.getAsBoolean() || scope.isEnding()) {
            return;
        }
        Waiting waiting = new Waiting(scope, scope, Loan.forTasksOf(scope.queue), Nanos.FOREVER, /* isJoin= */ false);
        boolean signal = false;
        boolean interrupted = false;
        try {
            while (!taken.getAsBoolean() && !scope.isEnding()) {
                waiting.throwIfCancelled();
                if (waiting.isInterrupted()) {
                    interrupted = true;
                    throw noted(interruption("a place in " + scope.label(), null), waiting.frame);
                }
                waiting.park();
            }
        } catch (ScopeCancelledException e) {
            signal = true;
            throw e;
        } finally {
            waiting.stop(signal);
            if (interrupted) {
                InterruptAccount.restoreOutside(waiting.frame);
            }
        }
    }

    /** Throws a cancellation signal as a wait would, without one. */
    static void checkCancelled() {
        Frame frame = CurrentFrame.get();
        ScopeNode inside = CurrentFrame.scopeOf(frame);
        if (frame == null || inside == null) {
            return;
        }
        if (!frame.isCancelRequested() && !inside.isCancelled() && InterruptAccount.unnotified(frame) == null) {
            return;
        }
        Waiting waiting = new Waiting(inside, inside, null, Nanos.FOREVER, /* isJoin= */ false);
        boolean interrupted = false;
        boolean signal = false;
        try {
            waiting.throwIfCancelled();
            interrupted = waiting.isInterrupted();
        } catch (ScopeCancelledException e) {
            signal = true;
            throw e;
        } finally {
            waiting.stop(signal);
            if (interrupted) {
                InterruptAccount.restoreOutside(frame);
            }
        }
    }

    static ScopeInterruptedException interruption(String where, @Nullable Throwable cause) {
        return new ScopeInterruptedException("Interrupted from outside while in " + where, cause);
    }

    /** Turns the exception into an unchecked one, with the interrupt flag set. */
    static ScopeInterruptedException interruptedIn(String what, InterruptedException cause) {
        InterruptAccount.restoreOutside(CurrentFrame.get());
        return noted(interruption(what, cause), CurrentFrame.get());
    }

    /** The owner notes the exception that says that it was interrupted from outside: its body may end with that. */
    private static <E extends Throwable> E noted(E interruption, @Nullable Frame frame) {
        if (frame instanceof ScopeNode scope) {
            Body.noteThrown(scope, interruption);
        }
        return interruption;
    }

    /** One wait of this thread for a node that another thread ends. */
    private static final class Waiting {

        private final Node node;
        private final @Nullable TaskQueue queue;
        private final @Nullable Loan loan;
        final @Nullable Frame frame = CurrentFrame.get();
        private final @Nullable ScopeNode inside = CurrentFrame.scopeOf(frame);
        private final TimeSource time;
        private final long nanos;
        private final boolean isJoin;
        private final long sinceNanos;
        private boolean tookOurs;
        private boolean yielded;
        private boolean idle;
        private @Nullable Runnable wake;
        /** Through which this wait may be one for itself; null if there is none. */
        private @Nullable WaitCycle cycle;

        private TimeSource.@Nullable Alarm alarm;

        /**
         * Begins a wait.
         *
         * @param isJoin whether only the end of the node ends it, or a cancellation or interrupt: such a wait must not be one
         *     for itself
         */
        Waiting(Node node, ScopeNode scope, @Nullable Loan loan, long nanos, boolean isJoin) {
            this.isJoin = isJoin;
            this.node = node;
            this.queue = scope.queue;
            this.loan = loan;
            this.nanos = nanos;
            this.time = scope.engine.time;
            this.sinceNanos = isTimed() ? time.nanoTime() : 0;
            if (frame != null) {
                InterruptAccount.beginWait(frame);
            }
        }

        private boolean isTimed() {
            return nanos < Nanos.FOREVER;
        }

        boolean isTimeOver() {
            return isTimed() && time.nanoTime() - sinceNanos >= nanos;
        }

        /** Cancellation is level-triggered: no wait in cancelled code. */
        void throwIfCancelled() {
            if (frame != null) {
                if (frame.isCancelRequested() || inside != null && inside.isCancelled()) {
                    String cancelled = frame instanceof BoundFrame bound ? bound.scopeLabel() : frame.label();
                    awaitCanceller(frame);
                    throwSignal(cancelled, frame);
                }
                Frame woken = InterruptAccount.woken(frame);
                if (woken != null) {
                    throwSignal(woken.label(), frame);
                }
            }
        }

        private void throwSignal(String cancelled, Frame current) {
            Taken taken = InterruptAccount.take(current);
            if (taken == Taken.OUTSIDE) {
                InterruptAccount.restoreOutside(current);
            }
            tookOurs |= taken == Taken.OURS;
            CancelCause cause = inside != null ? inside.rootCause() : null;
            String cannot = node == inside ? "cannot go on" : "cannot wait for " + node.label();
            String why = inside != null && inside.isCancelled() ? " (" + inside.endText() + ")" : "";
            throw new ScopeCancelledException(
                    cancelled + " is cancelled" + why + " and " + cannot, cause != null ? cause.failure() : null);
        }

        /**
         * What this frame is in may have been found cancelled before the canceller has come to the frame. While the thread
         * waits, that leaves a note; later, an interrupt, which one from outside could not be told from. The canceller may be
         * this very thread, in a listener: so not for long.
         */
        private static void awaitCanceller(Frame current) {
            long since = System.nanoTime();
            for (int spins = 0; current.phase() == Frame.RUNNING && System.nanoTime() - since < RETRY_NANOS; spins++) {
                Frame.awaitCanceller(spins);
            }
        }

        /** Takes the interrupt flag; whether it was set from outside. One that is meant for a frame around is a signal. */
        boolean isInterrupted() {
            if (frame == null) {
                return Thread.interrupted();
            }
            Taken taken = InterruptAccount.take(frame);
            if (taken == Taken.OURS) {
                tookOurs = true;
                Frame cancelled = InterruptAccount.unnotified(frame);
                throwSignal(cancelled != null ? cancelled.label() : frame.label(), frame);
            }
            return taken == Taken.OUTSIDE;
        }

        /** Takes the interrupt flag, for a wait that nothing ends: whether it was set from outside. */
        boolean takesOutside() {
            if (frame == null) {
                return Thread.interrupted();
            }
            Taken taken = InterruptAccount.take(frame);
            tookOurs |= taken == Taken.OURS;
            return taken == Taken.OUTSIDE;
        }

        /**
         * Parks, at the third call. At the first, a virtual thread lets others run, which often is all that it waits for. Then
         * this thread is registered with what wakes it.
         */
        void park() {
            park(Nanos.FOREVER);
        }

        /** As above, for some time at the most. */
        void park(long atMostNanos) {
            if (!yielded && loan == null && VirtualThreads.isVirtual(Thread.currentThread())) {
                yielded = true;
                Thread.yield();
                return;
            }
            if (wake == null) {
                Frame joiner = isJoin && !isTimed() ? frame : null;
                wake = new WaitList.Wake(Thread.currentThread(), joiner);
                node.onEnd(wake);
                // After this wait is published: of two threads that close a cycle, one sees the other.
                cycle = joiner != null ? WaitCycle.of(joiner, node) : null;
                if (frame instanceof BoundFrame && inside != null) {
                    BoundFrame.addWaiting(inside, wake);
                }
                if (queue != null) {
                    queue.watch(wake);
                }
                TaskQueue.idle(frame, /* begins= */ true);
                idle = true;
                if (isTimed()) {
                    alarm = time.schedule(nanos, wake);
                }
            } else if (cycle == null) {
                LockSupport.parkNanos(node, atMostNanos);
            } else {
                lookAtCycle(cycle);
            }
            if (loan != null) {
                loan.offer();
            }
        }

        /** A wait in the cycle may be about to end by an interrupt: only a cycle that stays is refused. */
        private void lookAtCycle(WaitCycle seen) {
            long since = System.nanoTime();
            LockSupport.parkNanos(node, RETRY_NANOS);
            WaitCycle now = WaitCycle.of(Objects.requireNonNull(frame), node);
            if (now == null || System.nanoTime() - since >= RETRY_NANOS) {
                if (now != null && now.isClosed() && now.equals(seen)) {
                    throw now.refusal();
                }
                cycle = now;
            }
        }

        void stop(boolean signal) {
            if (loan != null) {
                loan.end();
            }
            if (idle) {
                TaskQueue.idle(frame, /* begins= */ false);
            }
            if (wake != null) {
                node.removeWaiter(wake);
                if (inside != null) {
                    BoundFrame.removeWaiting(inside, wake);
                }
                if (queue != null) {
                    queue.unwatch(wake);
                }
            }
            if (alarm != null) {
                alarm.cancel();
            }
            if (frame != null) {
                InterruptAccount.endWait(frame, signal, tookOurs);
            }
        }
    }
}
