// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.CancelReason;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Fourth step: the end of a scope. It is cancelled or ends by itself, what is left in it is cancelled, and when nothing
 * runs that is waited for, all who wait are told.
 */
final class ScopeEnd {

    private ScopeEnd() {}

    static void cancel(ScopeNode scope, CancelReason reason, @Nullable Throwable failure) {
        EndCause cause = EndCause.of(reason, failure, null, scope.engine.time.nanoTime());
        if (!cancel(scope, cause) && failure != null) {
            scope.failures().add(failure);
        }
    }

    /** A task failed, or the body if there is no task. */
    static void fail(ScopeNode scope, Throwable failure, @Nullable TaskNode<?> source) {
        EndCause cause = EndCause.of(CancelReason.FAILURE, failure, source, scope.engine.time.nanoTime());
        if (!cancel(scope, cause)) {
            scope.failures().addToRaise(failure, source);
        }
    }

    /** Cancels the scope unless it has been cancelled or is done. */
    static boolean cancel(ScopeNode scope, EndCause cause) {
        if (scope.isDone() || !scope.tryEnd(cause)) {
            return false;
        }
        scope.interrupt();
        scope.beginEnding();
        cancelMembers(scope);
        if (scope.queue != null) {
            scope.queue.wakeWatchers();
        }
        scope.engine.observers.scopeCancelled(scope, cause);
        return true;
    }

    /** Cancels all tasks and child scopes. */
    static void cancelMembers(ScopeNode scope) {
        for (Node member : scope.members.snapshot()) {
            member.cancelFromAbove();
        }
    }

    /** A task was cancelled: so are the scopes that were opened in it. */
    static void cancelOpenedIn(TaskNode<?> task) {
        for (Node member : task.frameScope().members.snapshot()) {
            if (member instanceof ScopeNode child && child.isOpenedIn(task)) {
                child.cancelFromAbove();
            }
        }
    }

    /** Nothing runs any more that is waited for. The owner is told; a scope without owner is closed here. */
    static void done(ScopeNode scope) {
        Thread owner = scope.thread();
        if (owner != null) {
            LockSupport.unpark(owner);
        } else {
            close(scope);
        }
    }

    /** Works out the outcome and tells all who wait. */
    static @Nullable Throwable close(ScopeNode scope) {
        Deadline.clear(scope.swapDeadline(null));
        scope.stragglers.stop();
        Throwable outcome = ScopeOutcomes.of(scope);
        scope.outcome(outcome);
        Observers observers = scope.engine.observers;
        observers.scopeClosed(scope, scope.end(), outcome);
        if (outcome != null && scope.shared && scope.waiters.isEmpty()) {
            observers.scopeFailureUnobserved(scope, outcome);
        }
        scope.engine.leave(scope);
        scope.waiters.fire();
        scope.leaveParent();
        return outcome;
    }
}
