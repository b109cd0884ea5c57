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
 * clean-up, which is due when as many were pushed as the last one left; so a push costs constant time on average and the
 * list is at most about twice as long as what lives in it.
 *
 * <p>Only a clean-up and a walk take a lock, one of few that all lists share: neither calls foreign code while it holds
 * one. A clean-up changes no link above the first node, so it goes along with pushes.
 */
final class LiveList {

    private static final int MIN_PUSHES_TO_CLEAN_UP = 64;
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
    private volatile long cleanUpAt = MIN_PUSHES_TO_CLEAN_UP;

    void push(Node node) {
        Node first;
        do {
            first = head;
            node.next = first;
            node.sequence = first == null ? 1 : first.sequence + 1;
        } while (!HEAD.compareAndSet(this, first, node));
        if (node.sequence >= cleanUpAt) {
            cleanUp(node);
        }
    }

    /** Forgets all nodes if no one pushed a further one and {@code idle} says that all are dead. */
    void clearIf(BooleanSupplier idle) {
        Node first = head;
        if (first != null && idle.getAsBoolean() && HEAD.compareAndSet(this, first, null)) {
            cleanUpAt = MIN_PUSHES_TO_CLEAN_UP;
        }
    }

    /** Forgets all nodes, and lets them forget each other: a handle that somebody keeps must not keep the rest. */
    void clear() {
        ReentrantLock lock = lock();
        lock.lock();
        try {
            Node n = head;
            head = null;
            while (n != null) {
                Node below = n.next;
                n.next = null;
                n = below;
            }
        } finally {
            lock.unlock();
        }
    }

    /** All nodes that are not dead, in the order of their pushing. */
    List<Node> snapshot() {
        List<Node> nodes = new ArrayList<>();
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

    private void cleanUp(Node from) {
        ReentrantLock lock = lock();
        if (!lock.tryLock()) {
            return;
        }
        try {
            long survivors = 1;
            Node kept = from;
            for (Node n = from.next; n != null; ) {
                Node below = n.next;
                if (n.isDead()) {
                    n.next = null;
                } else {
                    kept.next = n;
                    kept = n;
                    survivors++;
                }
                n = below;
            }
            kept.next = null;
            cleanUpAt = from.sequence + Math.max(MIN_PUSHES_TO_CLEAN_UP, survivors);
        } finally {
            lock.unlock();
        }
    }

    private ReentrantLock lock() {
        return LOCKS[System.identityHashCode(this) & (LOCKS.length - 1)];
    }
}
