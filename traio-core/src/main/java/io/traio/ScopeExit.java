// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.Frame.Owed;
import io.traio.spi.CancelReason;
import org.jspecify.annotations.Nullable;

/** How threads leave a scope: its owner from a body, from {@code join} and {@code close}, and others who await its end. */
final class ScopeExit {

    private ScopeExit() {}

    /**
     * The owner has run the body: waits for the tasks and throws what there is to throw.
     *
     * @param needsValue whether the exit may be silent only if the body gave its value before a cancellation
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
    private static @Nullable Throwable leave(ScopeNode scope, @Nullable Throwable bodyFailure) {
        if (scope.isDead()) {
            return outcomeOfClosed(scope, bodyFailure);
        }
        Throwable failure = !Frames.isCurrent(scope) ? closeLeftOpen(scope, bodyFailure) : bodyFailure;
        boolean interrupted = failure != null && bodyFailed(scope, failure);
        scope.endBody();
        Owed owed = interrupted ? Owed.TO_OUTSIDE : scope.owed();
        scope.countOutLost();
        scope.releaseBody();
        owed = owed.or(Waits.forOwnScope(scope));
        Frames.leave(scope);
        Throwable outcome = ScopeEnd.close(scope);
        EndCause end = scope.end();
        boolean isNewsForEnclosing = outcome instanceof ScopeCancelledException
                && end != null
                && end.reason() == CancelReason.PARENT
                && scope.isEnclosingInterrupted();
        // The news of a cancellation is enough to make cancelled code leave.
        scope.interruptAgain(owed == Owed.TO_ENCLOSING && isNewsForEnclosing ? Owed.NOTHING : owed);
        return outcome;
    }

    /** A scope could not be opened after all, for want of memory or because a time source failed. */
    static void undoOpening(ScopeNode scope) {
        ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
        if (Frames.isCurrent(scope)) {
            leave(scope, null);
        } else if (!scope.shared) {
            scope.releaseBody();
            ScopeEnd.close(scope);
        }
    }

    /** The body ends after its scope was closed, with one further out: what it throws then still comes out. */
    private static @Nullable Throwable outcomeOfClosed(ScopeNode scope, @Nullable Throwable bodyFailure) {
        Throwable outcome = scope.outcome();
        if (bodyFailure == null || Interruptions.isCancelSignal(bodyFailure)) {
            return outcome;
        }
        Throwable raised = TaskFailures.raisableOfBody(bodyFailure, scope);
        if (outcome != null && outcome != raised) {
            raised.addSuppressed(outcome);
        }
        return raised;
    }

    /** Tells the failure of a body from the news of a cancellation; true if it came by an interrupt from outside. */
    private static boolean bodyFailed(ScopeNode scope, Throwable failure) {
        if (Interruptions.isCancelSignal(failure)) {
            if (scope.isInterruptForEnclosing()) {
                scope.cancelFromAbove();
            }
            if (scope.isCancelled()) {
                scope.adoptSuppressed(failure);
                return false;
            }
        }
        if (failure instanceof InterruptedException interrupted) {
            ScopeEnd.cancel(
                    scope, CancelReason.INTERRUPT, Waits.interruption("the body of " + scope.label(), interrupted));
            return true;
        }
        ScopeEnd.fail(scope, failure, null);
        return false;
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

    private static @Nullable Throwable closeLeftOpen(@Nullable Frame frame, String label, @Nullable Throwable failure) {
        IllegalStateException misuse = null;
        for (Frame inner = Frames.current(); inner != null && inner != frame; inner = inner.enclosing()) {
            if (inner instanceof ScopeNode open) {
                open.endBody();
                ScopeEnd.cancel(open, CancelReason.CLOSE, null);
                Throwable outcome = leave(open, null);
                misuse = misuse != null ? misuse : leftOpen(open, label);
                if (outcome != null) {
                    misuse.addSuppressed(outcome);
                }
            } else if (inner instanceof BindingNode binding) {
                binding.close();
            }
        }
        Frames.set(frame);
        if (failure != null && misuse != null) {
            failure.addSuppressed(misuse);
        }
        return failure != null ? failure : misuse;
    }

    private static IllegalStateException leftOpen(ScopeNode open, String frame) {
        return new IllegalStateException(open.label() + ", opened " + open.whereOpened() + ", was still open when "
                + frame + " ended, which was there before it on this thread; it was cancelled. Close scopes in reverse"
                + " order, best by try-with-resources");
    }

    /** A callback of a scope that has ended, on whatever thread this is: leaves that as it was. */
    static void callBack(ScopeNode scope, Runnable callback) {
        Frame before = Frames.current();
        scope.engine.observers.call(scope, () -> {
            Throwable failure = null;
            try {
                callback.run();
            } catch (Throwable e) {
                failure = e;
            }
            if (Frames.current() != before) {
                failure = closeLeftOpen(before, "a callback of " + scope.label(), failure);
            }
            if (failure != null) {
                throw TaskFailures.<RuntimeException>sneaky(failure);
            }
        });
    }

    // ---- open and openShared ----

    static void join(ScopeNode scope) {
        if (scope.shared) {
            requireOutside(scope, "join");
            scope.complete();
            awaitDone(scope, Deadline.FOREVER_NANOS);
        } else {
            requireOwner(scope, "join");
            raise(scope, leave(scope, null), false);
        }
    }

    static void close(ScopeNode scope) {
        if (scope.shared) {
            closeShared(scope);
            return;
        }
        requireOwner(scope, "close");
        if (!scope.isDead()) {
            boolean leftOpen = !Frames.isCurrent(scope);
            boolean tasksLeft = !scope.members().isEmpty();
            if (tasksLeft) {
                // First: an interrupt of ours would hide one from outside.
                scope.endBody();
                ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
            }
            Throwable outcome = leave(scope, null);
            if (outcome != null && !scope.hasRaisedToOwner(outcome)) {
                throwIfStraggling(outcome);
            }
            if (tasksLeft && !leftOpen) {
                IllegalStateException misuse = new IllegalStateException(scope.label()
                        + " was closed with tasks left in it; they were cancelled. Join it before the close");
                if (outcome != null) {
                    misuse.addSuppressed(outcome);
                }
                throw misuse;
            }
            raise(scope, notJoined(scope, outcome), false);
        }
    }

    /**
     * What the close of a scope raises that was not joined: never a failure itself. The try block may be left by that
     * very exception, and none can be suppressed by itself.
     */
    private static @Nullable Throwable notJoined(ScopeNode scope, @Nullable Throwable outcome) {
        EndCause end = scope.end();
        Throwable failure = end != null ? end.failure() : null;
        if (outcome == null || scope.hasRaisedToOwner(outcome)) {
            return null;
        }
        return outcome != failure
                ? outcome
                : new ScopeFailedException(
                        scope.label() + " was closed without a join, and had failed: " + Log.describe(failure),
                        failure);
    }

    private static void closeShared(ScopeNode scope) {
        requireOutside(scope, "close");
        scope.claim();
        ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
        Waits.forClosed(scope, Deadline.FOREVER_NANOS, true);
        if (scope.outcome() instanceof StragglerException && scope.isFirstToRaise()) {
            throwIfStraggling(scope.outcome());
        }
        handBack(scope);
    }

    private static void throwIfStraggling(@Nullable Throwable outcome) {
        if (outcome instanceof StragglerException) {
            throw TaskFailures.<RuntimeException>sneaky(outcome);
        }
    }

    private static void requireOwner(ScopeNode scope, String what) {
        Thread owner = scope.thread();
        if (owner != Thread.currentThread()) {
            throw new IllegalStateException("Only the thread that opened " + scope.label() + " may " + what
                    + " it: that is " + owner + ", this is " + Thread.currentThread());
        }
        for (Frame frame = Frames.current(); frame != null && frame != scope; frame = frame.enclosing()) {
            if (frame.isAwaited()) {
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
        // From now on its failure is this thread's; a scope with an owner has raised it there.
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
            scope.isFirstToRaise();
            raise(scope, scope.outcome(), true);
        }
        return closed;
    }

    /** Who gave up waiting may have kept the failure from being reported. */
    private static void handBack(ScopeNode scope) {
        scope.unclaim();
        if (scope.isDead() && !scope.isClaimed() && !scope.isRaised()) {
            ScopeEnd.reportUnobserved(scope);
        }
    }

    private static void raise(ScopeNode scope, @Nullable Throwable outcome, boolean mark) {
        if (outcome != null) {
            if (mark) {
                RaisedAt.mark(outcome, scope.label());
            }
            throw TaskFailures.<RuntimeException>sneaky(outcome);
        }
    }
}
