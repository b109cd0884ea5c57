// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What hangs on an exception: causes and suppressed ones, and theirs. */
final class FailureGraph {

    private FailureGraph() {}

    /** Fails if an exception is reachable from itself, or in two ways. */
    static void assertEachOnce(Throwable root) {
        visit(root, identitySet(), new ArrayList<>());
    }

    private static void visit(Throwable thrown, Set<Throwable> seen, List<Throwable> path) {
        assertThat(path.stream().anyMatch(above -> above == thrown))
                .as("reachable from itself: %s, by %s", thrown, path)
                .isFalse();
        assertThat(seen.add(thrown))
                .as("reachable in two ways: %s, at last by %s", thrown, path)
                .isTrue();
        path.add(thrown);
        List<Throwable> next = next(thrown);
        // A close cannot know that Java will hang its exception on one which holds the same failure.
        next.removeIf(below -> below instanceof ScopeFailedException && below != thrown.getCause());
        next.forEach(below -> visit(below, seen, path));
        path.remove(path.size() - 1);
    }

    /** Whether an exception is another one, or hangs on it. */
    static boolean holds(@Nullable Throwable root, Throwable wanted) {
        Set<Throwable> seen = identitySet();
        List<Throwable> left = new ArrayList<>();
        if (root != null) {
            left.add(root);
        }
        while (!left.isEmpty()) {
            Throwable next = left.remove(left.size() - 1);
            if (next == wanted) {
                return true;
            }
            if (seen.add(next)) {
                left.addAll(next(next));
            }
        }
        return false;
    }

    private static List<Throwable> next(Throwable thrown) {
        List<Throwable> next = new ArrayList<>(Arrays.asList(thrown.getSuppressed()));
        if (thrown.getCause() != null) {
            next.add(0, thrown.getCause());
        }
        return next;
    }

    private static Set<Throwable> identitySet() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }
}
