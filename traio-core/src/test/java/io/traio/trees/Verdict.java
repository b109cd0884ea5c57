// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFailedException;
import io.traio.ScopeInterruptedException;
import io.traio.ScopeOptions;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import io.traio.trees.Records.Frame;
import io.traio.trees.Records.OfScope;
import io.traio.trees.Records.OfTask;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Whether what a call of the engine throws may be thrown there, by what has happened so far. */
final class Verdict {

    /** Calls of the engine, by what they may throw. */
    enum Call {
        OPEN,
        SPAWN,
        /** The owner leaves a scope that was opened with a body or by open. */
        EXIT,
        CLOSE_UNJOINED,
        /** Joins, closes or awaits a shared or foreign scope. */
        AWAIT,
        JOIN,
        TIMED_JOIN,
        SET_TIMEOUT,
        DEFER,
        OTHER
    }

    private final Book book;
    private final boolean stragglers;
    private final boolean rejects;

    Verdict(Book book) {
        this.book = book;
        boolean[] found = new boolean[2];
        book.tree.forEach(step -> {
            found[0] |= step.scopeOptions.cancelTimeoutMicros() > 0
                    || step.taskOptions.cancelTimeoutMicros() > 0
                    || step.taskOptions.abandonOnCancel();
            found[1] |= step.scopeOptions.overflow() == ScopeOptions.Overflow.REJECT;
        });
        stragglers = found[0];
        rejects = found[1] || book.tree.threads() == Tree.Kind.REFUSING;
    }

    /** Whether tasks of this tree may be left behind. */
    boolean mayStraggle() {
        return stragglers;
    }

    /** Judges a throwable as it comes out of a call, on the thread that made the call. */
    void judge(Throwable t, Call call, @Nullable Frame frame, @Nullable OfScope scope, @Nullable OfTask task) {
        book.received(t);
        boolean refused = t instanceof IllegalStateException && (call == Call.OPEN || call == Call.SPAWN);
        if (Chains.isSignal(t) || refused) {
            Book.signalMet(frame);
            if (book.isOwner(Thread.currentThread())) {
                book.noteInterruptMet();
            }
        }
        boolean isNew = book.isNew(t);
        String what = call + " of " + (task != null ? task : scope) + " in " + frame + " threw " + Chains.text(t);
        if (t instanceof ScopeInterruptedException) {
            interrupted(isNew, what);
        } else if (isNew) {
            judgeNew(t, call, frame, scope, task, what);
        }
    }

    private void interrupted(boolean isNew, String what) {
        Thread here = Thread.currentThread();
        if (isNew || !book.tree.threads().isInline()) {
            book.require(book.wasInterruptedFromOutside(here), "interrupted-exception-elsewhere", what);
        }
        if (isNew && book.wasInterruptedFromOutside(here)) {
            book.require(here.isInterrupted(), "interrupted-exception-without-flag", what);
        }
    }

    private void judgeNew(
            Throwable t,
            Call call,
            @Nullable Frame frame,
            @Nullable OfScope scope,
            @Nullable OfTask task,
            String what) {
        if (t instanceof Boom) {
            book.require(t.getMessage().startsWith(book.tree.seed() + "/"), "failure-of-another-tree", what);
        } else if (t instanceof ScopeTimeoutException timeout) {
            book.require(mayHaveTimedOut(timeout), "timeout-too-early", what);
        } else if (t instanceof InterruptedException) {
            boolean wait = call == Call.JOIN || call == Call.TIMED_JOIN;
            boolean outside = book.wasInterruptedFromOutside(Thread.currentThread());
            book.require(wait && outside, "interrupted-exception-elsewhere", what);
        } else if (t instanceof ScopeCancelledException) {
            // A callback runs in whatever its thread is in.
            boolean ofThread = frame != null
                    && frame.kind == Frame.Kind.CALLBACK
                    && Scope.current().filter(Scope::isCancelled).isPresent();
            boolean ofTarget = ofThread || scope != null && scope.isCancelled() || task != null && task.isCancelled();
            // A release of it was interrupted, and the scope was not cancelled.
            boolean ofOwner = call == Call.AWAIT && t.getCause() instanceof ScopeInterruptedException;
            book.require(ofTarget || ofOwner || isCancelledAbove(frame), "cancelled-for-no-reason", what);
        } else if (t instanceof StragglerException) {
            book.require(stragglers, "straggler-for-no-reason", what);
        } else if (t instanceof ScopeFailedException) {
            // A task that runs inline meets interrupts that are for the code around it.
            boolean outside = book.tree.threads().isInline() || book.wasInterruptedFromOutside(Thread.currentThread());
            boolean bare = t.getCause() instanceof InterruptedException
                    || t.getCause() instanceof ScopeInterruptedException
                    || t.getCause() instanceof ScopeCancelledException;
            boolean ofBlock = book.interruptsOfBlocks.contains(t.getCause());
            boolean ofTask = t.getCause() instanceof ScopeCancelledException && book.hasFailedWith(t.getCause());
            book.require(!bare || outside || ofBlock || ofTask, "interruption-as-failure", what);
        } else if (t instanceof CancellationException) {
            book.require(task != null && task.isCancelled(), "cancelled-for-no-reason", what);
        } else if (t instanceof RejectedExecutionException) {
            book.require(rejects, "rejected-for-no-reason", what);
        } else if (t instanceof TimeoutException) {
            book.require(call == Call.TIMED_JOIN, "unexpected-exception", what);
        } else if (t instanceof ExecutionException) {
            judge(t.getCause(), call, frame, scope, task);
        } else if (t instanceof IllegalStateException) {
            book.require(mayBeRefused(call, frame, scope, task), "refused-for-no-reason", what);
        } else {
            book.fault("unexpected-exception", what);
        }
    }

    private boolean mayHaveTimedOut(ScopeTimeoutException timeout) {
        long now = System.nanoTime();
        for (int i = 0; i < book.scopes.length(); i++) {
            OfScope known = book.scopes.get(i);
            if (known != null && known.name().equals(timeout.scopeName())) {
                return known.timeouts.stream().anyMatch(each -> now - each[0] >= each[1]);
            }
        }
        return false;
    }

    /** Whether anything is cancelled in which the code of this thread lives. */
    private boolean isCancelledAbove(@Nullable Frame frame) {
        for (Frame f = frame; f != null; f = f.around()) {
            if (f.isCancelled()) {
                return true;
            }
            for (Scope s = f.scope != null ? f.scope.scope : null;
                    s != null;
                    s = isShielded(s) ? null : s.parent().orElse(null)) {
                if (s.isCancelled()) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isShielded(Scope scope) {
        for (int i = 0; i < book.scopes.length(); i++) {
            OfScope known = book.scopes.get(i);
            if (known != null && known.scope == scope) {
                return known.step.scopeOptions.shielded();
            }
        }
        return false;
    }

    private boolean mayBeRefused(Call call, @Nullable Frame frame, @Nullable OfScope scope, @Nullable OfTask task) {
        return switch (call) {
            case OPEN ->
                book.factoryClosing
                        || scope != null && !scope.isOpen()
                        || frame != null
                                && (frame.kind == Frame.Kind.CALLBACK || frame.scope != null && !frame.scope.isOpen());
            case SPAWN, SET_TIMEOUT, DEFER -> scope != null && !scope.isOpen();
            case CLOSE_UNJOINED -> true;
            case AWAIT -> isInside(frame, scope) || scope != null && scope.leaving == Thread.currentThread();
            case JOIN, TIMED_JOIN -> isInside(frame, task);
            case EXIT, OTHER -> false;
        };
    }

    private static boolean isInside(@Nullable Frame frame, @Nullable OfScope scope) {
        for (Frame f = frame; f != null; f = f.outer) {
            if (scope != null && f.scope != null && f.scope.isWithin(scope)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isInside(@Nullable Frame frame, @Nullable OfTask task) {
        for (Frame f = frame; f != null; f = f.outer) {
            if (f.task == task) {
                return true;
            }
        }
        return false;
    }
}
