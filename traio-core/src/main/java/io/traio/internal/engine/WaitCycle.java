// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A wait of a thread for itself, through others: what it waits for cannot end before this thread goes on.
 *
 * <p>It is searched for from this thread outwards, along those who wait: for the frames that the thread is in; then for what
 * the waiting threads are in, and so on. A scope with an awaited task that waits does not end, so what its owner is in waits,
 * too. That is only so once the owner is in the exit; before, the body may cancel the scope, and the cycle is still open. A
 * wait that may end otherwise is none: with a timeout, or in code that was cancelled.
 */
final class WaitCycle {

    /** What waits, each for the one before; the first is what this thread is in, the last what it waits for. */
    private final List<Node> nodes;

    private final boolean closed;

    private WaitCycle(List<Node> nodes, boolean closed) {
        this.nodes = nodes;
        this.closed = closed;
    }

    /**
     * Returns the cycle that a join of this thread makes; null if there is none. To be called once the join can be seen in the
     * list of the waiters. Costs next to nothing if what is joined waits for nothing.
     */
    static @Nullable WaitCycle of(Frame joiner, Node joined) {
        return mayWait(joined) ? new Search(joined).from(joiner) : null;
    }

    private static boolean mayWait(Node joined) {
        return !(joined instanceof TaskNode<?> task) || task.hasOpenedScopes() || InterruptAccount.isWaiting(task);
    }

    /** Returns whether no code is left that could break it, unless that is outside of it. */
    boolean isClosed() {
        return closed;
    }

    IllegalStateException refusal() {
        StringBuilder chain = new StringBuilder();
        for (int i = nodes.size() - 1; i > 0; i--) {
            chain.append(i == nodes.size() - 1 ? nodes.get(i).label() : ", which")
                    .append(" waits for ")
                    .append(nodes.get(i - 1).label());
        }
        return new IllegalStateException(nodes.get(0).label() + " cannot wait for "
                + nodes.get(nodes.size() - 1).label() + ": it would wait for itself, since " + chain
                + ". Pass on the result by other means than a join, or spawn the task elsewhere");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WaitCycle cycle && cycle.nodes.equals(nodes);
    }

    @Override
    public int hashCode() {
        return nodes.hashCode();
    }

    /** One look at who waits. Weakly consistent. */
    private static final class Search {

        private final Node joined;
        /** What cannot go on before this thread does, with what it waits for; null for what this thread is in. */
        private final Map<Node, @Nullable Node> waiting = new HashMap<>();

        private final Deque<Node> next = new ArrayDeque<>();
        /** Those in {@link #waiting} only if no code breaks it. */
        private final Set<Node> open = new HashSet<>();

        Search(Node joined) {
            this.joined = joined;
        }

        @Nullable
        WaitCycle from(Frame joiner) {
            addAll(joiner, null);
            for (Node node = next.poll(); node != null && !waiting.containsKey(joined); node = next.poll()) {
                Node here = node;
                here.forEachWaiter(wake -> addWaiter(wake, here));
                if (here instanceof TaskNode<?> task) {
                    addScopeOf(task);
                } else {
                    addOwnerOf((ScopeNode) here);
                }
            }
            return waiting.containsKey(joined) && joined.isLive() ? found() : null;
        }

        private void addWaiter(WaitList.Wake wake, Node awaited) {
            Frame frame = wake.joiner();
            if (frame != null
                    && wake.thread() != Thread.currentThread()
                    && !wake.thread().isInterrupted()
                    && !isCancelled(frame)) {
                addAll(frame, awaited);
            }
        }

        /** Returns whether the wait of a thread is about to end because something was cancelled. */
        private static boolean isCancelled(Frame innermost) {
            for (Frame frame = innermost; frame != null; frame = frame.enclosing()) {
                ScopeNode scope = CurrentFrame.scopeOf(frame);
                if (frame.isCancelRequested() || scope != null && scope.isCancelled()) {
                    return true;
                }
            }
            return false;
        }

        private void addScopeOf(TaskNode<?> task) {
            ScopeNode scope = task.scope;
            if (task.options().awaited() && scope.policy == null && !scope.isCancelled()) {
                add(scope, task);
            }
        }

        /** The end of a master task ends the scope, whatever waits in it. */
        private static boolean hasMaster(ScopeNode scope) {
            return Members.of(scope).stream()
                    .anyMatch(member ->
                            member instanceof TaskNode<?> task && task.options().master());
        }

        /** The owner of a scope does not go on before that has ended; that of one it waits in is in {@link #waiting}. */
        private void addOwnerOf(ScopeNode scope) {
            if (scope.thread() == null || scope.isCancelled()) {
                return;
            }
            boolean mayCancel = !scope.isCodeEnded() && waiting.get(scope) instanceof TaskNode<?>;
            for (Frame frame = scope.enclosing(); frame != null; frame = frame.enclosing()) {
                if (frame instanceof Node node) {
                    if (mayCancel) {
                        open.add(node);
                    }
                    add(node, scope);
                }
            }
        }

        private void addAll(Frame innermost, @Nullable Node awaited) {
            for (Frame frame = innermost; frame != null; frame = frame.enclosing()) {
                if (frame instanceof Node node) {
                    add(node, awaited);
                }
            }
        }

        private void add(Node node, @Nullable Node awaited) {
            if (!waiting.containsKey(node)) {
                waiting.put(node, awaited);
                next.add(node);
            }
        }

        private @Nullable WaitCycle found() {
            List<Node> nodes = new ArrayList<>();
            boolean closed = true;
            for (Node node = joined; node != null; node = waiting.get(node)) {
                if (node instanceof ScopeNode scope && waiting.get(node) instanceof TaskNode<?> && hasMaster(scope)) {
                    return null;
                }
                nodes.add(node);
                closed &= !open.contains(node);
            }
            Collections.reverse(nodes);
            return new WaitCycle(nodes, closed);
        }
    }
}
