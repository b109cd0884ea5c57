// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What lives in a scope: members enter, are listed, and are removed some time after they have ended. {@link Admission}
 * counts them.
 */
final class Members {

    private static final VarHandle OTHERS;
    private static final VarHandle CHILDREN;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OTHERS = lookup.findVarHandle(ScopeTreeFields.class, "others", LiveList.class);
            CHILDREN = lookup.findVarHandle(ScopeTreeFields.class, "countedChildren", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Members() {}

    // ---- looking ----

    /** Returns the live members: those that the owner has spawned in its body, then others, each in their order. */
    static List<Node> of(ScopeNode scope) {
        OwnerList own = scope.ofOwner;
        LiveList others = scope.others;
        if (own == null) {
            return others != null ? others.snapshot() : List.of();
        }
        List<Node> members = own.snapshot();
        if (others != null) {
            members.addAll(others.snapshot());
        }
        return members;
    }

    /** Returns cursors over the live members, in the order of {@link #of}. */
    static List<LiveList.Cursor> cursors(ScopeNode scope) {
        return Stream.of(scope.ofOwner, scope.others)
                .filter(Objects::nonNull)
                .map(LiveList::cursor)
                .toList();
    }

    static List<ScopeNode> childrenOf(ScopeNode scope) {
        LiveList others = scope.hadChildren ? scope.others : null;
        if (others == null) {
            return List.of();
        }
        List<ScopeNode> children = new ArrayList<>();
        LiveList.Cursor cursor = others.cursor();
        for (ScopeNode child = cursor.next(ScopeNode.class); child != null; child = cursor.next(ScopeNode.class)) {
            children.add(child);
        }
        return children;
    }

    /** Returns a scope and all scopes below it, each before those that are below it. */
    static List<ScopeNode> withAllBelow(ScopeNode scope) {
        List<ScopeNode> all = new ArrayList<>();
        all.add(scope);
        for (int i = 0; i < all.size(); i++) {
            all.addAll(childrenOf(all.get(i)));
        }
        return all;
    }

    /** Returns whether there are tasks other than stragglers. */
    static boolean hasTasksBesideStragglers(ScopeNode scope) {
        return of(scope).stream().anyMatch(member -> member instanceof TaskNode<?> task && !task.isStraggler());
    }

    // ---- entering ----

    /**
     * Enters a task that the owner has spawned in its body. A canceller may miss it: a task that starts at once looks
     * itself, and for one that an executor may keep waiting the owner makes sure that it is seen.
     */
    static void enterByOwner(ScopeNode scope, TaskNode<?> task) {
        OwnerList list = Objects.requireNonNull(scope.ofOwner, "ofOwner");
        boolean full = list.add(task);
        try {
            if (!scope.engine.startsAtOnce) {
                VarHandle.fullFence();
            }
            sweepIfDue(scope, list, full);
        } catch (StackOverflowError e) {
            // The task is in; a later spawner that has the room will sweep.
        }
    }

    /** Enters a member, which has been counted in. */
    static void enter(ScopeNode scope, Node member) {
        LiveList list = scope.others;
        if (list == null) {
            LiveList fresh = new LiveList();
            list = (LiveList) OTHERS.compareAndExchange(scope, null, fresh);
            list = list != null ? list : fresh;
        }
        boolean full = list.add(member);
        try {
            sweepIfDue(scope, list, full);
        } catch (StackOverflowError e) {
            // As above.
        }
    }

    /** Enters a child scope. */
    static void enterChild(ScopeNode scope, ScopeNode child) {
        if (child.counted) {
            CHILDREN.getAndAdd(scope, 1);
        }
        if (!scope.hadChildren) {
            scope.hadChildren = true;
        }
        enter(scope, child);
    }

    // ---- removing ----

    private static void sweepIfDue(ScopeNode scope, LiveList list, boolean full) {
        if (full && list.isSweepDue(scope.liveMembers())) {
            list.sweep();
        }
    }

    /** A child scope that was counted is counted out. */
    static void countedChildOut(ScopeNode scope) {
        CHILDREN.getAndAdd(scope, -1);
    }

    /** Nothing lives, just now: the next members may have the places of the last. */
    static void removeLastEnded(ScopeNode scope) {
        LiveList list = scope.others;
        if (list != null) {
            list.removeLastEnded();
        }
    }

    /** Nothing lives, and nothing enters any more. */
    static void clear(ScopeNode scope) {
        OwnerList own = scope.ofOwner;
        if (own != null) {
            own.clear();
        }
        LiveList list = scope.others;
        if (list != null) {
            list.clear();
        }
    }
}
