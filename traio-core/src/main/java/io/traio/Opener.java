// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.CancelReason;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Opens scopes and runs bodies in them: children of one scope, or of the one that is current. */
class Opener implements ScopeOpener {

    private static final StackWalker CALLERS = StackWalker.getInstance();
    private static final Set<String> OWN_CLASSES =
            Set.of(Opener.class.getName(), ScopeOpener.class.getName(), Scope.class.getName(), Frames.class.getName());
    /** Integrations of ours that open scopes for their users, and the proxies and suppliers by which these come there. */
    private static final List<String> PASSED_OVER =
            List.of("io.traio.spring.", BindingNode.class.getName(), "java.util.", "java.lang.reflect.", "jdk.");

    final Engine engine;
    private final @Nullable ScopeNode parent;

    Opener(Engine engine, @Nullable ScopeNode parent) {
        this.engine = engine;
        this.parent = parent;
    }

    @Override
    public <T extends @Nullable Object> T call(String name, UnaryOperator<ScopeOptions> options, Body<T> body) {
        Objects.requireNonNull(body, "body");
        ScopeNode scope = open(name, options, false);
        T value;
        try {
            value = body.call(scope);
        } catch (Throwable e) {
            ScopeExit.leaveBody(scope, e, true);
            throw new AssertionError("A failed body has no value", e);
        }
        ScopeExit.leaveBody(scope, null, true);
        return value;
    }

    @Override
    public void run(String name, UnaryOperator<ScopeOptions> options, Action body) {
        Objects.requireNonNull(body, "body");
        ScopeNode scope = open(name, options, false);
        Throwable failure = null;
        try {
            body.run(scope);
        } catch (Throwable e) {
            failure = e;
        }
        ScopeExit.leaveBody(scope, failure, false);
    }

    @Override
    public OpenScope open(String name, UnaryOperator<ScopeOptions> options) {
        return remembered(open(name, options, false));
    }

    @Override
    public OpenScope openShared(String name, UnaryOperator<ScopeOptions> options) {
        return remembered(open(name, options, true));
    }

    /** Somebody has to close this one: remembers who opened it, to be told if that is forgotten. */
    private static OpenScope remembered(ScopeNode scope) {
        scope.opening = CALLERS.walk(frames -> frames.filter(frame -> isOfUser(frame.getClassName()))
                .findFirst()
                .orElse(null));
        return scope;
    }

    private static boolean isOfUser(String className) {
        return !OWN_CLASSES.contains(className) && PASSED_OVER.stream().noneMatch(className::startsWith);
    }

    private ScopeNode open(String name, UnaryOperator<ScopeOptions> options, boolean shared) {
        Objects.requireNonNull(name, "name");
        ScopeOptions chosen = Objects.requireNonNull(options, "options").apply(engine.defaults);
        Objects.requireNonNull(chosen, "result of options");
        Headroom.require();
        Frame frame = Frames.current();
        ScopeNode up = parentFor(chosen);
        if (frame instanceof TaskNode<?> task) {
            task.hasOpenedScope();
        }
        ScopeNode scope = new ScopeNode(engine, up, name, chosen, shared, engine.startNanos());
        if (!scope.joinParent()) {
            // Whoever closes the factory may have seen it and wait for it.
            scope.die();
            throw up != null
                    ? up.refused("open a scope below it")
                    : new IllegalStateException(scope.label() + " was not opened: its factory is closed");
        }
        try {
            begin(scope, frame);
        } catch (Throwable e) {
            ScopeExit.undoOpening(scope);
            throw e;
        }
        return scope;
    }

    private void begin(ScopeNode scope, @Nullable Frame frame) {
        if (!scope.shared) {
            scope.begin();
            if (scope.isCancelled()) {
                // Cancelled from above before there was a thread to interrupt.
                scope.interrupt();
            }
        }
        engine.observers.scopeOpened(scope);
        if (scope.parent != null && (scope.parent.isEnding() || isCancelledTask(frame))) {
            ScopeEnd.cancel(scope, CancelReason.PARENT, null);
        }
        Duration timeout = scope.options.timeout();
        if (timeout != null) {
            Deadline.set(scope, timeout);
        }
    }

    private @Nullable ScopeNode parentFor(ScopeOptions chosen) {
        if (parent == null) {
            return chosen.detached() ? null : Frames.currentScope();
        }
        if (chosen.detached()) {
            throw new IllegalArgumentException("A fork of " + parent.label() + " cannot be detached");
        }
        return parent;
    }

    private static boolean isCancelledTask(@Nullable Frame frame) {
        return frame instanceof TaskNode<?> && frame.isCancelRequested();
    }
}
