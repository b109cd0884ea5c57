// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** The place of a scope in the tree: what lives in it, and how it is a member of its parent, or a root of its factory. */
abstract class ScopeFamily extends ScopeState {

    private static final VarHandle CHILDREN;

    static {
        try {
            CHILDREN = MethodHandles.lookup().findVarHandle(ScopeFamily.class, "children", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Engine engine;
    final @Nullable ScopeNode parent;
    final boolean shared;
    final LiveList members = new LiveList();

    /** How many child scopes are counted among the members. */
    private volatile int children;

    /** Whether a child scope has ever been a member. */
    private volatile boolean hadChildren;

    /**
     * Whether it is counted among its parent's members. Not if it is opened by code that the parent waits for anyway, which
     * leaves it first: most scopes are. Written before others know it.
     */
    private boolean counted;

    ScopeFamily(Engine engine, @Nullable ScopeNode parent, String name, boolean shared) {
        super(name, !shared);
        this.engine = engine;
        this.parent = parent;
        this.shared = shared;
    }

    final int countedChildren() {
        return children;
    }

    final boolean hadChildren() {
        return hadChildren;
    }

    final boolean isCounted() {
        return counted;
    }

    @Override
    final boolean isInside() {
        return isInside(/* awaitedOnly= */ false);
    }

    /** Whether this thread is in a frame of this scope or of one below; if so asked, one that the scope waits for. */
    private boolean isInside(boolean awaitedOnly) {
        for (Frame frame = Frames.current(); frame != null; frame = frame.enclosing()) {
            boolean counts = !awaitedOnly || frame.isAwaited() || frame instanceof ScopeNode;
            if (counts && isSameOrBelow(frame.knownScope())) {
                return true;
            }
        }
        return false;
    }

    /** Whether this scope does not end before this thread has left it. */
    final boolean holdsThisThread() {
        return isInside(/* awaitedOnly= */ true);
    }

    private boolean isSameOrBelow(@Nullable ScopeNode other) {
        for (ScopeFamily s = other; s != null; s = s.parent) {
            if (s == this) {
                return true;
            }
        }
        return false;
    }

    /** Makes this child a member of its parent, awaited if it is opened from outside; false if the parent takes none. */
    final boolean joinParent() {
        ScopeNode up = parent;
        if (up == null) {
            return engine.admit(this);
        }
        boolean awaited = !shared && !up.holdsThisThread();
        counted = awaited || shared || Frames.mayBeAbandoned();
        if (counted ? !up.admit(awaited) : up.isEnding()) {
            return false;
        }
        if (awaited) {
            tryBecomeAwaited();
        }
        if (counted) {
            CHILDREN.getAndAdd(up, 1);
        }
        up.noteChild();
        try {
            up.enter(this);
        } catch (VirtualMachineError e) {
            leaveParent();
            throw e;
        }
        return true;
    }

    final void noteChild() {
        if (!hadChildren) {
            hadChildren = true;
        }
    }

    /** Enters a member, which has been counted in, in the list. */
    final void enter(Node member) {
        boolean full = members.add(member);
        try {
            if (full && members.isSweepDue(liveMembers())) {
                members.sweep();
            }
        } catch (StackOverflowError e) {
            // The member is in; somebody who has the room will sweep.
        }
    }

    /** From now on the parent waits for this child as for an awaited task, unless somebody's body holds it anyway. */
    final void becomeAwaited() {
        ScopeNode up = parent;
        if (shared && up != null && up.tryAddAwaited() && !tryBecomeAwaited()) {
            up.releaseAwaited();
        }
    }

    /** This scope has ended and is no member any more. Gives the parent if that is done by this. */
    @Nullable
    final ScopeNode leaveParent() {
        ScopeNode up = parent;
        if (up == null || !counted) {
            return null;
        }
        CHILDREN.getAndAdd(up, -1);
        Change change = up.countOut(becomeOut());
        if (change == Change.DONE) {
            return up;
        }
        up.react(change);
        return null;
    }
}
