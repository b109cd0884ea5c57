// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.CancelReason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cancellation on its way down: from a scope to its tasks and child scopes, and theirs, level by level and without
 * recursion, since scopes may be nested deeper than a stack is.
 *
 * <p>First all are told to end. Only then listeners and callbacks are called: they may be slow, or wait for something
 * that had not been cancelled yet.
 */
final class Cancellation {

    private final Deque<ScopeNode> below = new ArrayDeque<>();
    private final List<ScopeNode> cancelled = new ArrayList<>();
    /** Tasks that this has ended, since no thread was in them or they were abandoned. */
    private final List<TaskNode<?>> ended = new ArrayList<>();

    /** What the calls of others' code have thrown. */
    private @Nullable Throwable failure;

    /** Cancels a scope, for which the caller has counted itself in, and everything below. */
    static void of(ScopeNode scope) {
        Cancellation cancellation = new Cancellation();
        cancellation.below.add(scope);
        cancellation.run();
    }

    /** Cancels what is in a scope. */
    static void ofMembers(ScopeNode scope) {
        Cancellation cancellation = new Cancellation();
        cancellation.tellMembers(scope);
        cancellation.run();
    }

    private void run() {
        for (ScopeNode scope = below.poll(); scope != null; scope = below.poll()) {
            cancelled.add(scope);
            scope.beginEnding();
            attempt(scope::interrupt);
            scope.wakeBound();
            tellMembers(scope);
            if (scope.queue != null) {
                scope.queue.wakeWatchers();
            }
        }
        ended.forEach(task -> attempt(() -> TaskFinish.ended(task)));
        for (ScopeNode scope : cancelled) {
            EndCause cause = scope.end();
            if (cause != null) {
                attempt(() -> scope.engine.observers.scopeCancelled(scope, cause));
            }
            scope.countOutLost();
            scope.release(/* awaited= */ false);
        }
        if (failure != null) {
            throw TaskFailures.<RuntimeException>sneaky(failure);
        }
    }

    private void tellMembers(ScopeNode scope) {
        List<Node> members = scope.members();
        // Scopes first: the interrupt of a task may meet a task of a scope below that its thread helps.
        for (Node member : members) {
            if (member instanceof ScopeNode child
                    && ScopeEnd.begin(child, EndCause.of(CancelReason.PARENT, null, null, child.engine.nanoTime()))) {
                below.add(child);
            }
        }
        List<TaskNode<?>> leaving = new ArrayList<>();
        for (Node member : members) {
            if (member instanceof TaskNode<?> task) {
                switch (tell(task)) {
                    case HAS_ENDED -> ended.add(task);
                    case TO_LEAVE -> leaving.add(task);
                    case NOTHING -> {}
                }
            }
        }
        Stragglers.watch(scope, leaving, scope.endedAtNanos());
    }

    private TaskFinish.Told tell(TaskNode<?> task) {
        try {
            return TaskFinish.tellToEnd(task);
        } catch (Throwable e) {
            // From the interrupt() of a thread that a user has made: that it was called is all that can be done.
            failed(e);
            return TaskFinish.toldAllTheSame(task);
        }
    }

    /** Calls code that may be a user's: others are still to be told. */
    private void attempt(Runnable call) {
        try {
            call.run();
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void failed(Throwable e) {
        if (failure == null) {
            failure = e;
        } else if (failure != e) {
            failure.addSuppressed(e);
        }
    }
}
