// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What lives in a scope: a stack to which any thread pushes without a lock. Nodes that are dead stay until the next
 * clean-up, which is due when they are as many as those that live; so a push costs constant time on average and the list
 * is at most about twice as long as what lives in it.
 *
 * <p>Only a clean-up and a walk take a lock, one of few that all lists share: neither calls foreign code while it holds
 * one. A clean-up changes no link above the first node, so it goes along with pushes.
 */
final class LiveList {

    private static final int MIN_DEAD_TO_CLEAN_UP = 64;
    private static final ReentrantLock[] LOCKS = new ReentrantLock[64];
    private static final VarHandle HEAD;

    static {
        for (int i = 0; i < LOCKS.length; i++) {
            LOCKS[i] = new ReentrantLock();
        }
        try {
            HEAD = MethodHandles.lookup().findVarHandle(LiveList.class, "head", Node.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile @Nullable Node head;

    /** How many nodes were pushed since the last clean-up, and left by it. A guess: not all writes are seen by all. */
    private int length;

    /** The length at which the dead may be as many as the living. A guess, too. */
    private int lookAt = MIN_DEAD_TO_CLEAN_UP;

    /** How many nodes the last clean-up left. */
    private volatile int survivors;

    /** Pushes a node; true if it is time to {@linkplain #cleanUp look for the dead}. */
    boolean push(Node node) {
        Node first;
        do {
            first = head;
            node.next = first;
        } while (!HEAD.compareAndSet(this, first, node));
        int now = length + 1;
        length = now;
        return now >= lookAt;
    }

    /**
     * Forgets the dead, if they are as many as those that live.
     *
     * @param live how many live now, if only about
     */
    void cleanUp(int live) {
        Node first = head;
        if (first != null && length - live >= Math.max(live, MIN_DEAD_TO_CLEAN_UP)) {
            try {
                unlinkDead(first);
            } catch (StackOverflowError e) {
                // Somebody who has the room does it.
            }
        }
        lookAt = Math.max(length + 1, live + Math.max(live, MIN_DEAD_TO_CLEAN_UP));
    }

    int survivors() {
        return survivors;
    }

    /** Forgets the dead that were pushed last, down to the first that lives, unless somebody is at the list. */
    void popDead() {
        ReentrantLock lock = lock();
        if (!lock.tryLock()) {
            return;
        }
        try {
            Node first = head;
            while (first != null && first.isDead() && HEAD.compareAndSet(this, first, first.next)) {
                first.next = null;
                first = head;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Forgets all nodes if no one pushed a further one and {@code idle} says that all are dead. */
    void clearIf(BooleanSupplier idle) {
        Node first = head;
        if (first != null && idle.getAsBoolean() && HEAD.compareAndSet(this, first, null)) {
            length = 0;
            lookAt = MIN_DEAD_TO_CLEAN_UP;
        }
    }

    /**
     * Forgets all nodes, and lets them forget each other: a handle that somebody keeps must not keep the rest. They are
     * dead, so a walk or a clean-up that is under way misses nothing.
     */
    void clear() {
        Node n = head;
        HEAD.setRelease(this, null);
        while (n != null) {
            Node below = n.next;
            n.next = null;
            n = below;
        }
    }

    /** All nodes that are not dead, in the order of their pushing. */
    List<Node> snapshot() {
        List<Node> nodes = new ArrayList<>();
        Headroom.requireForLock();
        ReentrantLock lock = lock();
        lock.lock();
        try {
            for (Node n = head; n != null; n = n.next) {
                if (!n.isDead()) {
                    nodes.add(n);
                }
            }
        } finally {
            lock.unlock();
        }
        Collections.reverse(nodes);
        return nodes;
    }

    private void unlinkDead(Node from) {
        Headroom.requireForLock();
        ReentrantLock lock = lock();
        if (!lock.tryLock()) {
            return;
        }
        try {
            int left = 1;
            Node kept = from;
            for (Node n = from.next; n != null; ) {
                Node below = n.next;
                if (n.isDead()) {
                    n.next = null;
                } else {
                    kept.next = n;
                    kept = n;
                    left++;
                }
                n = below;
            }
            kept.next = null;
            survivors = left;
            length = left;
        } finally {
            lock.unlock();
        }
    }

    private ReentrantLock lock() {
        return LOCKS[System.identityHashCode(this) & (LOCKS.length - 1)];
    }
}
