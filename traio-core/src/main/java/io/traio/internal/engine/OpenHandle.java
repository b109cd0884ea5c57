// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeCancelledException;
import io.traio.ScopeFailedException;
import io.traio.ScopeInterruptedException;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import io.traio.internal.Nanos;
import io.traio.spi.CancelReason;
import java.util.List;
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
            Throwable exitException = ScopeExit.exit(scope, null);
            if (exitException != null) {
                Body.noteThrown(scope, exitException);
                Body.noteThrownOn(scope.enclosing(), exitException);
                throw TaskFailures.<RuntimeException>sneaky(exitException);
            }
        }
    }

    static void close(ScopeNode scope) {
        if (scope.shared) {
            closeShared(scope);
        } else {
            requireOwner(scope, "close");
            if (!scope.isClosed()) {
                closeOwned(scope);
            }
        }
    }

    private static void closeOwned(ScopeNode scope) {
        boolean leftOpen = !CurrentFrame.isCurrent(scope);
        boolean tasksLive = !Members.of(scope).isEmpty();
        if (tasksLive) {
            // First: an interrupt of ours would hide one from outside.
            Body.end(scope, false);
            ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
        }
        Throwable exitException = ScopeExit.exit(scope, null, /* primary= */ false);
        Frame outer = scope.enclosing();
        for (Throwable known : scope.thrownToOwner != null ? scope.thrownToOwner : List.<Throwable>of()) {
            Body.noteThrownOn(outer, known);
        }
        if (outer != null && (scope.metByCode || scope.hasFlag(Frame.OURS_PASSES))) {
            outer.setFlags(Frame.OURS_PASSES);
        }
        Throwable thrown = exitException != null ? notThrownYet(scope, exitException) : null;
        if (tasksLive && !leftOpen && !(thrown instanceof StragglerException)) {
            IllegalStateException misuse = new IllegalStateException(
                    scope.label() + " was closed with tasks left in it; they were cancelled. Join it before the close");
            if (thrown != null) {
                misuse.addSuppressed(thrown);
            }
            Body.noteThrownOn(outer, misuse);
            throw misuse;
        }
        if (thrown != null) {
            Body.noteThrownOn(outer, thrown);
            throw TaskFailures.<RuntimeException>sneaky(thrown);
        }
    }

    /**
     * What a close throws: never an exception of the application itself. The try block may be left by that very exception,
     * and Java could not suppress it by itself.
     */
    private static @Nullable Throwable notThrownYet(ScopeNode scope, Throwable exitException) {
        if (Body.hasThrown(scope, exitException)) {
            keepRest(scope, exitException, null);
            return null;
        }
        if (Body.overlapsThrown(scope, exitException)) {
            // The try block may be left by that: Java would hang this on it, and the same failure there twice, or on
            // itself.
            Throwable bare = bare(scope, exitException);
            keepRest(scope, exitException, bare);
            return bare;
        }
        boolean own = exitException instanceof ScopeFailedException
                || exitException instanceof ScopeTimeoutException
                || exitException instanceof ScopeCancelledException
                || exitException instanceof ScopeInterruptedException
                || exitException instanceof StragglerException
                || exitException instanceof LeftOpenException;
        if (exitException instanceof ScopeCancelledException && exitException.getCause() != null) {
            return withoutCause(scope, exitException, exitException.getCause());
        }
        boolean madeHere = own && (exitException instanceof LeftOpenException || !isGiven(scope, exitException));
        return madeHere ? exitException : new ScopeFailedException(closedUnjoined(scope, exitException), exitException);
    }

    /** Hangs what was not thrown yet on what is thrown now, or logs it. */
    private static void keepRest(ScopeNode scope, Throwable exitException, @Nullable Throwable thrown) {
        if (!Body.isPartOfThrown(scope, exitException)) {
            scope.engine.observers.failureNotThrown(scope, exitException);
            return;
        }
        for (Throwable suppressed : exitException.getSuppressed()) {
            boolean known = suppressed instanceof WaitedAt || Body.isPartOfThrown(scope, suppressed);
            if (!known && thrown != null && !Body.overlapsThrown(scope, suppressed)) {
                thrown.addSuppressed(suppressed);
            } else if (!known) {
                scope.engine.observers.failureNotThrown(scope, suppressed);
            }
        }
    }

    /** The same, with all that is suppressed, but without its cause: that may be what leaves the try block. */
    private static ScopeCancelledException withoutCause(ScopeNode scope, Throwable cancelled, Throwable cause) {
        ScopeCancelledException bare = new ScopeCancelledException(String.valueOf(cancelled.getMessage()), null);
        for (Throwable suppressed : cancelled.getSuppressed()) {
            if (!Throwables.overlap(suppressed, cause)) {
                bare.addSuppressed(suppressed);
            } else if (!Throwables.isReachable(suppressed, cause)) {
                scope.engine.observers.failureNotThrown(scope, suppressed);
            }
        }
        return bare;
    }

    private static String closedUnjoined(ScopeNode scope, Throwable failure) {
        return scope.label() + " was closed without a join, and had failed: " + Log.describe(failure);
    }

    /** Says what the exception says, and nothing hangs on it. */
    private static Throwable bare(ScopeNode scope, Throwable exitException) {
        String message = String.valueOf(exitException.getMessage());
        if (exitException instanceof StragglerException straggler) {
            return new StragglerException(message, null, straggler.stragglers());
        }
        if (exitException instanceof ScopeTimeoutException timeout) {
            return new ScopeTimeoutException(message, timeout.scopeName(), timeout.timeout(), timeout.unfinished());
        }
        return exitException instanceof ScopeCancelledException
                ? new ScopeCancelledException(message, null)
                : new ScopeFailedException(closedUnjoined(scope, exitException), null);
    }

    /** Returns whether the application has given this very exception: as a failure in the scope, or the cause of a cancel. */
    private static boolean isGiven(ScopeNode scope, Throwable exitException) {
        CancelCause cause = scope.cause;
        Failures failures = scope.failures;
        Failures.Failed first = failures != null ? failures.firstToThrow() : null;
        return first != null && first.failure() == exitException && !(exitException instanceof StragglerException)
                || cause != null && cause.failure() == exitException && cause.reason() != CancelReason.INTERRUPT;
    }

    private static void closeShared(ScopeNode scope) {
        requireOutside(scope, "close");
        scope.claim();
        ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
        Waits.forClosed(scope, Nanos.FOREVER, true);
        Throwable exitException = scope.exitException;
        if (exitException instanceof StragglerException && scope.isFirstToThrow()) {
            throw TaskFailures.<RuntimeException>sneaky(exitException);
        }
        handBack(scope);
    }

    private static void requireOwner(ScopeNode scope, String what) {
        Thread owner = scope.thread();
        if (owner != Thread.currentThread()) {
            throw new IllegalStateException("Only the thread that opened " + scope.label() + " may " + what
                    + " it: that is " + owner + ", this is " + Thread.currentThread());
        }
        if (scope.isClosed()) {
            if (scope.isLeaked()) {
                // With the interrupt that its factory has sent.
                CurrentFrame.dropLeaked();
            }
            return;
        }
        if (scope.exiting) {
            throw waitsForItself("The exit of " + scope.label(), what, scope);
        }
        ThisThread.requireNoExitWithin(scope, what + " " + scope.label());
        for (Frame frame = CurrentFrame.get(); frame != null && frame != scope; frame = frame.enclosing()) {
            if (frame instanceof TaskNode<?> || frame instanceof BoundFrame bound && bound.isAwaited()) {
                throw waitsForItself(frame.label(), what, scope);
            }
        }
    }

    private static IllegalStateException waitsForItself(String code, String what, ScopeNode scope) {
        return new IllegalStateException(code + " cannot " + what + " " + scope.label() + ": it would wait for itself");
    }

    static void requireOutside(ScopeNode scope, String what) {
        if (!scope.isClosed() && ThisThread.isInside(scope)) {
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
            Throwable exitException = scope.exitException;
            if (exitException != null) {
                Throwable thrown = asAwaited(scope, exitException);
                Body.noteThrownOn(CurrentFrame.get(), thrown);
                throw TaskFailures.<RuntimeException>sneaky(thrown);
            }
        }
        return closed;
    }

    /** What a thread that awaits the scope throws: that the owner was interrupted is no interrupt of this thread. */
    private static Throwable asAwaited(ScopeNode scope, Throwable exitException) {
        Thread self = Thread.currentThread();
        if (exitException instanceof ScopeInterruptedException && !(scope.thread() == self && self.isInterrupted())) {
            return new ScopeCancelledException(
                    scope.label() + " was cancelled because its owner was interrupted", exitException);
        }
        WaitedAt.mark(exitException, scope.label());
        return exitException;
    }

    /** A waiter that gave up may have kept the failure from being reported. */
    private static void handBack(ScopeNode scope) {
        scope.unclaim();
        if (scope.isClosed() && !scope.isClaimed() && !scope.isThrown()) {
            ScopeEnd.reportUnobserved(scope);
        }
    }
}
