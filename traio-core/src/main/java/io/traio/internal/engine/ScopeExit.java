// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeCancelledException;
import io.traio.ScopeInterruptedException;
import io.traio.ScopeResult;
import io.traio.ScopeTimeoutException;
import io.traio.internal.Nanos;
import io.traio.spi.CancelReason;
import org.jspecify.annotations.Nullable;

/** The exit of a scope, taken by its owner: ends the body, waits, closes the scope, and throws what there is to throw. */
final class ScopeExit {

    private ScopeExit() {}

    /**
     * The owner has run the body: waits for the tasks and throws what there is to throw.
     *
     * @param needsValue whether the exit may be silent only if the body returned its value before a cancellation
     */
    static void exitAfterBody(ScopeNode scope, @Nullable Throwable bodyFailure, boolean needsValue) {
        if (needsValue && (bodyFailure != null || isCancelledForGood(scope))) {
            scope.valueMissing = true;
        }
        Throwable thrown = exit(scope, bodyFailure);
        if (thrown != null) {
            Body.noteThrownOn(scope.enclosing(), thrown);
            throw TaskFailures.<RuntimeException>sneaky(thrown);
        }
    }

    /** As {@link #exitAfterBody}, but that the scope has timed out or was cancelled is a result. */
    @SuppressWarnings("NullAway") // where there is no value, none is read
    static <T extends @Nullable Object> ScopeResult<T> exitForResult(
            ScopeNode scope, @Nullable T value, @Nullable Throwable bodyFailure) {
        boolean valueMissing = bodyFailure != null || isCancelledForGood(scope);
        Throwable thrown = exit(scope, bodyFailure);
        CancelCause cause = scope.cause;
        CancelReason reason = cause != null ? cause.reason() : null;
        if (thrown instanceof ScopeTimeoutException timeout
                && reason == CancelReason.TIMEOUT
                && !Throwables.hasSuppressedFailures(timeout)) {
            return new Result<>(null, reason, timeout);
        }
        if (thrown != null) {
            Body.noteThrownOn(scope.enclosing(), thrown);
            throw TaskFailures.<RuntimeException>sneaky(thrown);
        }
        RuntimeException missing = valueMissing && reason != null ? ExitExceptions.cancelled(scope, reason) : null;
        return new Result<>(value, reason, missing);
    }

    /** The value of a body that has returned after a master task or policy ended the scope is as good as one from before. */
    private static boolean isCancelledForGood(ScopeNode scope) {
        CancelCause cause = scope.cause;
        return cause != null && cause.reason() != CancelReason.MASTER && cause.reason() != CancelReason.POLICY;
    }

    /** Ends the body, waits, closes the scope; the interrupt flag is as it should be afterwards. */
    static @Nullable Throwable exit(ScopeNode scope, @Nullable Throwable bodyFailure) {
        return exit(scope, bodyFailure, /* primary= */ true);
    }

    /** As above; what it returns may be thrown while another exception leaves the code, which then is the primary one. */
    static @Nullable Throwable exit(ScopeNode scope, @Nullable Throwable bodyFailure, boolean primary) {
        if (scope.isClosed() || scope.isLeaked()) {
            return exitClosed(scope, bodyFailure);
        }
        scope.exiting = true;
        try {
            return exitOnce(scope, bodyFailure, primary);
        } finally {
            // If it has failed, most likely since the stack was full, it is to be tried again.
            scope.exiting = false;
        }
    }

    private static @Nullable Throwable exitOnce(ScopeNode scope, @Nullable Throwable bodyFailure, boolean primary) {
        Throwable failure = !CurrentFrame.isCurrent(scope) ? closeLeftOpen(scope, bodyFailure) : bodyFailure;
        boolean ofEnclosing =
                failure != null && InterruptAccount.isForEnclosing(scope) && scope.engine.isSignal(failure);
        Body.end(scope, failure instanceof InterruptedException);
        if (scope.isLeaked()) {
            return exitClosed(scope, failure);
        }
        if (ofEnclosing) {
            scope.cancelFromAbove();
        }
        if (failure != null) {
            bodyFailed(scope, failure, ofEnclosing);
        }
        ScopeEnd.countOutLost(scope);
        ScopeEnd.follow(scope, Admission.countOutBody(scope));
        boolean outside = scope.interruptOwed | Waits.forOwnScope(scope);
        if (Resources.areIn(scope)) {
            InterruptAccount.stopWait(scope);
            outside |= Resources.release(scope);
        }
        CurrentFrame.leave(scope);
        Throwable thrown = ScopeEnd.close(scope);
        if (scope.isShield()) {
            Stragglers.shieldLeft(scope);
        }
        InterruptAccount.left(scope, outside, primary && isSignalForEnclosing(scope, thrown));
        return thrown;
    }

    /** Returns whether what the exit throws says that code around the scope was cancelled: that code leaves by it. */
    private static boolean isSignalForEnclosing(ScopeNode scope, @Nullable Throwable thrown) {
        CancelCause cause = scope.cause;
        return thrown instanceof ScopeCancelledException && cause != null && cause.reason() == CancelReason.PARENT;
    }

    /**
     * The factory of a root was closed as that was opened. The thread that closes it may have seen the scope, interrupt this
     * one, and wait for the end.
     */
    static void undoEntering(ScopeNode scope) {
        if (!scope.shared) {
            Body.end(scope, false);
            CurrentFrame.leave(scope);
            InterruptAccount.left(scope, scope.interruptOwed, /* signal= */ false);
        }
        scope.closed = true;
        scope.wakeWaiters();
    }

    /** A scope could not be opened after all: out of memory, or a time source failed. */
    static void undoOpening(ScopeNode scope) {
        ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
        if (!scope.shared) {
            // What could not be done is thrown, and not what this returns.
            Throwable unused = exit(scope, null, /* primary= */ false);
        }
    }

    /** The owner comes after its scope was closed, or was found to be leaked and is being closed by another thread. */
    private static @Nullable Throwable exitClosed(ScopeNode scope, @Nullable Throwable bodyFailure) {
        CurrentFrame.dropLeaked();
        Waits.forClosed(scope, Nanos.FOREVER, /* toTheEnd= */ true);
        return exceptionOfClosed(scope, bodyFailure);
    }

    /** The body ends after its scope was closed, with one further out: what it throws then still comes out. */
    private static @Nullable Throwable exceptionOfClosed(ScopeNode scope, @Nullable Throwable bodyFailure) {
        Throwable exitException = scope.exitException;
        if (bodyFailure == null || scope.engine.isSignal(bodyFailure)) {
            return exitException;
        }
        Throwable thrown = TaskFailures.throwableOfBody(bodyFailure, scope.label());
        Throwables.suppress(thrown, exitException);
        return thrown;
    }

    /** Distinguishes the failure of a body, which has ended, from a cancellation signal. */
    private static void bodyFailed(ScopeNode scope, Throwable failure, boolean ofEnclosing) {
        boolean fromOutside = isInterruptFromOutside(scope, failure, ofEnclosing);
        if (scope.isCancelled() && scope.engine.isSignal(failure)) {
            Failures.addSuppressed(scope, failure);
            if (fromOutside) {
                Body.noteInterrupt(scope);
            } else {
                scope.engine.observers.signalSwallowed(scope, null, failure);
            }
        } else if (fromOutside) {
            Body.noteInterrupt(scope);
            Throwable interruption = failure instanceof ScopeInterruptedException
                    ? failure
                    : Waits.interruption("the body of " + scope.label(), failure);
            if (!ScopeEnd.interrupt(scope, interruption)) {
                Failures.addSuppressed(scope, failure);
            }
        } else {
            ScopeEnd.fail(scope, failure, null);
        }
    }

    /** Returns whether a body that has ended has met an interrupt from outside, and ends with what that has thrown. */
    private static boolean isInterruptFromOutside(ScopeNode scope, Throwable failure, boolean ofEnclosing) {
        if (failure instanceof ScopeInterruptedException) {
            return true;
        }
        // One that no canceller has interrupted, nor an inner one, can only have met an interrupt from outside.
        return failure instanceof InterruptedException
                && (Body.hasThrown(scope, failure)
                        || scope.phase() != Frame.CANCELLED && !scope.hasFlag(Frame.OURS_PASSES) && !ofEnclosing);
    }

    /**
     * Closes the scopes that were opened on this thread inside a frame and not closed when that frame ends, and the
     * bindings.
     *
     * @return the failure of the frame, or one that says what scope was left open
     */
    static @Nullable Throwable closeLeftOpen(Frame frame, @Nullable Throwable failure) {
        return closeLeftOpen(frame, frame.label(), failure);
    }

    static @Nullable Throwable closeLeftOpen(@Nullable Frame frame, String label, @Nullable Throwable failure) {
        LeftOpenException misuse = null;
        if (frame != null && !CurrentFrame.isEntered(frame)) {
            return failure;
        }
        for (Frame inner = CurrentFrame.get(); inner != null && inner != frame; inner = inner.enclosing()) {
            if (inner instanceof ScopeNode open) {
                Body.end(open, false);
                ScopeEnd.cancel(open, CancelReason.CLOSE, null);
                Throwable thrown = exit(open, null);
                misuse = misuse != null ? misuse : leftOpen(open, label);
                Throwables.suppress(misuse, thrown);
            } else if (inner instanceof BoundFrame binding) {
                binding.close();
            }
        }
        CurrentFrame.set(frame);
        if (failure != null) {
            Throwables.suppress(failure, misuse);
        }
        return failure != null ? failure : misuse;
    }

    private static LeftOpenException leftOpen(ScopeNode open, String frame) {
        open.engine.places.leakFound();
        return new LeftOpenException(open.label() + ", opened " + open.whereOpened() + ", was still open when "
                + frame + " ended, which was there before it on this thread; it was cancelled. Close scopes in reverse"
                + " order, best by try-with-resources");
    }
}
