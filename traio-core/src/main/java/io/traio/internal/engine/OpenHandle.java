// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeCancelledException;
import io.traio.ScopeFailedException;
import io.traio.ScopeInterruptedException;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import io.traio.internal.Nanos;
import io.traio.spi.CancelReason;
import org.jspecify.annotations.Nullable;

/** What users do by hand with a scope that has no body: they join it, close it, and await it from outside. */
final class OpenHandle {

    private OpenHandle() {}

    static void join(ScopeNode scope) {
        if (scope.shared) {
            requireOutside(scope, "join");
            scope.complete();
            awaitDone(scope, Nanos.FOREVER);
        } else {
            requireOwner(scope, "join");
            Throwable outcome = ScopeExit.leave(scope, null);
            if (outcome != null) {
                scope.thrownToOwner(outcome);
                throw TaskFailures.<RuntimeException>sneaky(outcome);
            }
        }
    }

    static void close(ScopeNode scope) {
        if (scope.shared) {
            closeShared(scope);
        } else {
            requireOwner(scope, "close");
            if (!scope.isDead()) {
                closeOwned(scope);
            }
        }
    }

    private static void closeOwned(ScopeNode scope) {
        boolean leftOpen = !CurrentFrame.isCurrent(scope);
        boolean tasksLeft = !scope.members().isEmpty();
        if (tasksLeft) {
            // First: an interrupt of ours would hide one from outside.
            scope.endBody(false);
            ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
        }
        Throwable outcome = ScopeExit.leave(scope, null, /* primary= */ false);
        if (scope.isMetByCode() && scope.enclosing() instanceof ScopeNode outer) {
            outer.oursPassesThrough();
        }
        Throwable thrown = outcome != null ? notThrownYet(scope, outcome) : null;
        if (thrown instanceof StragglerException) {
            throw TaskFailures.<RuntimeException>sneaky(thrown);
        }
        if (tasksLeft && !leftOpen) {
            IllegalStateException misuse = new IllegalStateException(
                    scope.label() + " was closed with tasks left in it; they were cancelled. Join it before the close");
            if (thrown != null) {
                misuse.addSuppressed(thrown);
            }
            throw misuse;
        }
        if (thrown != null) {
            throw TaskFailures.<RuntimeException>sneaky(thrown);
        }
    }

    /**
     * What a close throws: never an exception of the application itself. The try block may be left by that very exception,
     * and Java could not suppress it by itself.
     */
    private static @Nullable Throwable notThrownYet(ScopeNode scope, Throwable outcome) {
        if (scope.hasThrownToOwner(outcome)) {
            return null;
        }
        boolean own = outcome instanceof ScopeFailedException
                || outcome instanceof ScopeTimeoutException
                || outcome instanceof ScopeCancelledException
                || outcome instanceof ScopeInterruptedException
                || outcome instanceof StragglerException
                || outcome instanceof LeftOpenException;
        if (outcome instanceof ScopeCancelledException && outcome.getCause() != null) {
            // Its cause may be what leaves the try block.
            return new ScopeCancelledException(String.valueOf(outcome.getMessage()), null);
        }
        boolean madeHere = own && (outcome instanceof LeftOpenException || !isGiven(scope, outcome));
        return madeHere
                ? outcome
                : new ScopeFailedException(
                        scope.label() + " was closed without a join, and had failed: " + Log.describe(outcome),
                        outcome);
    }

    /** Whether the application has given this very exception: as a failure in the scope, or the cause of a cancel. */
    private static boolean isGiven(ScopeNode scope, Throwable outcome) {
        EndCause end = scope.end();
        Failures failures = scope.failuresIfAny();
        Failures.Failed first = failures != null ? failures.firstToThrow() : null;
        return first != null && first.failure() == outcome && !(outcome instanceof StragglerException)
                || end != null && end.failure() == outcome && end.reason() != CancelReason.INTERRUPT;
    }

    private static void closeShared(ScopeNode scope) {
        requireOutside(scope, "close");
        scope.claim();
        ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
        Waits.forClosed(scope, Nanos.FOREVER, true);
        Throwable outcome = scope.outcome();
        if (outcome instanceof StragglerException && scope.isFirstToThrow()) {
            throw TaskFailures.<RuntimeException>sneaky(outcome);
        }
        handBack(scope);
    }

    private static void requireOwner(ScopeNode scope, String what) {
        Thread owner = scope.thread();
        if (owner != Thread.currentThread()) {
            throw new IllegalStateException("Only the thread that opened " + scope.label() + " may " + what
                    + " it: that is " + owner + ", this is " + Thread.currentThread());
        }
        if (scope.isDead()) {
            return;
        }
        for (Frame frame = CurrentFrame.get(); frame != null && frame != scope; frame = frame.enclosing()) {
            if (frame instanceof TaskNode<?> || frame instanceof BoundFrame bound && bound.isAwaited()) {
                throw new IllegalStateException(
                        frame.label() + " cannot " + what + " " + scope.label() + ": it would wait for itself");
            }
        }
    }

    static void requireOutside(ScopeNode scope, String what) {
        if (!scope.isDead() && scope.isInside()) {
            throw new IllegalStateException(
                    "This thread is inside " + scope.label() + " and cannot " + what + " it: it would wait for itself");
        }
    }

    /** Waits for the end of a scope from outside; false if the time is over. */
    static boolean awaitDone(ScopeNode scope, long nanos) {
        requireOutside(scope, "await");
        // From now on its failure is this thread's; a scope with an owner has thrown it there.
        if (scope.shared) {
            scope.claim();
        }
        boolean closed = false;
        try {
            closed = Waits.forClosed(scope, nanos, false);
        } finally {
            if (scope.shared && !closed) {
                handBack(scope);
            }
        }
        if (closed) {
            scope.isFirstToThrow();
            Throwable outcome = scope.outcome();
            if (outcome != null) {
                throw TaskFailures.<RuntimeException>sneaky(asAwaited(scope, outcome));
            }
        }
        return closed;
    }

    /** The outcome for a thread that awaits the scope: that the owner was interrupted is no interrupt of this thread. */
    private static Throwable asAwaited(ScopeNode scope, Throwable outcome) {
        Thread self = Thread.currentThread();
        if (outcome instanceof ScopeInterruptedException && !(scope.thread() == self && self.isInterrupted())) {
            return new ScopeCancelledException(
                    scope.label() + " was cancelled because its owner was interrupted", outcome);
        }
        WaitedAt.mark(outcome, scope.label());
        return outcome;
    }

    /** A waiter that gave up may have kept the failure from being reported. */
    private static void handBack(ScopeNode scope) {
        scope.unclaim();
        if (scope.isDead() && !scope.isClaimed() && !scope.isThrown()) {
            ScopeEnd.reportUnobserved(scope);
        }
    }
}
