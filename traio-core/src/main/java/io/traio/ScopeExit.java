// SPDX-License-Identifier: Apache-2.0
package io.traio;

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
        if (needsValue && (bodyFailure != null || scope.isCancelled())) {
            scope.valueIsMissing();
        }
        Throwable outcome = leave(scope, bodyFailure);
        if (outcome != null) {
            throw TaskFailures.<RuntimeException>sneaky(outcome);
        }
    }

    /** Ends the body, waits, closes the scope; the interrupt flag is as it should be afterwards. */
    private static @Nullable Throwable leave(ScopeNode scope, @Nullable Throwable bodyFailure) {
        if (scope.isDead()) {
            return outcomeOfClosed(scope, bodyFailure);
        }
        boolean interruptAgain = false;
        Throwable failure = !Frames.isCurrent(scope) ? closeLeftOpen(scope, bodyFailure) : bodyFailure;
        if (failure != null) {
            interruptAgain = bodyFailed(scope, failure);
        }
        scope.endBody();
        interruptAgain |= scope.isToInterruptAgain();
        scope.releaseBody();
        interruptAgain |= Waits.forOwnScope(scope);
        Frames.leave(scope);
        Throwable outcome = ScopeEnd.close(scope);
        EndCause end = scope.end();
        boolean isNewsForEnclosing = outcome instanceof ScopeCancelledException
                && end != null
                && end.reason() == CancelReason.PARENT
                && scope.isInterruptForEnclosing();
        if (interruptAgain && !isNewsForEnclosing) {
            Thread.currentThread().interrupt();
        }
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
        IllegalStateException misuse = null;
        for (Frame inner = Frames.current(); inner != null && inner != frame; inner = inner.enclosing()) {
            if (inner instanceof ScopeNode open) {
                open.endBody();
                ScopeEnd.cancel(open, CancelReason.CLOSE, null);
                Throwable outcome = leave(open, null);
                misuse = misuse != null ? misuse : leftOpen(open, frame);
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

    private static IllegalStateException leftOpen(ScopeNode open, Frame frame) {
        return new IllegalStateException(open.label() + " was still open when " + frame.label()
                + " ended, which was there before it on this thread; it was cancelled. Close scopes in reverse order,"
                + " best by try-with-resources");
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
            requireOutside(scope, "close");
            ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
            Waits.forClosed(scope, Deadline.FOREVER_NANOS, true);
            throwIfStraggling(scope, scope.outcome());
            return;
        }
        requireOwner(scope, "close");
        if (!scope.isDead()) {
            boolean leftOpen = !Frames.isCurrent(scope);
            boolean tasksLeft = !scope.members.snapshot().isEmpty();
            if (tasksLeft) {
                // First: an interrupt of ours would hide one from outside.
                scope.endBody();
                ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
            }
            Throwable outcome = leave(scope, null);
            throwIfStraggling(scope, outcome);
            if (tasksLeft && !leftOpen) {
                IllegalStateException misuse = new IllegalStateException(scope.label()
                        + " was closed with tasks left in it; they were cancelled. Join it before the close");
                if (outcome != null) {
                    misuse.addSuppressed(outcome);
                }
                throw misuse;
            }
            raise(scope, outcome, false);
        }
    }

    private static void throwIfStraggling(ScopeNode scope, @Nullable Throwable outcome) {
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
            if (frame instanceof TaskNode<?>) {
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
        if (!Waits.forClosed(scope, nanos, false)) {
            return false;
        }
        raise(scope, scope.outcome(), true);
        return true;
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
