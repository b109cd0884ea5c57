// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeCancelledException;
import io.traio.ScopeInterruptedException;
import io.traio.spi.CancelReason;
import org.jspecify.annotations.Nullable;

/** How the owner leaves a scope: it ends the body, waits, and works out what the exit throws. */
final class ScopeExit {

    private ScopeExit() {}

    /**
     * The owner has run the body: waits for the tasks and throws what there is to throw.
     *
     * @param needsValue whether the exit may be silent only if the body returned its value before a cancellation
     */
    static void leaveBody(ScopeNode scope, @Nullable Throwable bodyFailure, boolean needsValue) {
        if (needsValue && (bodyFailure != null || isCancelledButForMaster(scope))) {
            scope.valueIsMissing();
        }
        Throwable outcome = leave(scope, bodyFailure);
        if (outcome != null) {
            throw TaskFailures.<RuntimeException>sneaky(outcome);
        }
    }

    /** The value of a body that has returned after its master task ended is as good as one from before. */
    private static boolean isCancelledButForMaster(ScopeNode scope) {
        EndCause end = scope.end();
        return end != null && end.reason() != CancelReason.MASTER;
    }

    /** Ends the body, waits, closes the scope; the interrupt flag is as it should be afterwards. */
    static @Nullable Throwable leave(ScopeNode scope, @Nullable Throwable bodyFailure) {
        return leave(scope, bodyFailure, /* primary= */ true);
    }

    /** As above; what it returns may be thrown while another exception leaves the code, which then is the primary one. */
    static @Nullable Throwable leave(ScopeNode scope, @Nullable Throwable bodyFailure, boolean primary) {
        if (scope.isDead()) {
            return outcomeOfClosed(scope, bodyFailure);
        }
        Throwable failure = !CurrentFrame.isCurrent(scope) ? closeLeftOpen(scope, bodyFailure) : bodyFailure;
        boolean forEnclosing = failure != null
                && !scope.isCancelled()
                && scope.engine.isSignal(failure)
                && InterruptAccount.isForEnclosing(scope);
        scope.endBody(failure instanceof InterruptedException);
        if (forEnclosing) {
            scope.cancelFromAbove();
        }
        if (failure != null) {
            bodyFailed(scope, failure);
        }
        ScopeEnd.countOutLost(scope);
        ScopeEnd.follow(scope, scope.releaseBody());
        boolean outside = scope.isInterruptOwed() | Waits.forOwnScope(scope);
        if (Resources.areIn(scope)) {
            outside |= Resources.release(scope);
        }
        CurrentFrame.leave(scope);
        Throwable outcome = ScopeEnd.close(scope);
        if (scope.isShield()) {
            Stragglers.shieldLeft(scope);
        }
        InterruptAccount.left(scope, outside, primary && isNews(scope, outcome));
        return outcome;
    }

    /** Whether what the exit throws says that code around the scope was cancelled: that code leaves by it. */
    private static boolean isNews(ScopeNode scope, @Nullable Throwable outcome) {
        EndCause end = scope.end();
        return outcome instanceof ScopeCancelledException && end != null && end.reason() == CancelReason.PARENT;
    }

    /** A scope could not be opened after all: out of memory, or a time source failed. */
    static void undoOpening(ScopeNode scope) {
        ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
        if (CurrentFrame.isCurrent(scope)) {
            leave(scope, null);
        } else if (!scope.shared) {
            ScopeEnd.follow(scope, scope.releaseBody());
            ScopeEnd.close(scope);
        }
    }

    /** The body ends after its scope was closed, with one further out: what it throws then still comes out. */
    private static @Nullable Throwable outcomeOfClosed(ScopeNode scope, @Nullable Throwable bodyFailure) {
        Throwable outcome = scope.outcome();
        if (bodyFailure == null || scope.engine.isSignal(bodyFailure)) {
            return outcome;
        }
        Throwable thrown = TaskFailures.throwableOfBody(bodyFailure, scope.label());
        Throwables.suppress(thrown, outcome);
        return thrown;
    }

    /** Tells the failure of a body, which has ended, from the news of a cancellation. */
    private static void bodyFailed(ScopeNode scope, Throwable failure) {
        boolean fromOutside = isInterruptFromOutside(scope, failure);
        if (scope.isCancelled() && scope.engine.isSignal(failure)) {
            scope.adoptSuppressed(failure);
            if (fromOutside) {
                scope.interruptWasMet();
            } else {
                scope.engine.observers.newsSwallowed(scope, null, failure);
            }
        } else if (fromOutside) {
            scope.interruptWasMet();
            Throwable interruption = failure instanceof ScopeInterruptedException
                    ? failure
                    : Waits.interruption("the body of " + scope.label(), failure);
            ScopeEnd.cancel(scope, CancelReason.INTERRUPT, interruption);
        } else {
            ScopeEnd.fail(scope, failure, null);
        }
    }

    /** Whether a body that has ended has met an interrupt from outside, and ends with what that has thrown. */
    private static boolean isInterruptFromOutside(ScopeNode scope, Throwable failure) {
        if (failure instanceof ScopeInterruptedException) {
            return true;
        }
        // One that no canceller has interrupted, nor an inner one, can only have met an interrupt from outside.
        return failure instanceof InterruptedException
                && (scope.hasThrownToOwner(failure)
                        || scope.phase() != Frame.CANCELLED
                                && !scope.mayOursPassThrough()
                                && !InterruptAccount.isForEnclosing(scope));
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
        for (Frame inner = CurrentFrame.get(); inner != null && inner != frame; inner = inner.enclosing()) {
            if (inner instanceof ScopeNode open) {
                open.endBody(false);
                ScopeEnd.cancel(open, CancelReason.CLOSE, null);
                Throwable outcome = leave(open, null);
                misuse = misuse != null ? misuse : leftOpen(open, label);
                Throwables.suppress(misuse, outcome);
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
        return new LeftOpenException(open.label() + ", opened " + open.whereOpened() + ", was still open when "
                + frame + " ended, which was there before it on this thread; it was cancelled. Close scopes in reverse"
                + " order, best by try-with-resources");
    }
}
