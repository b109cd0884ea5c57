// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The place of a scope in the tree: what lives in it, and how it is a member of its parent, or a root of its factory. */
abstract class ScopeFamily extends ScopeState {

    private static final VarHandle CHILDREN;
    private static final VarHandle OTHERS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CHILDREN = lookup.findVarHandle(ScopeFamily.class, "children", int.class);
            OTHERS = lookup.findVarHandle(ScopeFamily.class, "others", LiveList.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Engine engine;
    final @Nullable ScopeNode parent;
    final boolean shared;

    /** What the owner has spawned in its body; null if there is none. Only the owner adds to it. */
    private final @Nullable LiveList ofOwner;

    /** All other members; made when the first comes. */
    private volatile @Nullable LiveList others;

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
        this.ofOwner = shared ? null : new LiveList();
    }

    // ---- members ----

    /** All members that are not dead: those that the owner has spawned in its body, then others, each in their order. */
    final List<Node> members() {
        LiveList rest = others;
        if (ofOwner == null) {
            return rest != null ? rest.snapshot() : List.of();
        }
        List<Node> members = ofOwner.snapshot();
        if (rest != null) {
            members.addAll(rest.snapshot());
        }
        return members;
    }

    /**
     * Enters a task that the owner has spawned in its body, and that starts at once: it looks itself whether a canceller
     * has missed it.
     */
    final void enterOfOwner(TaskNode<?> task) {
        LiveList list = Objects.requireNonNull(ofOwner, "ofOwner");
        sweepIfDue(list, list.addAlone(task));
    }

    /** Enters a member, which has been counted in. */
    final void enter(Node member) {
        LiveList list = others;
        if (list == null) {
            LiveList fresh = new LiveList();
            list = (LiveList) OTHERS.compareAndExchange(this, null, fresh);
            list = list != null ? list : fresh;
        }
        sweepIfDue(list, list.add(member));
    }

    private void sweepIfDue(LiveList list, boolean full) {
        try {
            if (full && list.isSweepDue(liveMembers())) {
                list.sweep();
            }
        } catch (StackOverflowError e) {
            // The member is in; somebody who has the room will sweep.
        }
    }

    /** Nothing lives, just now: the next members may have the places of the last. */
    final void forgetLastDead() {
        LiveList list = others;
        if (list != null) {
            list.removeLastDead();
        }
    }

    /** Nothing lives or comes any more. */
    final void forgetMembers() {
        if (ofOwner != null) {
            ofOwner.clear();
        }
        LiveList list = others;
        if (list != null) {
            list.clear();
        }
    }

    // ---- children ----

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
