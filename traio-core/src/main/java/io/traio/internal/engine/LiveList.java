// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The live members of a scope, in the order in which they were added. Lock-free: any thread adds a node by one
 * compare-and-set. Ended nodes stay until the list is swept, which is due when they may be as many as the live ones.
 *
 * <p>The nodes are in arrays, each of which has the previous one in its first place. So nodes have no links to each other: a
 * handle that the application keeps keeps nothing else reachable, and the list of an ended scope is cleared at once, without
 * a read of nodes that other processors have just written. A place goes from empty to a node to swept. An array is taken out
 * of the chain when all its places are swept: then no thread can add to it any more.
 */
class LiveList {

    /** In a place that is not to be used again. */
    private static final Object SWEPT = new Object();

    static final int FIRST_LENGTH = 4;
    private static final int MAX_LENGTH = 1024;
    private static final int MIN_ENDED_TO_SWEEP = 64;

    private static final VarHandle NEWEST;
    private static final VarHandle PLACE = MethodHandles.arrayElementVarHandle(Object[].class);

    static {
        try {
            NEWEST = MethodHandles.lookup().findVarHandle(LiveList.class, "newest", Object[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The array that is being filled. */
    private volatile Object @Nullable [] newest;

    /** Where the first empty place of the newest array may be. A hint: written without synchronization. */
    private int next = 1;

    /** The approximate number of nodes in the other arrays. */
    private int earlier;

    /** The number of nodes that the sweep of the newest array kept; negative if there was none: then arrays grow. */
    private int kept = -1;

    LiveList() {}

    /** With its first array. */
    LiveList(@Nullable Object[] first) {
        NEWEST.set(this, first);
    }

    /** Adds a node; true if an array was full, and it may be time to {@linkplain #sweep() sweep}. */
    boolean add(Node node) {
        for (; ; ) {
            Object[] array = newest;
            if (array != null) {
                for (int i = next; i < array.length; i++) {
                    if (PLACE.compareAndSet(array, i, (Object) null, (Object) node)) {
                        next = i + 1;
                        return false;
                    }
                }
            }
            int known = known(array);
            @Nullable Object[] fresh = fresh(array, node, known);
            if (NEWEST.compareAndSet(this, array, fresh)) {
                // No call once the node is in: a full stack would make it look as if it were not.
                next = 2;
                earlier = known;
                kept = -1;
                return array != null;
            }
        }
    }

    /** As {@link #add}, where only one thread ever adds, and none {@linkplain #removeLastEnded() removes}. */
    final boolean addAlone(Node node) {
        Object[] array = newest;
        if (array != null && next < array.length) {
            PLACE.setRelease(array, next, (Object) node);
            next++;
            return false;
        }
        int known = known(array);
        @Nullable Object[] fresh = fresh(array, node, known);
        NEWEST.setRelease(this, fresh);
        next = 2;
        earlier = known;
        kept = -1;
        return array != null;
    }

    private int known(Object @Nullable [] array) {
        return array != null ? earlier + array.length - 1 : 0;
    }

    /** A new array that follows one that is full. */
    private @Nullable Object[] fresh(Object @Nullable [] array, Node first, int known) {
        int length = kept < 0 ? known + FIRST_LENGTH : Math.max(2 * kept, MIN_ENDED_TO_SWEEP);
        @Nullable Object[] fresh = new @Nullable Object[Math.min(length, MAX_LENGTH)];
        fresh[0] = array;
        fresh[1] = first;
        return fresh;
    }

    /** Returns whether the ended nodes may be as many as the live ones, and enough to be worth a sweep. */
    boolean isSweepDue(int live) {
        return earlier - live >= Math.max(live, MIN_ENDED_TO_SWEEP);
    }

    /** Removes the ended nodes. */
    void sweep() {
        int living = 0;
        Object[] newer = null;
        for (Object[] array = newest; array != null; array = before(array)) {
            int live = sweep(array, /* filling= */ newer == null);
            living += live;
            if (newer != null && live == 0) {
                PLACE.setRelease(newer, 0, (Object) before(array));
            } else {
                newer = array;
            }
        }
        earlier = living;
        kept = living;
    }

    /** Sweeps one array, and closes its empty places unless it is being filled. Returns the number of live nodes. */
    private static int sweep(Object[] array, boolean filling) {
        int live = 0;
        for (int i = 1; i < array.length; i++) {
            Object there = PLACE.getAcquire(array, i);
            if (there == null && !filling) {
                there = PLACE.compareAndExchange(array, i, (Object) null, SWEPT);
            }
            if (there instanceof Node node) {
                // A place that was emptied meanwhile may be used again: it counts as live.
                if (node.isLive() || !PLACE.compareAndSet(array, i, there, SWEPT)) {
                    live++;
                }
            }
        }
        return live;
    }

    /** Removes the ended nodes that were added last, back to the last live one, so that their places are used again. */
    void removeLastEnded() {
        Object[] array = newest;
        if (array != null) {
            for (int i = Math.min(next, array.length) - 1; i > 0; i--) {
                Object there = PLACE.getAcquire(array, i);
                if (!(there instanceof Node node)
                        || node.isLive()
                        || !PLACE.compareAndSet(array, i, there, (Object) null)) {
                    return;
                }
                next = i;
            }
        }
    }

    /** Removes all. No node is added any more, and all have ended. */
    void clear() {
        NEWEST.setRelease(this, (Object[]) null);
    }

    /** Returns the live nodes, in the order in which they were added. */
    List<Node> snapshot() {
        List<Node> nodes = new ArrayList<>();
        for (Object[] array = newest; array != null; array = before(array)) {
            for (int i = array.length - 1; i > 0; i--) {
                if (PLACE.getAcquire(array, i) instanceof Node node && node.isLive()) {
                    nodes.add(node);
                }
            }
        }
        Collections.reverse(nodes);
        return nodes;
    }

    /** Returns a cursor before the first live node. */
    Cursor cursor() {
        List<Object[]> arrays = new ArrayList<>();
        for (Object[] array = newest; array != null; array = before(array)) {
            arrays.add(array);
        }
        return new Cursor(arrays);
    }

    /** Goes through live nodes in the order in which they were added, no further than asked. For one thread. */
    static final class Cursor {

        /** Those that are left, the oldest last. */
        private final List<Object[]> arrays;

        private int next = 1;

        private Cursor(List<Object[]> arrays) {
            this.arrays = arrays;
        }

        /** Returns the next live node of a type; null if there is none. */
        <T extends Node> @Nullable T next(Class<T> type) {
            while (!arrays.isEmpty()) {
                Object[] array = arrays.get(arrays.size() - 1);
                while (next < array.length) {
                    Object there = PLACE.getAcquire(array, next++);
                    if (type.isInstance(there) && ((Node) there).isLive()) {
                        return type.cast(there);
                    }
                }
                arrays.remove(arrays.size() - 1);
                next = 1;
            }
            return null;
        }
    }

    private static Object @Nullable [] before(Object[] array) {
        return (Object[]) PLACE.getAcquire(array, 0);
    }
}
