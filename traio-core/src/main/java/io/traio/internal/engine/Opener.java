// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.OpenScope;
import io.traio.ScopeOpener;
import io.traio.ScopeOptions;
import io.traio.ScopeResult;
import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Opens scopes and runs bodies in them: children of one scope, or of the one that is current. */
class Opener implements ScopeOpener {

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
            ScopeExit.exitAfterBody(scope, e, true);
            throw new AssertionError("A failed body has no value", e);
        }
        ScopeExit.exitAfterBody(scope, null, true);
        return value;
    }

    @Override
    public void run(String name, UnaryOperator<ScopeOptions> options, VoidBody body) {
        Objects.requireNonNull(body, "body");
        ScopeNode scope = open(name, options, false);
        Throwable failure = null;
        try {
            body.run(scope);
        } catch (Throwable e) {
            failure = e;
        }
        ScopeExit.exitAfterBody(scope, failure, false);
    }

    @Override
    public <T extends @Nullable Object> ScopeResult<T> tryCall(
            String name, UnaryOperator<ScopeOptions> options, Body<T> body) {
        Objects.requireNonNull(body, "body");
        ScopeNode scope = open(name, options, false);
        T value;
        try {
            value = body.call(scope);
        } catch (Throwable e) {
            return ScopeExit.exitForResult(scope, null, e);
        }
        return ScopeExit.exitForResult(scope, value, null);
    }

    @Override
    public ScopeResult<@Nullable Void> tryRun(String name, UnaryOperator<ScopeOptions> options, VoidBody body) {
        Objects.requireNonNull(body, "body");
        return this.<@Nullable Void>tryCall(name, options, scope -> {
            body.run(scope);
            return null;
        });
    }

    @Override
    public OpenScope open(String name, UnaryOperator<ScopeOptions> options) {
        OpeningPlace place = engine.places.here();
        engine.places.reportOpenedAgain(place);
        return recorded(open(name, options, false), place);
    }

    @Override
    public OpenScope openShared(String name, UnaryOperator<ScopeOptions> options) {
        OpeningPlace place = engine.places.here();
        return recorded(open(name, options, true), place);
    }

    private OpenScope recorded(ScopeNode scope, OpeningPlace place) {
        try {
            engine.places.record(scope, place);
        } catch (Throwable e) {
            // Who opens it would have no handle to close it by.
            ScopeExit.undoOpening(scope);
            throw e;
        }
        return scope;
    }

    private ScopeNode open(String name, UnaryOperator<ScopeOptions> options, boolean shared) {
        Objects.requireNonNull(name, "name");
        // A default timeout is for scopes that an owner waits for: a shared one may be meant to live for ever.
        ScopeOptions defaults = shared ? engine.defaults.withoutTimeout() : engine.defaults;
        ScopeOptions chosen = Objects.requireNonNull(options, "options").apply(defaults);
        Objects.requireNonNull(chosen, "result of options");
        if (chosen.shielded() && chosen.timeout() == null) {
            throw new IllegalArgumentException(
                    "A shielded scope needs a limit, since nothing around it can end it: give it"
                            + " a timeout, or ScopeOptions.FOREVER if it must not have one");
        }
        Frame frame = CurrentFrame.get();
        Headroom.require(frame);
        ScopeNode up = parentFor(chosen, frame);
        if (frame instanceof TaskNode<?> task) {
            task.noteOpenedScope();
        }
        ScopeNode scope = new ScopeHandle(engine, up, name, chosen, shared, engine.scopeStartNanos());
        if (up != null && !Admission.admitChild(scope, up)) {
            throw up.refused("open a scope below it");
        }
        // To open the scope of a binding may have called code of the application.
        if (!enter(scope, up, frame instanceof BoundFrame ? CurrentFrame.get() : frame)) {
            ScopeExit.undoEntering(scope);
            throw new IllegalStateException(scope.label() + " was not opened: its factory is closed");
        }
        try {
            begin(scope, frame);
        } catch (Throwable e) {
            ScopeExit.undoOpening(scope);
            throw e;
        }
        return scope;
    }

    /** Lets this thread into the body, and makes the scope known to others; false if its factory is closed. */
    private boolean enter(ScopeNode scope, @Nullable ScopeNode up, @Nullable Frame innermost) {
        try {
            if (!scope.shared) {
                CurrentFrame.enterBody(scope, innermost);
            }
            if (up == null) {
                return engine.live.admit(scope);
            }
            Members.enterChild(up, scope);
            return true;
        } catch (VirtualMachineError e) {
            if (up == null) {
                // It may be listed.
                ScopeExit.undoEntering(scope);
            } else {
                if (CurrentFrame.isCurrent(scope)) {
                    CurrentFrame.leave(scope);
                }
                if (scope.counted) {
                    ScopeEnd.follow(up, Admission.countOutChild(scope, up));
                }
            }
            throw e;
        }
    }

    private void begin(ScopeNode scope, @Nullable Frame frame) {
        if (!scope.shared && scope.isShield()) {
            Shield.entered(scope);
        }
        try {
            engine.observers.scopeOpened(scope);
            ScopeEnd.cancelIfFromAbove(scope, frame);
            Duration timeout = scope.options.timeout();
            if (timeout != null) {
                Deadline.set(scope, timeout, timeout == engine.defaults.timeout());
            }
        } finally {
            if (scope.shared) {
                // Counted until here, so that its end is not reported before its opening.
                ScopeEnd.countOut(scope, /* awaited= */ false);
            }
        }
    }

    private @Nullable ScopeNode parentFor(ScopeOptions chosen, @Nullable Frame frame) {
        if (parent == null) {
            return chosen.detached() ? null : CurrentFrame.openScopeOf(frame);
        }
        if (chosen.detached()) {
            throw new IllegalArgumentException("A fork of " + parent.label() + " cannot be detached");
        }
        return parent;
    }
}
