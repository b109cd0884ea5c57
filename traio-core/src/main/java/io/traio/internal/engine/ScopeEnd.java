// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeCancelledException;
import io.traio.internal.engine.ScopeWord.Change;
import io.traio.spi.CancelReason;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Fourth step: the end of a scope. It is cancelled or ends by itself, what is left in it is cancelled, and when nothing
 * runs that is waited for, those who wait for the scope are woken. Acts on what the transitions of {@link ScopeState} return.
 */
final class ScopeEnd {

    private ScopeEnd() {}

    // ---- cancelling ----

    static void cancel(ScopeNode scope, CancelReason reason, @Nullable Throwable failure) {
        EndCause cause = EndCause.of(reason, failure, null, scope.engine.nanoTime());
        if (!cancel(scope, cause) && failure != null) {
            scope.failures().add(failure);
        }
    }

    /** A task failed, or the body if there is no task. */
    static void fail(ScopeNode scope, Throwable failure, @Nullable TaskNode<?> task) {
        String label = task != null ? task.labelWithScope() : null;
        EndCause cause = EndCause.of(CancelReason.FAILURE, failure, label, scope.engine.nanoTime());
        if (!cancel(scope, cause)) {
            scope.failures().addToThrow(failure, label);
        }
    }

    /** Cancels the scope unless it has been cancelled or is done. */
    static boolean cancel(ScopeNode scope, EndCause cause) {
        boolean begun = begin(scope, cause);
        if (begun) {
            Cancellation.of(scope);
        }
        return begun;
    }

    /** Notes the cause and counts the canceller in; false if the scope has been cancelled or is done. */
    static boolean begin(ScopeNode scope, EndCause cause) {
        if (scope.isCancelled() || !scope.admitCanceller()) {
            return false;
        }
        boolean first = scope.tryEnd(cause);
        if (!first) {
            release(scope, /* awaited= */ false);
        }
        return first;
    }

    /** Cancels a scope if that above is ending, or it was opened in a task that is cancelled, and it is not shielded. */
    static void cancelIfFromAbove(ScopeNode scope, @Nullable Frame openedIn) {
        ScopeNode up = scope.parent;
        if (up != null && !scope.isShield() && (up.isEnding() || isCancelledTask(openedIn))) {
            scope.cancelFromAbove();
        }
    }

    private static boolean isCancelledTask(@Nullable Frame frame) {
        return frame instanceof TaskNode<?> && frame.isCancelRequested();
    }

    /** A task was cancelled: so are the scopes that were opened in it. */
    static void cancelOpenedIn(TaskNode<?> task) {
        for (Node member : task.scope.members()) {
            if (member instanceof ScopeNode child && !child.isShield() && child.isOpenedIn(task)) {
                child.cancelFromAbove();
            }
        }
    }

    // ---- what follows from a transition ----

    /** Counts a member out. */
    static void release(ScopeNode scope, boolean awaited) {
        follow(scope, scope.countOut(awaited));
    }

    /** Counts out members that were lost for lack of stack or memory. */
    static void countOutLost(ScopeNode scope) {
        int lost = scope.takeLost();
        for (int n = ScopeState.lostAwaited(lost); n > 0; n--) {
            release(scope, /* awaited= */ true);
        }
        for (int n = ScopeState.lostBackground(lost); n > 0; n--) {
            release(scope, /* awaited= */ false);
        }
    }

    static void follow(ScopeNode scope, Change change) {
        switch (change) {
            case DONE -> done(scope);
            case ONLY_BACKGROUND_LEFT -> onlyBackgroundLeft(scope);
            case MEMBER_LEFT -> memberLeft(scope);
            case NOTHING -> {}
        }
    }

    private static void memberLeft(ScopeNode scope) {
        if (!scope.isEnding()) {
            if (scope.liveMembers() == 0) {
                scope.forgetLastDead();
            }
        } else if (!scope.isDone()) {
            giveUpIfOnlyStragglersAreLeft(scope);
        } else if (scope.liveMembers() == 0) {
            scope.engine.live.forget(scope);
        }
    }

    /** Nothing is left that the scope waits for: cancels the rest. */
    private static void onlyBackgroundLeft(ScopeNode scope) {
        List<ScopeNode> children = Snapshots.children(scope);
        Cancellation.ofMembers(scope);
        for (ScopeNode child : children) {
            if (child.shared && !child.isFinal() && !child.options.endless()) {
                scope.engine.observers.neverClosed(child);
            }
        }
        giveUpIfOnlyStragglersAreLeft(scope);
    }

    static void giveUpIfOnlyStragglersAreLeft(ScopeNode scope) {
        ScopeNode left = Stragglers.onlyStragglersAreLeftIn(scope);
        if (left != null) {
            follow(left, left.giveUp());
        }
    }

    // ---- the end itself ----

    /** Nothing runs any more that is waited for. The owner is woken; a scope without an owner is closed here. */
    private static void done(@Nullable ScopeNode scope) {
        // A loop, and no recursion from child to parent: scopes may be nested deeper than a stack is.
        for (ScopeNode s = scope; s != null; s = leaveParent(s)) {
            Thread owner = s.thread();
            if (owner != null && !s.isForgotten()) {
                LockSupport.unpark(owner);
                return;
            }
            if (Resources.areIn(s)) {
                ScopeNode last = s;
                Resources.releaseElsewhere(last, () -> {
                    closeNow(last);
                    done(leaveParent(last));
                });
                return;
            }
            closeNow(s);
        }
    }

    /** The owner closes its scope: works out the outcome, and wakes those who wait. */
    static @Nullable Throwable close(ScopeNode scope) {
        closeNow(scope);
        ScopeNode parent = leaveParent(scope);
        if (parent != null) {
            done(parent);
        }
        return scope.outcome();
    }

    /** The scope is no member of its parent any more. Returns the parent if that is done by this. */
    private static @Nullable ScopeNode leaveParent(ScopeNode scope) {
        ScopeNode up = scope.parent;
        if (up == null) {
            return null;
        }
        if (!scope.isCounted()) {
            if (up.isEnding()) {
                // What a straggler was in has ended: that one may be all that is left.
                giveUpIfOnlyStragglersAreLeft(up);
            }
            return null;
        }
        Change change = scope.leave(up);
        if (change == Change.DONE) {
            return up;
        }
        follow(up, change);
        return null;
    }

    /** Throws nothing: a scope must come to its end, and so must those above. */
    private static void closeNow(ScopeNode scope) {
        if (!scope.isFirstToClose()) {
            return;
        }
        Observers observers = scope.engine.observers;
        try {
            Deadline.clear(scope.deadline() != null ? scope.swapDeadline(null) : null);
            Stragglers.stop(scope);
            UnseenFailures.settle(scope.unseenIfAny(), scope);
            Throwable outcome = ScopeOutcomes.of(scope);
            scope.outcome(outcome);
            observers.scopeClosed(scope, scope.end(), outcome);
            if (!scope.isClaimed()) {
                reportUnobserved(scope);
            }
        } catch (Throwable e) {
            observers.endFailed(scope, e);
            if (scope.outcome() == null) {
                scope.outcome(e);
            }
        }
        scope.engine.live.ending(scope);
        scope.die();
        scope.engine.live.ended(scope);
    }

    /** Reports the failure of a scope without an owner that nobody awaits, once; one that its opener observes has a place. */
    static void reportUnobserved(ScopeNode scope) {
        Throwable outcome = scope.outcome();
        boolean unobserved = scope.shared && !scope.options.observed();
        if (unobserved && outcome != null && !isNewsOfCancellation(outcome) && scope.isFirstToReport()) {
            scope.engine.observers.scopeFailureUnobserved(scope, outcome);
        }
    }

    /** Whether the scope was cancelled with its parent, or with its factory, and nothing else went wrong. */
    private static boolean isNewsOfCancellation(Throwable outcome) {
        return outcome instanceof ScopeCancelledException && outcome.getSuppressed().length == 0;
    }
}
