// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.Frame.Owed;
import io.traio.spi.CancelReason;
import io.traio.spi.ContextPropagator.Restorer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Third step of a task: settles its state, so that there is exactly one outcome, and tells its scope. Taken by the thread
 * that ran the task; for a task that never ran, or is abandoned, by the one that cancelled it.
 */
final class TaskFinish {

    private TaskFinish() {}

    /** The task has run on this thread. */
    static void finish(
            TaskNode<?> task, @Nullable Object value, @Nullable Throwable failure, @Nullable Restorer restorer) {
        task.outcome(failure != null ? failure : value);
        Owed owed = task.settle(failure == null ? Frame.SUCCEEDED : Frame.FAILED);
        task.frameScope().engine.context.restore(task, restorer);
        Frames.leave(task);
        if (failure != null && task.phase() == Frame.FAILED && isMetForEnclosing(task, failure)) {
            owed = Owed.TO_ENCLOSING;
        } else if (isInterruptOfHelper(task, failure)) {
            owed = Owed.TO_OUTSIDE;
            if (task.enclosing() == task.frameScope()) {
                ScopeEnd.cancel(task.frameScope(), CancelReason.INTERRUPT, Waits.interruption(task.label(), null));
            }
        }
        task.interruptAgain(owed);
        if (task.isAbandoned()) {
            task.frameScope().engine.abandonedEnded(task, failure);
        } else {
            report(task, failure);
        }
    }

    /** One of our interrupts met a task that was run by a waiting thread, but is meant for what waits. */
    private static boolean isMetForEnclosing(TaskNode<?> task, Throwable failure) {
        return Interruptions.isCancelSignal(failure) && task.isInterruptForEnclosing();
    }

    /** An interrupt from outside met a task that was run by a waiting thread: it is meant for the one who waits. */
    private static boolean isInterruptOfHelper(TaskNode<?> task, @Nullable Throwable failure) {
        return failure instanceof InterruptedException && task.enclosing() != null && task.phase() == Frame.FAILED;
    }

    /** No thread could be had for the task. */
    static void reject(TaskNode<?> task, Throwable failure) {
        // Some executors refuse what they run all the same: the outcome is for one of us to write.
        if (task.tryMove(Frame.QUEUED, Frame.INTERRUPTING)) {
            task.outcome(failure);
            task.tryMove(Frame.INTERRUPTING, Frame.FAILED);
            report(task, failure);
        }
    }

    /** Cancels the task as of some time; false if it has ended or was cancelled before. */
    static boolean cancel(TaskNode<?> task, long atNanos) {
        Told told;
        try {
            told = tellToEnd(task);
        } catch (Throwable e) {
            followUp(task, toldAllTheSame(task), atNanos);
            throw e;
        }
        followUp(task, told, atNanos);
        return told != Told.NOTHING;
    }

    private static void followUp(TaskNode<?> task, Told told, long atNanos) {
        if (told == Told.HAS_ENDED) {
            ended(task);
        } else if (told == Told.TO_LEAVE) {
            Stragglers.watch(task.frameScope(), List.of(task), atNanos);
        }
    }

    /** What came of telling a task to end whose thread, one that a user has made, throws when it is interrupted. */
    static Told toldAllTheSame(TaskNode<?> task) {
        return task.isAbandoned() ? Told.HAS_ENDED : Told.TO_LEAVE;
    }

    /** What came of telling a task to end. */
    enum Told {
        /** It has ended, or had been told before. */
        NOTHING,
        /** Its thread has been told to leave, and is to be {@linkplain Stragglers#watch watched}. */
        TO_LEAVE,
        /** It has ended by that, and is to be {@linkplain #ended reported} by the one who told it. */
        HAS_ENDED
    }

    /** Tells the task to end. Calls no code of the user's. */
    static Told tellToEnd(TaskNode<?> task) {
        if (task.tryMove(Frame.QUEUED, Frame.CANCELLED)) {
            return Told.HAS_ENDED;
        }
        if (task.options().abandonOnCancel()) {
            return task.frameScope().engine.abandon(task) ? Told.HAS_ENDED : Told.NOTHING;
        }
        return task.interrupt() ? Told.TO_LEAVE : Told.NOTHING;
    }

    /** The task has ended because it was cancelled before it ran, or is abandoned. */
    static void ended(TaskNode<?> task) {
        if (task.isAbandoned()) {
            task.frameScope().engine.tellAbandoned(task);
        } else {
            task.outcome(null);
        }
        report(task, null);
    }

    private static void report(TaskNode<?> task, @Nullable Throwable failure) {
        try {
            tell(task, failure);
        } finally {
            // A scope must come to its end.
            leave(task);
        }
    }

    private static void tell(TaskNode<?> task, @Nullable Throwable failure) {
        ScopeNode scope = task.frameScope();
        Observers observers = scope.engine.observers;
        int phase = task.phase();
        if (failure != null
                && Interruptions.isCancelSignal(failure)
                && (phase == Frame.CANCELLED || scope.isEnding() || scope.isCancelled())) {
            // Also where the task met the end of its scope before it was told of it.
            scope.adoptSuppressed(failure);
            failure = null;
        }
        Observed observed = task.observed;
        if (observed != null) {
            observers.taskEnded(task, observed, failure);
        }
        if (failure != null) {
            if (failure instanceof VirtualMachineError) {
                countOutLost(scope);
            }
            if (!(phase == Frame.FAILED && task.isClaimed())) {
                bubble(task, failure, phase);
            }
        }
        if (task.options().master()) {
            ScopeEnd.cancel(scope, CancelReason.MASTER, null);
        }
    }

    private static void bubble(TaskNode<?> task, Throwable failure, int phase) {
        ScopeNode scope = task.frameScope();
        if (!task.options().bubble() || scope.isDone()) {
            scope.engine.observers.failureNotRaised(task, failure);
        } else if (phase == Frame.FAILED) {
            ScopeEnd.fail(scope, failure, task);
        } else if (failure instanceof StragglerException) {
            // Something runs on: not even a silent exit is silent about that.
            scope.failures().addToRaise(failure, task);
        } else {
            scope.failures().add(failure);
        }
    }

    private static void countOutLost(ScopeNode scope) {
        for (ScopeNode s = scope; s != null; s = s.parent) {
            s.countOutLost();
        }
    }

    /** A callback of a task that ends here. The scope waits for it, so it is inside, on whatever thread this is. */
    static void callBack(TaskNode<?> task, Runnable callback) {
        ScopeNode scope = task.frameScope();
        BindingNode binding = BindingNode.awaitedBy(scope);
        scope.engine.observers.call(scope, () -> {
            Throwable failure = null;
            try {
                callback.run();
            } catch (Throwable e) {
                failure = e;
            }
            failure = ScopeExit.closeLeftOpen(binding, failure);
            if (failure != null) {
                throw TaskFailures.<RuntimeException>sneaky(failure);
            }
        });
        binding.close();
    }

    private static void leave(TaskNode<?> task) {
        ScopeNode scope = task.frameScope();
        task.tellWaiters();
        boolean straggler = task.isStraggler();
        if (straggler) {
            Stragglers.ended(task);
        }
        if (scope.queue != null) {
            scope.queue.freePlace();
        }
        scope.release(task.options().awaited() && !straggler);
        scope.countOutLost();
    }
}
