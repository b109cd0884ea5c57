// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Scope;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A frame of a thread on which an integration has made a scope current, though the thread neither opened it there nor runs
 * a task of it. It is no member of the scope, and no canceller interrupts it.
 */
abstract class BoundFrame extends Frame implements Scope.Binding {

    private static final VarHandle BOUND;

    static {
        try {
            BOUND = MethodHandles.lookup().findVarHandle(ScopeRecordFields.class, "bound", WaitList.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    BoundFrame() {
        super(QUEUED);
        CurrentFrame.begin(this);
    }

    /** Binds this thread to a scope. */
    static BoundFrame to(ScopeNode scope) {
        return new Known(scope, /* awaited= */ false, /* ended= */ null);
    }

    /** Binds this thread to a scope that does not end before the binding is closed. */
    static BoundFrame awaitedBy(ScopeNode scope) {
        return new Known(scope, /* awaited= */ true, /* ended= */ null);
    }

    /** Binds this thread to the scope of a task that ends on it: by its own code, or by its canceller. */
    static BoundFrame atEndOf(TaskNode<?> task) {
        return new Known(task.scope, /* awaited= */ true, task.thread() == Thread.currentThread() ? task : null);
    }

    /** Binds this thread to a scope that is asked for when code wants to know the current one. */
    static BoundFrame lazily(Supplier<? extends Scope> opener) {
        return new Lazy(opener);
    }

    @Override
    public void close() {
        if (thread() != Thread.currentThread()) {
            throw new IllegalStateException(
                    "The " + label() + " of " + thread() + " cannot be closed by " + Thread.currentThread());
        }
        if (isCodeEnded()) {
            return;
        }
        requireNoExit();
        Throwable misuse = closeLeftOpen();
        ScopeNode known = knownScope();
        if (known != null) {
            known.endHooks(this);
        }
        endCode(SUCCEEDED);
        CurrentFrame.set(CurrentFrame.get());
        if (misuse != null) {
            throw TaskFailures.<RuntimeException>sneaky(misuse);
        }
    }

    /** What the exit of a scope inside runs, a release for instance, cannot close that scope once more. */
    void requireNoExit() {}

    /** Closes what was left open on this thread inside the binding; returns an exception that says so, or null. */
    abstract @Nullable Throwable closeLeftOpen();

    /** The scope, which is opened if it has not been needed yet; null while it is being opened outside of any other. */
    abstract @Nullable ScopeNode scope();

    /** The scope, if it is open by now. */
    abstract @Nullable ScopeNode knownScope();

    /** Returns whether the scope does not end before this binding does. */
    boolean isAwaited() {
        return false;
    }

    /** The task that has ended on this thread, and whose callbacks run here; null if there is none. */
    @Nullable
    TaskNode<?> endedHere() {
        return null;
    }

    final String scopeLabel() {
        ScopeNode scope = knownScope();
        return scope != null ? scope.label() : "a scope that is not open yet";
    }

    // ---- bound threads that wait ----

    /** A thread that is bound to the scope waits: no canceller interrupts it, so the cancellation of the scope wakes it. */
    static void addWaiting(ScopeNode scope, Runnable wake) {
        WaitList list = scope.bound;
        if (list == null) {
            WaitList fresh = new WaitList();
            list = (WaitList) BOUND.compareAndExchange(scope, null, fresh);
            list = list != null ? list : fresh;
        }
        list.add(wake);
    }

    static void removeWaiting(ScopeNode scope, Runnable wake) {
        WaitList list = scope.bound;
        if (list != null) {
            list.remove(wake);
        }
    }

    static void wakeWaiting(ScopeNode scope) {
        WaitList list = scope.bound;
        if (list != null) {
            list.wakeAll();
        }
    }

    @Override
    boolean interruptible() {
        return false;
    }

    @Override
    String label() {
        return "binding to " + scopeLabel();
    }

    private static final class Known extends BoundFrame {

        private final ScopeNode scope;
        private final boolean awaited;
        private final @Nullable TaskNode<?> ended;

        Known(ScopeNode scope, boolean awaited, @Nullable TaskNode<?> ended) {
            this.scope = scope;
            this.awaited = awaited;
            this.ended = ended;
        }

        @Override
        @Nullable
        TaskNode<?> endedHere() {
            return ended;
        }

        @Override
        boolean isAwaited() {
            return awaited;
        }

        @Override
        ScopeNode scope() {
            return scope;
        }

        @Override
        ScopeNode knownScope() {
            return scope;
        }

        /** What was opened later on this thread may belong to other code, and stays in force. */
        @Override
        @Nullable
        Throwable closeLeftOpen() {
            return null;
        }
    }

    private static final class Lazy extends BoundFrame {

        private final Supplier<? extends Scope> opener;
        private @Nullable ScopeNode scope;
        private boolean opening;

        Lazy(Supplier<? extends Scope> opener) {
            this.opener = opener;
        }

        @Override
        @Nullable
        ScopeNode scope() {
            if (scope == null) {
                if (opening) {
                    return enclosingScope();
                }
                opening = true;
                try {
                    scope = given(opener.get());
                } finally {
                    opening = false;
                }
            }
            return scope;
        }

        private static ScopeNode given(@Nullable Scope scope) {
            if (scope instanceof ScopeNode node) {
                return node;
            }
            throw new IllegalStateException(
                    "The opener of a lazy binding must return a scope of a ScopeFactory, but" + " returned "
                            + (scope == null ? "null" : "a " + scope.getClass().getName()));
        }

        @Override
        @Nullable
        ScopeNode knownScope() {
            return scope;
        }

        private @Nullable ScopeNode enclosingScope() {
            Frame outer = enclosing();
            return outer instanceof BoundFrame bound ? bound.scope() : CurrentFrame.scopeOf(outer);
        }

        @Override
        void requireNoExit() {
            ThisThread.requireNoExitWithin(this, "close the " + label());
        }

        @Override
        @Nullable
        Throwable closeLeftOpen() {
            return CurrentFrame.get() != this ? ScopeExit.closeLeftOpen(this, null) : null;
        }
    }
}
