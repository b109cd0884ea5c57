// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeOptions;
import io.traio.ScopePolicy;
import io.traio.internal.Policies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The place of a scope in the tree: what it is below, and what lives in it. */
abstract class ScopeMembers extends Node {

    private static final VarHandle OTHERS;
    private static final VarHandle CHILDREN;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OTHERS = lookup.findVarHandle(ScopeMembers.class, "others", LiveList.class);
            CHILDREN = lookup.findVarHandle(ScopeMembers.class, "countedChildren", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Engine engine;
    /** Tasks that wait for a thread or a permit; null if each task gets a thread at once. Set when the scope is made. */
    @Nullable
    TaskQueue queue;

    /** What the owner has spawned in its body; null if there is none. */
    final @Nullable OwnerList ofOwner;

    final ScopeOptions options;
    /** Asked about each awaited task that has ended; null for the default, which need not be asked. */
    final @Nullable ScopePolicy policy;

    final @Nullable ScopeNode parent;
    final boolean shared;

    /** All other members; made when the first comes. */
    private volatile @Nullable LiveList others;

    /** How many child scopes are counted among the members. */
    private volatile int countedChildren;

    /** Whether a child scope has ever been a member. */
    private volatile boolean hadChildren;

    ScopeMembers(Engine engine, @Nullable ScopeNode parent, String name, ScopeOptions options, boolean shared) {
        super(name, 0);
        this.engine = engine;
        this.parent = parent;
        this.shared = shared;
        this.options = options;
        this.policy = options.policy() != Policies.ALL_SUCCESSFUL ? options.policy() : null;
        this.ofOwner = shared ? null : OwnerList.create();
    }

    /** How many members live. */
    abstract int liveMembers();

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
     * Enters a task that the owner has spawned in its body. A canceller may miss it: a task that starts at once looks
     * itself, and for one that an executor may keep waiting the owner makes sure that it is seen.
     */
    final void enterOfOwner(TaskNode<?> task) {
        OwnerList list = Objects.requireNonNull(ofOwner, "ofOwner");
        boolean full = list.add(task);
        try {
            if (!engine.startsAtOnce) {
                VarHandle.fullFence();
            }
            sweepIfDue(list, full);
        } catch (StackOverflowError e) {
            // The task is in; somebody who has the room will sweep.
        }
    }

    /** Enters a member, which has been counted in. */
    final void enter(Node member) {
        LiveList list = others;
        if (list == null) {
            LiveList fresh = new LiveList();
            list = (LiveList) OTHERS.compareAndExchange(this, null, fresh);
            list = list != null ? list : fresh;
        }
        boolean full = list.add(member);
        try {
            sweepIfDue(list, full);
        } catch (StackOverflowError e) {
            // As above.
        }
    }

    private void sweepIfDue(LiveList list, boolean full) {
        if (full && list.isSweepDue(liveMembers())) {
            list.sweep();
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
        return countedChildren;
    }

    final boolean hadChildren() {
        return hadChildren;
    }

    /** Enters a child scope. */
    final void enterChild(ScopeNode child, boolean counted) {
        if (counted) {
            CHILDREN.getAndAdd(this, 1);
        }
        if (!hadChildren) {
            hadChildren = true;
        }
        enter(child);
    }

    final void countedChildLeaves() {
        CHILDREN.getAndAdd(this, -1);
    }

    /** Whether this thread runs in this scope or in one below. */
    boolean isInside() {
        return isInside(/* awaitedOnly= */ false);
    }

    /** Whether this thread is in a frame of this scope or of one below; if so asked, one that the scope waits for. */
    private boolean isInside(boolean awaitedOnly) {
        for (Frame frame = CurrentFrame.get(); frame != null; frame = frame.enclosing()) {
            if ((!awaitedOnly || isAwaitedFrame(frame)) && isSameOrBelow(CurrentFrame.scopeOf(frame))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAwaitedFrame(Frame frame) {
        return !(frame instanceof BoundFrame bound) || bound.isAwaited();
    }

    /** Whether this scope does not end before this thread has left it. */
    final boolean holdsThisThread() {
        return isInside(/* awaitedOnly= */ true);
    }

    /**
     * Whether this thread is in this scope's body, or in a task of it that cannot be abandoned: then the scope, whatever
     * happens to others, does not end before this thread has left that.
     */
    final boolean isHeldByThisThread() {
        for (Frame frame = CurrentFrame.get(); frame != null; frame = frame.enclosing()) {
            if (CurrentFrame.scopeOf(frame) == this && isAwaitedFrame(frame)) {
                return !(frame instanceof TaskNode<?> task) || !task.options().abandonOnCancel();
            }
        }
        return false;
    }

    /** Whether this thread is in a task or callback of this scope, or in a scope below: tasks of this one may wait for it. */
    final boolean isHeldByTaskOfThisThread() {
        for (Frame frame = CurrentFrame.get(); frame != null && frame != this; frame = frame.enclosing()) {
            ScopeNode inside = CurrentFrame.scopeOf(frame);
            if (isSameOrBelow(inside) && (inside != this || isAwaitedFrame(frame))) {
                return true;
            }
        }
        return false;
    }

    final boolean isSameOrBelow(@Nullable ScopeNode other) {
        for (ScopeMembers s = other; s != null; s = s.parent) {
            if (s == this) {
                return true;
            }
        }
        return false;
    }
}
