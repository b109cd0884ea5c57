// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeCancelledException;
import io.traio.ScopeSnapshot;
import io.traio.internal.engine.ScopeWord.Change;
import io.traio.spi.CancelReason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Fourth step: the end of a scope. It is cancelled or ends by itself, what lives in it is cancelled, and when nothing runs
 * that is waited for, its waiters are woken. Acts on what the transitions of {@link Admission} return.
 */
final class ScopeEnd {

    private static final VarHandle CAUSE;

    static {
        try {
            CAUSE = MethodHandles.lookup().findVarHandle(ScopeRecordFields.class, "cause", CancelCause.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private ScopeEnd() {}

    // ---- cancelling ----

    static void cancel(ScopeNode scope, CancelReason reason, @Nullable Throwable failure) {
        CancelCause cause = CancelCause.of(reason, failure, null, scope.engine.nanoTime());
        if (!cancel(scope, cause) && failure != null) {
            Failures.of(scope).add(failure);
        }
    }

    /**
     * The owner was interrupted from outside. If the scope is being cancelled for another reason, the flag of the owner says
     * so, and the exit need not.
     */
    static boolean interrupt(ScopeNode scope, Throwable interruption) {
        return cancel(scope, CancelCause.of(CancelReason.INTERRUPT, interruption, null, scope.engine.nanoTime()));
    }

    /** A task failed, or the body if there is no task. */
    static void fail(ScopeNode scope, Throwable failure, @Nullable TaskNode<?> task) {
        String label = task != null ? task.labelWithScope() : null;
        CancelCause cause = CancelCause.of(CancelReason.FAILURE, failure, label, scope.engine.nanoTime());
        if (!cancel(scope, cause)) {
            Failures.of(scope).addToThrow(failure, label);
        }
    }

    /** Cancels the scope unless it has been cancelled or is done. */
    static boolean cancel(ScopeNode scope, CancelCause cause) {
        // Before the cause is there: then a task that was about to start ends by itself.
        ScopeSnapshot unfinished = scope.engine.observers.unfinished(scope, cause);
        boolean begun = begin(scope, cause);
        if (begun) {
            Cancellation.of(scope, unfinished);
        }
        return begun;
    }

    /** Notes the cause and counts the canceller in; false if the scope has been cancelled or is done. */
    static boolean begin(ScopeNode scope, CancelCause cause) {
        if (scope.isCancelled() || !Admission.admitCanceller(scope)) {
            return false;
        }
        boolean first = CAUSE.compareAndSet(scope, null, cause);
        if (!first) {
            countOut(scope, /* awaited= */ false);
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
        for (Node member : Members.of(task.scope)) {
            if (member instanceof ScopeNode child && !child.isShield() && child.isOpenedIn(task)) {
                child.cancelFromAbove();
            }
        }
    }

    // ---- what follows from a transition ----

    /** Counts a member out. */
    static void countOut(ScopeNode scope, boolean awaited) {
        follow(scope, Admission.countOut(scope, awaited));
    }

    /** Counts out members that were lost for lack of stack or memory. */
    static void countOutLost(ScopeNode scope) {
        int lost = Admission.takeLost(scope);
        for (int n = Admission.lostAwaited(lost); n > 0; n--) {
            countOut(scope, /* awaited= */ true);
        }
        for (int n = Admission.lostBackground(lost); n > 0; n--) {
            countOut(scope, /* awaited= */ false);
        }
    }

    static void follow(ScopeNode scope, Change change) {
        switch (change) {
            case DONE -> done(scope);
            case ONLY_BACKGROUND_LIVES -> onlyBackgroundLives(scope);
            case MEMBER_OUT -> memberOut(scope);
            case NOTHING -> {}
        }
    }

    private static void memberOut(ScopeNode scope) {
        if (!scope.isEnding()) {
            if (scope.liveMembers() == 0) {
                Members.removeLastEnded(scope);
            }
        } else if (!scope.isDone()) {
            giveUpIfOnlyStragglersLive(scope);
        } else if (scope.liveMembers() == 0) {
            scope.engine.live.removeStraggling(scope);
        }
    }

    /** Nothing lives that the scope waits for: cancels the rest. */
    private static void onlyBackgroundLives(ScopeNode scope) {
        List<ScopeNode> children = Members.childrenOf(scope);
        Cancellation.ofMembers(scope);
        for (ScopeNode child : children) {
            if (child.shared && !child.isFinal() && !child.options.endless()) {
                scope.engine.observers.neverClosed(child);
            }
        }
        giveUpIfOnlyStragglersLive(scope);
    }

    static void giveUpIfOnlyStragglersLive(ScopeNode scope) {
        ScopeNode remaining = Stragglers.scopeOfOnlyStragglers(scope);
        if (remaining != null) {
            follow(remaining, Admission.giveUp(remaining));
        }
    }

    // ---- the end itself ----

    /** Nothing runs any more that is waited for. The owner is woken; a scope without an owner is closed here. */
    private static void done(@Nullable ScopeNode scope) {
        // A loop, and no recursion from child to parent: scopes may be nested deeper than a stack is.
        for (ScopeNode s = scope; s != null; s = countOutOfParent(s)) {
            Thread owner = s.thread();
            if (owner != null && !s.isLeaked()) {
                LockSupport.unpark(owner);
                return;
            }
            if (Resources.areIn(s)) {
                ScopeNode last = s;
                Resources.releaseElsewhere(last, () -> {
                    closeNow(last);
                    done(countOutOfParent(last));
                });
                return;
            }
            closeNow(s);
        }
    }

    /** Closes a scope, on its owner: works out what its exit throws, wakes the waiters, and returns that exception. */
    static @Nullable Throwable close(ScopeNode scope) {
        closeNow(scope);
        ScopeNode parent = countOutOfParent(scope);
        if (parent != null) {
            done(parent);
        }
        return scope.exitException;
    }

    /** The scope is no member of its parent any more. Returns the parent if that is done by this. */
    private static @Nullable ScopeNode countOutOfParent(ScopeNode scope) {
        ScopeNode up = scope.parent;
        if (up == null) {
            return null;
        }
        if (!scope.counted) {
            if (up.isEnding()) {
                // The child was in a straggler: that one may be all that lives.
                giveUpIfOnlyStragglersLive(up);
            }
            return null;
        }
        Change change = Admission.countOutChild(scope, up);
        if (change == Change.DONE) {
            return up;
        }
        follow(up, change);
        return null;
    }

    /**
     * Called once: by the owner, as the last step of its exit, or for a scope that has no owner, or was leaked, by the thread
     * that has made it done. Throws nothing: a scope must come to its end, and so must those above.
     */
    private static void closeNow(ScopeNode scope) {
        Observers observers = scope.engine.observers;
        try {
            Deadline.clear(scope);
            Stragglers.stop(scope);
            UnseenFailures.settle(scope);
            Throwable thrown = ExitExceptions.of(scope);
            scope.exitException = thrown;
            observers.scopeClosed(scope, scope.cause, thrown);
            if (!scope.isClaimed()) {
                reportUnobserved(scope);
            }
        } catch (Throwable e) {
            observers.endFailed(scope, e);
            if (scope.exitException == null) {
                scope.exitException = e;
            }
        }
        scope.engine.live.ending(scope);
        scope.closed = true;
        scope.wakeWaiters();
        scope.engine.live.ended(scope);
    }

    /** Reports once the failure of a scope without an owner that no thread awaits, unless its opener observes it. */
    static void reportUnobserved(ScopeNode scope) {
        Throwable thrown = scope.exitException;
        boolean unobserved = scope.shared && !scope.options.observed();
        if (unobserved && thrown != null && !isOnlyCancelled(thrown) && scope.isFirstToReport()) {
            scope.engine.observers.scopeFailureUnobserved(scope, thrown);
        }
    }

    /** Returns whether the scope was cancelled with its parent, or with its factory, and nothing else went wrong. */
    private static boolean isOnlyCancelled(Throwable thrown) {
        return thrown instanceof ScopeCancelledException && thrown.getSuppressed().length == 0;
    }
}
