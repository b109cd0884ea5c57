// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import org.jspecify.annotations.Nullable;

/** Where the calling thread is: in which scopes, and which of them wait for it. Looks at the frames of the thread. */
final class ThisThread {

    private ThisThread() {}

    /** Returns whether this thread runs in the scope or in one below. */
    static boolean isInside(ScopeNode scope) {
        return isInside(scope, /* awaitedOnly= */ false);
    }

    /** Returns whether the scope does not end before this thread has left it. */
    static boolean isAwaitedInside(ScopeNode scope) {
        return isInside(scope, /* awaitedOnly= */ true);
    }

    private static boolean isInside(ScopeNode scope, boolean awaitedOnly) {
        for (Frame frame = CurrentFrame.get(); frame != null; frame = frame.enclosing()) {
            if ((!awaitedOnly || isAwaited(frame)) && isSameOrBelow(scope, CurrentFrame.scopeOf(frame))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns whether this thread is in the scope's body, or in a task of it that cannot be abandoned: then the scope,
     * whatever happens to others, does not end before this thread has left that.
     */
    static boolean isInBodyOrLastingTaskOf(ScopeNode scope) {
        for (Frame frame = CurrentFrame.get(); frame != null; frame = frame.enclosing()) {
            if (CurrentFrame.scopeOf(frame) == scope && isAwaited(frame)) {
                return !(frame instanceof TaskNode<?> task) || !task.options().abandonOnCancel();
            }
        }
        return false;
    }

    /**
     * Returns whether this thread is in a task or callback of the scope, or in a scope below: tasks of the scope may wait for
     * it.
     */
    static boolean isInsideBesideBodyOf(ScopeNode scope) {
        for (Frame frame = CurrentFrame.get(); frame != null && frame != scope; frame = frame.enclosing()) {
            ScopeNode inside = CurrentFrame.scopeOf(frame);
            if (isSameOrBelow(scope, inside) && (inside != scope || isAwaited(frame))) {
                return true;
            }
        }
        return false;
    }

    /** Refuses what would wait for the exit of a scope inside a frame of this thread, where that exit has called this code. */
    static void requireNoExitWithin(Frame outer, String what) {
        for (Frame frame = CurrentFrame.get(); frame != null && frame != outer; frame = frame.enclosing()) {
            if (frame instanceof ScopeNode inner && inner.exiting) {
                throw new IllegalStateException(
                        "The exit of " + inner.label() + " cannot " + what + ": it would wait for itself");
            }
        }
    }

    private static boolean isAwaited(Frame frame) {
        return !(frame instanceof BoundFrame bound) || bound.isAwaited();
    }

    private static boolean isSameOrBelow(ScopeNode scope, @Nullable ScopeNode other) {
        for (ScopeNode s = other; s != null; s = s.parent) {
            if (s == scope) {
                return true;
            }
        }
        return false;
    }
}
