// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.Scope;
import io.traio.ScopeSnapshot;
import io.traio.ScopeSnapshot.TaskSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What has a name among roots and all that is in them. Roots are always found; what is in others, only as far as it takes to
 * look at {@value #MAX_SEARCHED} scopes and tasks.
 *
 * @param whole roots whose name contains it
 * @param parts of other roots the scopes whose name contains it, with all their members, the tasks whose name does, and the
 *     scopes around both
 * @param cut whether not all was searched
 */
record ScopeSearch(List<Scope> whole, List<ScopeSnapshot> parts, boolean cut) {

    static final int MAX_SEARCHED = 20_000;

    /**
     * Searches roots.
     *
     * @param name what the names must contain, ignoring case; null if all roots match
     */
    static ScopeSearch of(List<Scope> roots, @Nullable String name) {
        if (name == null) {
            return new ScopeSearch(roots, List.of(), /* cut= */ false);
        }
        String part = name.toLowerCase(Locale.ROOT);
        List<Scope> whole = new ArrayList<>();
        List<Scope> others = new ArrayList<>();
        roots.forEach(root -> (contains(root.displayName(), part) ? whole : others).add(root));
        List<Scope> searched = others.subList(0, Math.min(others.size(), MAX_SEARCHED));
        List<ScopeSnapshot> snapshots = RootSnapshots.of(searched, MAX_SEARCHED);
        List<ScopeSnapshot> parts = snapshots.stream()
                .flatMap(root -> matching(root, part, 1).stream())
                .toList();
        boolean cut = searched.size() < others.size() || snapshots.stream().anyMatch(RootSnapshots::isCut);
        return new ScopeSearch(whole, parts, cut);
    }

    private static Optional<ScopeSnapshot> matching(ScopeSnapshot scope, String part, int depth) {
        if (contains(scope.displayName(), part)) {
            return Optional.of(scope);
        }
        List<TaskSnapshot> tasks = scope.tasks().stream()
                .filter(task -> contains(task.displayName(), part))
                .toList();
        List<ScopeSnapshot> children = depth == ScopeTrees.MAX_DEPTH
                ? List.of()
                : scope.children().stream()
                        .flatMap(child -> matching(child, part, depth + 1).stream())
                        .toList();
        boolean matches = !tasks.isEmpty() || !children.isEmpty();
        return matches ? Optional.of(new ScopeWithMembers(scope, tasks, children)) : Optional.empty();
    }

    private static boolean contains(String name, String part) {
        return name.toLowerCase(Locale.ROOT).contains(part);
    }
}
