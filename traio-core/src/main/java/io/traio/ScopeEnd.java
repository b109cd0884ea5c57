// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.CancelReason;
import java.util.ArrayDeque;
import java.util.Deque;
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
        if (!begin(scope, cause)) {
            return false;
        }
        Deque<ScopeNode> cancelled = new ArrayDeque<>();
        cancelled.add(scope);
        unwind(cancelled);
        return true;
    }

    /** Cancels all tasks and child scopes. */
    static void cancelMembers(ScopeNode scope) {
        Deque<ScopeNode> cancelled = new ArrayDeque<>();
        cancelMembers(scope, cancelled);
        unwind(cancelled);
    }

    private static boolean begin(ScopeNode scope, EndCause cause) {
        if (scope.isCancelled() || !scope.admitCanceller()) {
            return false;
        }
        boolean first = scope.tryEnd(cause);
        if (!first) {
            scope.release(/* awaited= */ false);
        }
        return first;
    }

    /** From the top down, level by level: scopes may be nested deeper than a stack is. */
    private static void unwind(Deque<ScopeNode> cancelled) {
        for (ScopeNode scope = cancelled.poll(); scope != null; scope = cancelled.poll()) {
            scope.beginEnding();
            scope.interrupt();
            scope.wakeBound();
            cancelMembers(scope, cancelled);
            if (scope.queue != null) {
                scope.queue.wakeWatchers();
            }
            EndCause cause = scope.end();
            if (cause != null) {
                scope.engine.observers.scopeCancelled(scope, cause);
            }
            scope.release(/* awaited= */ false);
        }
    }

    private static void cancelMembers(ScopeNode scope, Deque<ScopeNode> cancelled) {
        List<Node> members = scope.members.snapshot();
        // Scopes first: the interrupt of a task may meet a task of a scope below that its thread helps.
        for (Node member : members) {
            if (member instanceof ScopeNode child
                    && begin(child, EndCause.of(CancelReason.PARENT, null, null, child.engine.time.nanoTime()))) {
                cancelled.add(child);
            }
        }
        for (Node member : members) {
            if (member instanceof TaskNode<?>) {
                member.cancelFromAbove();
            }
        }
        Stragglers.giveUpIfOnlyStragglersAreLeft(scope);
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

    private static void tellAll(ScopeNode scope) {
        Deadline.clear(scope.deadline() != null ? scope.swapDeadline(null) : null);
        Stragglers.stop(scope);
        Throwable outcome = ScopeOutcomes.of(scope);
        scope.outcome(outcome);
        Observers observers = scope.engine.observers;
        observers.scopeClosed(scope, scope.end(), outcome);
        if (outcome != null && scope.shared && !scope.hasWaiters() && !isNewsOfCancellation(outcome)) {
            observers.scopeFailureUnobserved(scope, outcome);
        }
        scope.engine.leave(scope);
        scope.die();
        scope.engine.left(scope);
    }

    /** Whether the scope was cancelled with its parent, or with its factory, and nothing else went wrong. */
    private static boolean isNewsOfCancellation(Throwable outcome) {
        return outcome instanceof ScopeCancelledException && outcome.getSuppressed().length == 0;
    }
}
