// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.Scope;
import io.traio.ScopeSnapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * Snapshots of several roots, with so many scopes and tasks in all. First each root has an equal share, then large ones what
 * others have left. So no more is copied than twice the limit, however much lives in them.
 */
final class RootSnapshots {

    private RootSnapshots() {}

    /**
     * Takes snapshots.
     *
     * @param roots the roots
     * @param max how many scopes and tasks in all; each root has one more at least
     * @return one snapshot for each root, in the same order
     */
    static List<ScopeSnapshot> of(List<Scope> roots, int max) {
        List<ScopeSnapshot> taken = new ArrayList<>();
        int left = max;
        for (Scope root : roots) {
            int share = Math.max(1, left / (roots.size() - taken.size()));
            ScopeSnapshot snapshot = root.snapshot(share);
            left -= size(snapshot);
            taken.add(snapshot);
        }
        for (int i = 0; i < taken.size() && left > 0; i++) {
            if (isCut(taken.get(i))) {
                int known = size(taken.get(i));
                ScopeSnapshot larger = roots.get(i).snapshot(known + left);
                left -= size(larger) - known;
                taken.set(i, larger);
            }
        }
        return taken;
    }

    /** Returns whether something was left out. */
    static boolean isCut(ScopeSnapshot snapshot) {
        return allOf(snapshot).stream().anyMatch(scope -> scope.omitted() > 0);
    }

    private static int size(ScopeSnapshot snapshot) {
        return allOf(snapshot).stream()
                .mapToInt(scope -> 1 + scope.tasks().size())
                .sum();
    }

    /** Returns a scope and all below it, without recursion: a tree may be deeper than the stack of this thread. */
    private static List<ScopeSnapshot> allOf(ScopeSnapshot root) {
        List<ScopeSnapshot> all = new ArrayList<>(List.of(root));
        for (int i = 0; i < all.size(); i++) {
            all.addAll(all.get(i).children());
        }
        return all;
    }
}
