// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The live scopes of a factory: its roots, and closed scopes of which a straggler runs on. */
final class LiveScopes {

    private final LiveList roots = new LiveList();
    private final Set<ScopeNode> straggling = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Takes in a root; false if the factory is closed. */
    boolean admit(ScopeNode root) {
        if (roots.add(root)) {
            roots.sweep();
        }
        return !closed;
    }

    /** Refuses roots from now on. */
    void close() {
        closed = true;
    }

    /** A scope is about to be closed; it stays listed while a straggler runs on. */
    void ending(ScopeNode scope) {
        if (scope.liveMembers() > 0) {
            straggling.add(scope);
            if (scope.liveMembers() == 0) {
                straggling.remove(scope);
            }
        }
        if (scope.liveMembers() == 0) {
            Members.clear(scope);
        }
    }

    /** A scope is closed. */
    void ended(ScopeNode scope) {
        if (scope.parent == null) {
            roots.removeLastEnded();
        }
    }

    /** The last straggler of a scope has ended. */
    void removeStraggling(ScopeNode scope) {
        straggling.remove(scope);
    }

    List<ScopeNode> roots() {
        List<ScopeNode> live = new ArrayList<>();
        for (Node root : roots.snapshot()) {
            live.add((ScopeNode) root);
        }
        return live;
    }

    /** Roots, and scopes with stragglers, in the order of their opening. */
    List<ScopeNode> listed() {
        Set<ScopeNode> known = new LinkedHashSet<>(roots());
        for (ScopeNode scope : straggling) {
            if (!Stragglers.tasksOf(scope).isEmpty()) {
                known.add(scope);
            }
        }
        List<ScopeNode> scopes = new ArrayList<>(known);
        scopes.sort(Comparator.comparingLong(s -> s.openedAtNanos));
        return scopes;
    }
}
