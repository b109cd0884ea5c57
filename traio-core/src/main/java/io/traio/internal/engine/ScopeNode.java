// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.OpenScope;
import io.traio.ScopeOpener;
import io.traio.ScopeOptions;
import io.traio.internal.SpawnRefusedException;
import io.traio.spi.CancelReason;
import java.lang.StackWalker.StackFrame;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * A scope, as the engine sees it: its fields, and what they say. The classes that change it take it as an argument. Each
 * scope is a {@link ScopeHandle}, which users call.
 */
abstract class ScopeNode extends ScopeWordFields implements OpenScope {

    ScopeNode(Engine engine, @Nullable ScopeNode parent, String name, ScopeOptions options, boolean shared, long now) {
        super(engine, parent, name, options, shared, now);
        Admission.countInFirst(this);
        // The owner is in the body before others know the scope, and without listeners its opening is reported to all.
        int reported = engine.observers.hasListeners() ? 0 : OPENING_REPORTED;
        initialState((shared ? QUEUED : RUNNING) | reported | (options.shielded() ? SHIELD : 0));
        queue = TaskQueue.forScope(this);
    }

    /** Not in a task that is not to be interrupted. */
    @Override
    final boolean interruptible() {
        for (Frame frame = enclosing(); frame != null; frame = frame.enclosing()) {
            if (frame instanceof TaskNode<?> && !frame.interruptible()) {
                return false;
            }
        }
        return true;
    }

    @Override
    final boolean isShield() {
        return hasFlag(SHIELD);
    }

    @Override
    final String kind() {
        return "scope";
    }

    // ---- lifecycle ----

    /** Returns whether it takes no more tasks from outside. */
    final boolean isFinal() {
        return ScopeWord.has(control, ScopeWord.FINAL);
    }

    /** Returns whether it takes no more tasks at all. */
    final boolean isEnding() {
        return ScopeWord.has(control, ScopeWord.ENDING);
    }

    /** Returns whether nothing runs any more that it waits for. */
    final boolean isDone() {
        return ScopeWord.has(control, ScopeWord.DONE);
    }

    /** Returns whether it is done, what its exit throws is known, and its waiters are being woken or have been. */
    final boolean isClosed() {
        return closed;
    }

    @Override
    final boolean isLive() {
        return !closed;
    }

    final int liveMembers() {
        return ScopeWord.live(control);
    }

    @Override
    public final boolean isCancelled() {
        return cause != null;
    }

    /** Returns why this scope was cancelled, or the one above with which it was; null if it was not. */
    @Nullable
    final CancelCause rootCause() {
        CancelCause root = cause;
        for (ScopeNode up = parent;
                root != null && root.reason() == CancelReason.PARENT && up != null;
                up = up.parent) {
            CancelCause above = up.cause;
            if (above == null) {
                break;
            }
            root = above;
        }
        return root;
    }

    /** Returns why it was cancelled, for people, with what the canceller of it or of a scope above said; null if it was not. */
    @Nullable
    final String endText() {
        CancelCause known = cause;
        if (known == null) {
            return null;
        }
        return known.reason().name().toLowerCase(Locale.ROOT) + saidByCanceller();
    }

    /** Returns what the canceller has said, as the end of a message; empty if nothing. */
    final String saidByCanceller() {
        CancelCause root = rootCause();
        return root != null && root.text() != null ? ": " + root.text() : "";
    }

    /** Returns when it was cancelled: now, if it ends by itself. */
    final long cancelledAtNanos() {
        CancelCause known = cause;
        return known != null ? known.atNanos() : engine.nanoTime();
    }

    /** Opens children of this scope, also where it has ended and releases its resources. */
    abstract ScopeOpener openBelow();

    // ---- messages ----

    final Logger logger() {
        Logger own = options.logger();
        return own != null ? own : engine.logger;
    }

    final String whereOpened() {
        StackFrame caller = opening;
        if (caller != null) {
            return "at " + caller.toStackTraceElement();
        }
        return shared || openingCalls != null
                ? "at a place that was not recorded (LeakDetection.ALL records each)"
                : "with a body";
    }

    final SpawnRefusedException refused(String what) {
        CancelCause cause = this.cause;
        boolean ending = isEnding() || cause != null;
        String state = isDone() ? "has ended" : ending ? "is ending" : "is completed";
        String hint = ending ? "" : "; only its own tasks may do that now";
        return new SpawnRefusedException(
                label() + " " + state + (cause != null ? " (" + endText() + ")" : "") + " and cannot " + what + hint);
    }
}
