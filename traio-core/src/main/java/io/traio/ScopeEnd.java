// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.CancelReason;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Fourth step: the end of a scope. It is cancelled or ends by itself, what is left in it is cancelled, and when nothing
 * runs that is waited for, all who wait are told.
 */
final class ScopeEnd {

    private ScopeEnd() {}

    static void cancel(ScopeNode scope, CancelReason reason, @Nullable Throwable failure) {
        EndCause cause = EndCause.of(reason, failure, null, scope.engine.nanoTime());
        if (!cancel(scope, cause) && failure != null) {
            scope.failures().add(failure);
        }
    }

    /** A task failed, or the body if there is no task. */
    static void fail(ScopeNode scope, Throwable failure, @Nullable TaskNode<?> source) {
        EndCause cause = EndCause.of(CancelReason.FAILURE, failure, source, scope.engine.nanoTime());
        if (!cancel(scope, cause)) {
            scope.failures().addToRaise(failure, source);
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

    /** Notes the cause and counts the caller in; false if the scope has been cancelled or is done. */
    static boolean begin(ScopeNode scope, EndCause cause) {
        if (scope.isCancelled() || !scope.admitCanceller()) {
            return false;
        }
        boolean first = scope.tryEnd(cause);
        if (!first) {
            scope.release(/* awaited= */ false);
        }
        return first;
    }

    /** Nothing is left that the scope waits for: cancels the rest. */
    static void onlyBackgroundLeft(ScopeNode scope) {
        List<ScopeNode> children = Snapshots.children(scope);
        Cancellation.ofMembers(scope);
        for (ScopeNode child : children) {
            if (child.shared && !child.isFinal()) {
                scope.engine.observers.neverClosed(child);
            }
        }
        Stragglers.giveUpIfOnlyStragglersAreLeft(scope);
    }

    /** A task was cancelled: so are the scopes that were opened in it. */
    static void cancelOpenedIn(TaskNode<?> task) {
        for (Node member : task.frameScope().members()) {
            if (member instanceof ScopeNode child && child.isOpenedIn(task)) {
                child.cancelFromAbove();
            }
        }
    }

    /** Nothing runs any more that is waited for. The owner is told; a scope without owner is closed here. */
    static void done(ScopeNode scope) {
        // A loop, and no recursion from child to parent: see unwind.
        for (ScopeNode s = scope; s != null; s = s.leaveParent()) {
            Thread owner = s.thread();
            if (owner != null) {
                LockSupport.unpark(owner);
                return;
            }
            tellAll(s);
        }
    }

    /** The owner closes its scope: works out the outcome and tells all who wait. */
    static @Nullable Throwable close(ScopeNode scope) {
        tellAll(scope);
        ScopeNode parent = scope.leaveParent();
        if (parent != null) {
            done(parent);
        }
        return scope.outcome();
    }

    /** Throws nothing: a scope must come to its end, and so must those above. */
    private static void tellAll(ScopeNode scope) {
        Observers observers = scope.engine.observers;
        try {
            Deadline.clear(scope.deadline() != null ? scope.swapDeadline(null) : null);
            Stragglers.stop(scope);
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
        scope.engine.leave(scope);
        scope.die();
        scope.engine.left(scope);
    }

    /** Reports the failure of a scope without owner that nobody awaits, once. */
    static void reportUnobserved(ScopeNode scope) {
        Throwable outcome = scope.outcome();
        if (scope.shared && outcome != null && !isNewsOfCancellation(outcome) && scope.isFirstToReport()) {
            scope.engine.observers.scopeFailureUnobserved(scope, outcome);
        }
    }

    /** Whether the scope was cancelled with its parent, or with its factory, and nothing else went wrong. */
    private static boolean isNewsOfCancellation(Throwable outcome) {
        return outcome instanceof ScopeCancelledException && outcome.getSuppressed().length == 0;
    }
}
