// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.Scope;
import io.traio.Task;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What is noted of the scopes, the tasks and the code of one tree. */
final class Records {

    private Records() {}

    /** A scope, and what became of it. */
    static final class OfScope {
        final Step step;
        /** The owner, if it has one. */
        final Thread openedBy = Thread.currentThread();

        final Queue<String> events = new ConcurrentLinkedQueue<>();
        final List<OfTask> tasks = new CopyOnWriteArrayList<>();
        /** When its timeouts were set, and for how long: pairs of nanoseconds. */
        final List<long[]> timeouts = new CopyOnWriteArrayList<>();
        /** Calls of the engine under way that a task of this scope has made, and how many have begun. */
        final AtomicInteger calls = new AtomicInteger();

        final AtomicInteger callsBegun = new AtomicInteger();

        @Nullable
        volatile Scope scope;

        @Nullable
        volatile Frame body;

        volatile boolean left;

        OfScope(Step step) {
            this.step = step;
        }

        String name() {
            return "scope-" + step.id;
        }

        boolean isCancelled() {
            Scope known = scope;
            return known != null && known.isCancelled();
        }

        /** Whether the scope still takes what anybody brings. */
        boolean isOpen() {
            Scope known = scope;
            return known != null && known.state() == Scope.State.OPEN && !known.isCancelled();
        }

        boolean isOver() {
            // Read once: a straggler may end meanwhile.
            Scope.State state = scope != null ? scope.state() : null;
            return state == Scope.State.CLOSED || state == Scope.State.STRAGGLING;
        }

        /** The thread that is in the body and exit, or the close, where it may run callbacks. */
        @Nullable
        volatile Thread leaving;

        /** Whether this scope is the other one or below it. */
        boolean isWithin(OfScope other) {
            for (Scope s = scope; s != null; s = s.parent().orElse(null)) {
                if (s == other.scope) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public String toString() {
            return name();
        }
    }

    /** A task, and what became of it. */
    static final class OfTask {
        final Step step;
        final OfScope scope;
        final Queue<String> events = new ConcurrentLinkedQueue<>();
        final AtomicInteger cancelled = new AtomicInteger();
        final AtomicInteger starts = new AtomicInteger();
        final int callsBegunAtSpawn;

        @Nullable
        final Object context;

        @Nullable
        volatile Task<Object> handle;

        @Nullable
        volatile Throwable thrown;

        /** What its handle has in the end; null if no failure. */
        @Nullable
        volatile Throwable failure;

        volatile boolean running;
        volatile boolean ended;
        volatile boolean lent;
        volatile boolean ranAfterExit;
        /** Whether the executor has refused the command that was for this task. */
        volatile boolean refused;

        OfTask(Step step, OfScope scope, @Nullable Object context) {
            this.step = step;
            this.scope = scope;
            this.context = context;
            callsBegunAtSpawn = scope.callsBegun.get();
        }

        String name() {
            return "task-" + step.id;
        }

        boolean isCancelled() {
            Task<Object> known = handle;
            return known != null && known.isCancelled();
        }

        @Override
        public String toString() {
            return name();
        }
    }

    /** User code that runs: of a task, a body, or a callback. */
    static final class Frame {
        final Kind kind;

        @Nullable
        final OfScope scope;

        @Nullable
        final OfTask task;

        @Nullable
        final Frame outer;

        final Thread thread = Thread.currentThread();
        /** Whether this code has met a cancellation signal or an interrupt. */
        volatile boolean signalMet;
        /** An interrupt from outside that this code has met while nothing was cancelled around it. */
        @Nullable
        volatile InterruptedException theirs;

        volatile boolean running = true;

        enum Kind {
            TASK,
            BODY,
            CALLBACK
        }

        Frame(Kind kind, @Nullable OfScope scope, @Nullable OfTask task, @Nullable Frame outer) {
            this.kind = kind;
            this.scope = scope;
            this.task = task;
            this.outer = outer;
        }

        boolean isCancelled() {
            if (kind == Kind.TASK) {
                return task.isCancelled();
            }
            return kind == Kind.BODY && scope.isCancelled();
        }

        /** The code around this one whose cancellation reaches it; null if there is none, or this is shielded. */
        @Nullable
        Frame around() {
            return kind == Kind.BODY && scope.step.scopeOptions.shielded() ? null : outer;
        }

        /** Whether cancelling this code interrupts its thread for certain. */
        boolean isInterruptible() {
            for (Frame f = this; f != null; f = f.outer) {
                if (f.kind == Kind.CALLBACK
                        || f.kind == Kind.TASK
                                && (f.task.step.taskOptions.abandonOnCancel()
                                        || !f.task.step.taskOptions.interruptOnCancel())) {
                    return false;
                }
            }
            return true;
        }

        /** The scope that is to be the current one here; null where that is not known. */
        @Nullable
        Optional<Scope> expectedCurrent() {
            return kind == Kind.CALLBACK || scope == null ? null : Optional.ofNullable(scope.scope);
        }

        boolean isStragglerOrAbandoned() {
            for (Frame f = this; f != null; f = f.outer) {
                if (f.kind == Kind.TASK) {
                    Task<Object> handle = f.task.handle;
                    if (f.task.step.taskOptions.abandonOnCancel() && handle != null && handle.isCancelled()
                            || handle != null && handle.status() == Task.Status.STRAGGLING
                            || f.task.ranAfterExit) {
                        return true;
                    }
                }
            }
            return false;
        }

        @Override
        public String toString() {
            return kind + " of " + (task != null ? task : scope);
        }
    }
}
