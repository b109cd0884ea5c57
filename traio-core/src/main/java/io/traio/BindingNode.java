// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A frame of a thread on which somebody has made a scope current that neither opened it there nor runs a task of it. It
 * is no member of the scope, and nothing interrupts it.
 */
abstract class BindingNode extends Frame implements Scope.Binding {

    private BindingNode() {
        super(QUEUED);
        begin();
    }

    /** Binds this thread to a scope. */
    static BindingNode to(ScopeNode scope) {
        return new Known(scope, false);
    }

    /** Binds this thread to a scope that does not end before the binding is closed. */
    static BindingNode awaitedBy(ScopeNode scope) {
        return new Known(scope, true);
    }

    /** Binds this thread to a scope that is asked for when somebody wants to know the current one. */
    static BindingNode lazily(Supplier<? extends Scope> opener) {
        return new Lazy(opener);
    }

    @Override
    public void close() {
        if (thread() != Thread.currentThread()) {
            throw new IllegalStateException(
                    "The " + label() + " of " + thread() + " cannot be closed by " + Thread.currentThread());
        }
        if (isEnded()) {
            return;
        }
        Throwable misuse = closeLeftOpen();
        settle(SUCCEEDED);
        Frames.set(Frames.current());
        if (misuse != null) {
            throw TaskFailures.<RuntimeException>sneaky(misuse);
        }
    }

    /** Closes what was left open on this thread inside the binding; an exception that says so, or null. */
    abstract @Nullable Throwable closeLeftOpen();

    /** The scope, if that is known by now. */
    @Override
    abstract @Nullable ScopeNode knownScope();

    final String scopeLabel() {
        ScopeNode scope = knownScope();
        return scope != null ? scope.label() : "a scope that is not open yet";
    }

    @Override
    boolean interruptible() {
        return false;
    }

    @Override
    String label() {
        return "binding to " + scopeLabel();
    }

    private static final class Known extends BindingNode {

        private final ScopeNode scope;
        private final boolean awaited;

        Known(ScopeNode scope, boolean awaited) {
            this.scope = scope;
            this.awaited = awaited;
        }

        @Override
        boolean isAwaited() {
            return awaited;
        }

        @Override
        ScopeNode frameScope() {
            return scope;
        }

        @Override
        ScopeNode knownScope() {
            return scope;
        }

        /** What was opened later on this thread may be somebody else's, and stays in force. */
        @Override
        @Nullable
        Throwable closeLeftOpen() {
            return null;
        }
    }

    private static final class Lazy extends BindingNode {

        private final Supplier<? extends Scope> opener;
        private @Nullable ScopeNode scope;
        private boolean opening;

        Lazy(Supplier<? extends Scope> opener) {
            this.opener = opener;
        }

        @Override
        @Nullable
        ScopeNode frameScope() {
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
                    "The opener of a lazy binding has to give a scope of a ScopeFactory, but gave "
                            + (scope == null ? "null" : "a " + scope.getClass().getName()));
        }

        @Override
        @Nullable
        ScopeNode knownScope() {
            return scope;
        }

        private @Nullable ScopeNode enclosingScope() {
            Frame outer = enclosing();
            return outer != null ? outer.frameScope() : null;
        }

        @Override
        @Nullable
        Throwable closeLeftOpen() {
            return Frames.current() != this ? ScopeExit.closeLeftOpen(this, null) : null;
        }
    }
}
