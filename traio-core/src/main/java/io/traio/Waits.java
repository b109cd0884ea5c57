// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.Frame.Owed;
import io.traio.spi.CancelReason;
import io.traio.spi.TimeSource;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything in which a thread waits. Who waits inside a cancelled scope or task leaves at once; who waits for queued
 * tasks runs them itself where the executor may be bounded.
 */
final class Waits {

    private Waits() {}

    /** The owner waits until its scope is done. Gives whose interrupt came meanwhile: not the scope's own. */
    static Owed forOwnScope(ScopeNode scope) {
        TaskQueue queue = scope.queue;
        Runnable wake = queue != null ? new WaitList.Wake(Thread.currentThread()) : null;
        if (queue != null && wake != null) {
            queue.watch(wake);
        }
        Owed owed = Owed.NOTHING;
        while (!scope.isDone()) {
            if (Thread.interrupted()) {
                if (scope.meetsInterruptForEnclosing()) {
                    owed = owed.or(Owed.TO_ENCLOSING);
                    scope.cancelFromAbove();
                } else {
                    owed = Owed.TO_OUTSIDE;
                    if (!scope.isCancelled()) {
                        ScopeEnd.cancel(
                                scope, CancelReason.INTERRUPT, interruption("the exit of " + scope.label(), null));
                    }
                }
            } else if (queue == null || !queue.help()) {
                LockSupport.park(scope);
            }
        }
        if (queue != null && wake != null) {
            queue.unwatch(wake);
        }
        return owed;
    }

    /**
     * Waits until a scope is closed; false if the time is over.
     *
     * @param toTheEnd whether neither an interrupt nor a cancellation makes this thread leave
     */
    static boolean forClosed(ScopeNode scope, long nanos, boolean toTheEnd) {
        Waiting waiting = new Waiting(scope, scope, scope.queue, nanos);
        boolean interrupted = false;
        try {
            while (!scope.isDead()) {
                if (waiting.isTimeOver()) {
                    return false;
                }
                if (!toTheEnd) {
                    waiting.throwIfCancelled();
                }
                if (waiting.mayHelp() && scope.queue != null && scope.queue.help()) {
                    continue;
                }
                if (waiting.parkInterrupted()) {
                    if (!toTheEnd) {
                        waiting.throwIfCancelled(true);
                    }
                    interrupted = true;
                    if (!toTheEnd) {
                        throw interruption("the end of " + scope.label(), null);
                    }
                }
            }
            return true;
        } finally {
            waiting.stop();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Waits until a task has ended, and takes its error over meanwhile; false if the time is over.
     *
     * @param claimed whether the error has been taken over already
     */
    static boolean forTask(TaskNode<?> task, long nanos, boolean claimed) throws InterruptedException {
        if (task.isEnded()) {
            return true;
        }
        for (Frame frame = Frames.current(); frame != null; frame = frame.enclosing()) {
            if (frame == task) {
                throw new IllegalStateException(task.label() + " cannot wait for itself");
            }
        }
        if (!claimed && !task.claim()) {
            return true;
        }
        try {
            return await(task, nanos) || !task.unclaim();
        } catch (ScopeCancelledException | InterruptedException e) {
            if (task.unclaim()) {
                throw e;
            }
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return true;
        } catch (Throwable e) {
            if (!task.unclaim() && task.phase() == Frame.FAILED && task.failure() != e) {
                e.addSuppressed(task.failure());
            }
            throw e;
        }
    }

    /** False if the time is over. */
    private static boolean await(TaskNode<?> task, long nanos) throws InterruptedException {
        ScopeNode scope = task.frameScope();
        TaskQueue queue = scope.queue;
        Waiting waiting = new Waiting(task, scope, queue, nanos);
        try {
            while (!task.isEnded()) {
                if (waiting.isTimeOver()) {
                    return false;
                }
                waiting.throwIfCancelled();
                if (waiting.mayHelp() && queue != null && queue.helpWith(task)) {
                    continue;
                }
                if (waiting.parkInterrupted()) {
                    waiting.throwIfCancelled(true);
                    throw new InterruptedException();
                }
            }
            return true;
        } finally {
            waiting.stop();
        }
    }

    /** Waits until something is so, or the scope of the queue takes no more tasks anyway. */
    static void forPlace(ScopeNode scope, TaskQueue queue, BooleanSupplier taken) {
        Waiting waiting = new Waiting(scope, scope, queue, Deadline.FOREVER_NANOS);
        try {
            while (!taken.getAsBoolean() && !scope.isEnding()) {
                waiting.throwIfCancelled();
                if (!queue.help() && waiting.parkInterrupted()) {
                    waiting.throwIfCancelled(true);
                    Thread.currentThread().interrupt();
                    throw interruption("a place in " + scope.label(), null);
                }
            }
        } finally {
            waiting.stop();
        }
    }

    static ScopeInterruptedException interruption(String where, @Nullable InterruptedException cause) {
        return new ScopeInterruptedException("Interrupted from outside while in " + where, cause);
    }

    /** Turns the exception into an unchecked one, with the interrupt flag set. */
    static ScopeInterruptedException interruptedIn(String what, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return interruption(what, cause);
    }

    /** One wait of this thread for a node that somebody else ends. */
    private static final class Waiting {

        private final Node node;
        private final @Nullable TaskQueue queue;
        private final @Nullable Frame frame = Frames.current();
        private final @Nullable ScopeNode inside = frame != null ? frame.knownScope() : null;
        private final TimeSource time;
        private final long nanos;
        private final long sinceNanos;
        private @Nullable Runnable wake;
        private TimeSource.@Nullable Alarm alarm;

        Waiting(Node node, ScopeNode scope, @Nullable TaskQueue queue, long nanos) {
            this.node = node;
            this.queue = queue;
            this.nanos = nanos;
            this.time = scope.engine.time;
            this.sinceNanos = isTimed() ? time.nanoTime() : 0;
        }

        private boolean isTimed() {
            return nanos < Deadline.FOREVER_NANOS;
        }

        /** Who has little time must not spend it on a task that may take longer. */
        boolean mayHelp() {
            return !isTimed();
        }

        boolean isTimeOver() {
            return isTimed() && time.nanoTime() - sinceNanos >= nanos;
        }

        /** Cancellation is level-triggered: no wait in cancelled code. */
        void throwIfCancelled() {
            throwIfCancelled(false);
        }

        /** As above, when this thread has just met an interrupt: on a bound thread that is not one of ours. */
        void throwIfCancelled(boolean interrupted) {
            if (frame != null && (frame.isCancelRequested() || inside != null && inside.isCancelled())) {
                frame.takeOwnInterrupt();
                String where = frame.label();
                if (frame instanceof BindingNode binding) {
                    where = binding.scopeLabel();
                    if (interrupted) {
                        Thread.currentThread().interrupt();
                    }
                }
                throw new ScopeCancelledException(where + " is cancelled and cannot wait for " + node.label(), null);
            }
        }

        /** Parks, unless this is the first time: then those who wake it are told first. True if interrupted. */
        boolean parkInterrupted() {
            if (wake == null) {
                wake = new WaitList.Wake(Thread.currentThread());
                node.whenDead(wake);
                if (frame instanceof BindingNode && inside != null) {
                    inside.bind(wake);
                }
                if (queue != null) {
                    queue.watch(wake);
                }
                if (isTimed()) {
                    alarm = time.schedule(nanos, wake);
                }
            } else {
                LockSupport.park(node);
            }
            return Thread.interrupted();
        }

        void stop() {
            if (wake != null) {
                node.forgetWaiter(wake);
                if (inside != null) {
                    inside.unbind(wake);
                }
                if (queue != null) {
                    queue.unwatch(wake);
                }
            }
            if (alarm != null) {
                alarm.cancel();
            }
        }
    }
}
