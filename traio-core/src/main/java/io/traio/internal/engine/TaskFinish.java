// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopePolicy;
import io.traio.ScopePolicy.Verdict;
import io.traio.internal.engine.InterruptAccount.Settled;
import io.traio.spi.CancelReason;
import io.traio.spi.CancellationSignals;
import io.traio.spi.ContextPropagator.Restorer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Third step of a task: settles its state, so that there is exactly one outcome, and reports it to its scope. Taken by the
 * thread that ran the task; for a task that never ran, or is abandoned, by the canceller or the spawner.
 */
final class TaskFinish {

    private TaskFinish() {}

    /** The task has run on this thread. */
    static void finish(
            TaskNode<?> task, @Nullable Object value, @Nullable Throwable failure, @Nullable Restorer restorer) {
        task.endHooks(task);
        task.result(failure != null ? failure : value);
        boolean interruption = failure instanceof InterruptedException;
        boolean ofEnclosing = interruption && InterruptAccount.isForEnclosing(task);
        Settled settled = InterruptAccount.settle(task, failure == null ? Frame.SUCCEEDED : Frame.FAILED, interruption);
        Throwable notRestored = task.scope.engine.context.restore(restorer);
        if (notRestored != null) {
            // The outcome of the task stands.
            task.scope.engine.observers.contextNotRestored(task, notRestored);
        }
        CurrentFrame.leave(task);
        // An executor may run a task on the thread that spawned it. What came from outside is meant for that one.
        boolean outside = settled == Settled.OUTSIDE
                || interruption
                        && task.enclosing() != null
                        && task.phase() == Frame.FAILED
                        && !task.hasFlag(Frame.OURS_PASSES)
                        && !ofEnclosing;
        InterruptAccount.left(task, outside, /* signal= */ false);
        if (task.isAbandoned()) {
            task.scope.engine.abandonedEnded(task, failure);
        } else {
            finish(task, failure);
        }
    }

    /** No thread could be had for the task. */
    static void refuse(TaskNode<?> task, Throwable failure) {
        // Some executors refuse what they run all the same: the outcome is for one of us to write.
        if (task.tryMove(Frame.QUEUED, Frame.REFUSING)) {
            CurrentFrame.giveBack(task);
            task.result(failure);
            task.tryMove(Frame.REFUSING, Frame.FAILED);
            finish(task, failure);
        }
    }

    // ---- cancelling ----

    /** What the beginning of a cancellation has done to a task. */
    enum Begun {
        /** Nothing: it has ended, or was cancelled before. */
        NOTHING,
        /** Its thread was interrupted or woken, and is to be {@linkplain Stragglers#watch watched}. */
        RUNS_ON,
        /** It has ended by that, and its end is to be {@linkplain #endCancelled finished} by the canceller. */
        ENDED
    }

    /** Cancels the task as of some time; false if it has ended or was cancelled before. */
    static boolean cancel(TaskNode<?> task, long atNanos) {
        Begun begun = beginCancel(task);
        if (begun == Begun.ENDED) {
            endCancelled(task);
        } else if (begun == Begun.RUNS_ON) {
            Stragglers.watch(task.scope, List.of(task), atNanos);
        }
        return begun != Begun.NOTHING;
    }

    /**
     * Cancels the task, and not its scope; false if it has ended or was cancelled before.
     *
     * @param announced whether the caller has {@linkplain Frame#announceCancel announced} that
     */
    static boolean cancelAlone(TaskNode<?> task, boolean announced) {
        // Its end may be the end of the scopes that were opened in it: that must not look like a failure.
        if (announced && task.hasOpenedScopes()) {
            ScopeEnd.cancelOpenedIn(task);
        }
        boolean cancelled = cancel(task, task.scope.engine.nanoTime()) || announced;
        if (task.hasOpenedScopes()) {
            ScopeEnd.cancelOpenedIn(task);
        }
        if (cancelled) {
            task.scope.engine.observers.taskCancelled(task);
        }
        return cancelled;
    }

    /** Begins to cancel the task. Calls no code of the application's but {@link Thread#interrupt}. */
    static Begun beginCancel(TaskNode<?> task) {
        if (task.tryMove(Frame.QUEUED, Frame.CANCELLED)) {
            return Begun.ENDED;
        }
        boolean abandons = task.options().abandonOnCancel();
        if (!(abandons ? task.scope.engine.abandon(task) : InterruptAccount.cancel(task))) {
            return Begun.NOTHING;
        }
        task.callHooks();
        return abandons ? Begun.ENDED : Begun.RUNS_ON;
    }

    /** The task has ended because it was cancelled before it ran, or is abandoned. */
    static void endCancelled(TaskNode<?> task) {
        if (!task.isAbandoned()) {
            task.result(null);
            finish(task, null);
        } else {
            boolean started = task.hasStartedAtEnd();
            Observed observed = task.observed;
            if (!started || observed == null || observed.mayReportEnd()) {
                endAbandoned(task);
            }
        }
    }

    /** Reports that a task was abandoned, and so has ended; if its start has still to be reported, its thread does. */
    static void endAbandoned(TaskNode<?> task) {
        try {
            Observed observed = task.observed;
            if (observed != null) {
                task.scope.engine.observers.taskAbandoned(task);
                task.scope.engine.observers.taskEnded(task, observed, null);
            }
            task.scope.engine.reportAbandonedEnded(task);
            endIfDecided(task, verdict(task, null));
        } finally {
            notifyAndCountOut(task);
        }
    }

    // ---- the outcome ----

    /** Reports the outcome, and counts the task out of the scope, which must come to its end whatever happens. */
    private static void finish(TaskNode<?> task, @Nullable Throwable thrown) {
        try {
            Throwable failure = thrown != null && settledAsSignal(task, thrown) ? null : thrown;
            reportEnd(task, failure);
            Verdict verdict = verdict(task, failure);
            if (failure != null) {
                failed(task, failure, verdict);
            }
            endIfDecided(task, verdict);
        } finally {
            notifyAndCountOut(task);
        }
    }

    private static void reportEnd(TaskNode<?> task, @Nullable Throwable failure) {
        Observed observed = task.observed;
        if (observed == null) {
            return;
        }
        if (task.scope.queue == null) {
            task.scope.engine.observers.taskEnded(task, observed, failure);
        } else {
            // A listener may spawn into the scope, whose place and permit this task still holds.
            Callbacks.inside(task, () -> task.scope.engine.observers.taskEnded(task, observed, failure));
        }
    }

    private static void endIfDecided(TaskNode<?> task, Verdict verdict) {
        if (verdict == Verdict.END) {
            ScopeEnd.cancel(task.scope, CancelReason.POLICY, null);
        }
        if (task.options().master() && !task.isStarting()) {
            ScopeEnd.cancel(task.scope, CancelReason.MASTER, null);
        }
    }

    /** Returns whether what a task has thrown is a cancellation signal; the failures that hang on that are kept. */
    private static boolean settledAsSignal(TaskNode<?> task, Throwable thrown) {
        ScopeNode scope = task.scope;
        boolean signal = isSignal(task, thrown);
        if (signal) {
            Failures.addSuppressed(scope, thrown);
            scope.engine.observers.signalSwallowed(scope, task, thrown);
        }
        return signal;
    }

    /** What the policy of the scope makes of the end of a task. */
    private static Verdict verdict(TaskNode<?> task, @Nullable Throwable failure) {
        ScopeNode scope = task.scope;
        ScopePolicy policy = scope.policy;
        if (policy == null || !task.options().awaited() || task.isStarting()) {
            return Verdict.FAIL;
        }
        if (task.phase() == Frame.CANCELLED && (scope.isEnding() || scope.isCancelled())) {
            return Verdict.FAIL;
        }
        try {
            return Objects.requireNonNull(policy.taskEnded(task, failure), "verdict");
        } catch (Throwable e) {
            scope.engine.observers.policyFailed(scope, policy, e);
            return Verdict.FAIL;
        }
    }

    private static boolean isSignal(TaskNode<?> task, Throwable thrown) {
        ScopeNode scope = task.scope;
        if (task.phase() == Frame.CANCELLED && task.interruptible()) {
            return scope.engine.isSignal(thrown);
        }
        // Without an interrupt the task meets the end of its scope only where it asks traio for something.
        return (scope.isEnding() || scope.isCancelled() || task.phase() == Frame.CANCELLED)
                && CancellationSignals.isRefusal(thrown);
    }

    /** The failure of a task that has ended; null if it has none, or what it has thrown is a cancellation signal. */
    static @Nullable Throwable failureOf(TaskNode<?> task) {
        Throwable thrown = task.thrown();
        return thrown != null && !isSignal(task, thrown) ? thrown : null;
    }

    private static void failed(TaskNode<?> task, Throwable failure, Verdict verdict) {
        ScopeNode scope = task.scope;
        if (failure instanceof VirtualMachineError) {
            for (ScopeNode s = scope; s != null; s = s.parent) {
                ScopeEnd.countOutLost(s);
            }
        }
        if (task.isStarting()) {
            // Who starts it throws it.
        } else if (task.phase() != Frame.FAILED) {
            addFailureOfCancelled(task, failure);
        } else if (task.isClaimed()) {
            // A waiter throws it.
        } else if (task.options().toJoin()) {
            UnseenFailures.of(scope).add(task);
        } else if (!task.hasCallback()) {
            if (verdict == Verdict.FAIL) {
                bubble(task, failure);
            } else if (verdict == Verdict.DEFER) {
                defer(task, failure);
            }
        }
    }

    /** Keeps a failure that the exit throws unless the policy ends the scope. */
    private static void defer(TaskNode<?> task, Throwable failure) {
        if (!task.options().bubble() || task.scope.isDone()) {
            task.scope.engine.observers.failureNotThrown(task, failure);
        } else {
            UnseenFailures.of(task.scope).add(task);
        }
    }

    /** The failure of a clean-up. */
    private static void addFailureOfCancelled(TaskNode<?> task, Throwable failure) {
        ScopeNode scope = task.scope;
        if (!task.options().bubble() || scope.isDone()) {
            scope.engine.observers.failureNotThrown(task, failure);
        } else if (Throwables.straggler(failure) != null) {
            // Something runs on: not even a silent exit is silent about that.
            Failures.of(scope).addToThrow(failure, task.labelWithScope());
        } else {
            Failures.of(scope).add(failure);
        }
    }

    private static void bubble(TaskNode<?> task, Throwable failure) {
        if (!task.options().bubble() || task.scope.isDone()) {
            task.scope.engine.observers.failureNotThrown(task, failure);
        } else {
            ScopeEnd.fail(task.scope, failure, task);
        }
    }

    private static void notifyAndCountOut(TaskNode<?> task) {
        ScopeNode scope = task.scope;
        if (task.hasCallback()) {
            task.callbacksRun();
        }
        task.wakeWaiters();
        if (task.hasCallback() && isUnseenFailure(task)) {
            UnseenFailures.of(scope).add(task);
        }
        boolean straggler = task.isStraggler();
        if (straggler) {
            Stragglers.ended(task);
        }
        if (scope.queue != null) {
            scope.queue.freePlace();
        }
        ScopeEnd.countOut(scope, task.isAwaited() && !straggler);
        ScopeEnd.countOutLost(scope);
    }

    private static boolean isUnseenFailure(TaskNode<?> task) {
        return task.phase() == Frame.FAILED
                && !task.isClaimed()
                && !task.options().toJoin()
                && !task.isLookedAt();
    }
}
