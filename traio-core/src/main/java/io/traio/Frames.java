// SPDX-License-Identifier: Apache-2.0
package io.traio;

import org.jspecify.annotations.Nullable;

/** Which task or scope body this thread is in. Frames nest: each node knows the one that it {@link Node#enclosing()}. */
final class Frames {

    private static final ThreadLocal<@Nullable Node> CURRENT = new ThreadLocal<>();

    private Frames() {}

    static @Nullable Node current() {
        return CURRENT.get();
    }

    static @Nullable ScopeNode currentScope() {
        Node frame = CURRENT.get();
        return frame != null ? frame.frameScope() : null;
    }

    /** As {@link #currentScope()}, but does not open a scope that is not needed yet. */
    static @Nullable ScopeNode knownScope() {
        Node frame = CURRENT.get();
        while (frame instanceof BindingNode && frame.knownScope() == null) {
            frame = frame.enclosing();
        }
        return frame != null ? frame.knownScope() : null;
    }

    /** Makes a frame the current one, or the next further out if that is a binding that was closed meanwhile. */
    static void set(@Nullable Node next) {
        Node frame = next;
        while (frame instanceof BindingNode && frame.isEnded()) {
            frame = frame.enclosing();
        }
        if (frame != null) {
            CURRENT.set(frame);
        } else {
            CURRENT.remove();
        }
    }
}
