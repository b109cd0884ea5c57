// SPDX-License-Identifier: Apache-2.0
package io.traio;

/**
 * A frame of a thread on which somebody has made a scope current that neither opened it there nor runs a task of it. It
 * is no member of the scope, and nothing interrupts it.
 */
final class BindingNode extends Node implements Scope.Binding {

    private final ScopeNode scope;

    BindingNode(ScopeNode scope) {
        super(null, 0);
        this.scope = scope;
        begin();
    }

    @Override
    public void close() {
        if (thread() != Thread.currentThread()) {
            throw new IllegalStateException("The binding of " + scope.label() + " belongs to " + thread()
                    + " and cannot be closed by " + Thread.currentThread());
        }
        if (isEnded()) {
            return;
        }
        settle(SUCCEEDED);
        for (Node frame = Frames.current();
                frame instanceof BindingNode && frame.isEnded();
                frame = frame.enclosing()) {
            Frames.set(frame.enclosing());
        }
    }

    @Override
    void cancelFromAbove() {
        // Not a member of the scope: its thread finds out when it waits.
    }

    @Override
    boolean isDead() {
        return isEnded();
    }

    @Override
    boolean interruptible() {
        return false;
    }

    @Override
    ScopeNode frameScope() {
        return scope;
    }

    @Override
    String kind() {
        return "binding";
    }
}
