// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.ScopeCancelledException;
import io.traio.ScopeFailedException;
import io.traio.ScopeInterruptedException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** What hangs on a throwable: causes and suppressed ones. */
final class Chains {

    private Chains() {}

    /** The failure itself, without a wrapper of traio's or of a future's. */
    static Throwable unwrap(Throwable failure) {
        boolean wraps = failure instanceof ScopeFailedException || failure instanceof ExecutionException;
        return wraps && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** All that can be reached, itself included. */
    static Set<Throwable> reachable(Throwable from) {
        Set<Throwable> all = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Throwable> open = new ArrayList<>(List.of(from));
        while (!open.isEmpty()) {
            Throwable next = open.remove(open.size() - 1);
            if (all.add(next)) {
                open.addAll(children(next));
            }
        }
        return all;
    }

    private static List<Throwable> children(Throwable parent) {
        List<Throwable> children = new ArrayList<>(List.of(parent.getSuppressed()));
        if (parent.getCause() != null) {
            children.add(parent.getCause());
        }
        return children;
    }

    /**
     * Whether an interruption or a cancellation signal is the failure or among its causes. So is that a scope which
     * is cancelled refuses to spawn: the only exception of its type here.
     */
    static boolean isSignal(@Nullable Throwable failure) {
        int depth = 0;
        for (Throwable t = failure; t != null && depth < 50; t = t.getCause(), depth++) {
            if (t instanceof InterruptedException
                    || t instanceof ScopeInterruptedException
                    || t instanceof ScopeCancelledException
                    || t instanceof IllegalStateException) {
                return true;
            }
        }
        return false;
    }

    /** Says what is wrong with the chains of a throwable; null if nothing. */
    static @Nullable String cycle(Throwable from) {
        return cycle(from, Collections.newSetFromMap(new IdentityHashMap<>()), new ArrayList<>());
    }

    private static @Nullable String cycle(Throwable from, Set<Throwable> done, List<Throwable> path) {
        for (Throwable above : path) {
            if (above == from) {
                return from + " is reachable from itself, through " + path;
            }
        }
        if (!done.add(from)) {
            return null;
        }
        path.add(from);
        for (Throwable child : children(from)) {
            String found = cycle(child, done, path);
            if (found != null) {
                return found;
            }
        }
        path.remove(path.size() - 1);
        return null;
    }

    /** Says which failure hangs twice on one throwable, or on itself; null if none does. */
    static @Nullable String twice(Throwable from) {
        for (Throwable parent : reachable(from)) {
            Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
            seen.add(unwrap(parent));
            for (Throwable suppressed : parent.getSuppressed()) {
                if (!seen.add(unwrap(suppressed))) {
                    return unwrap(suppressed) + " hangs twice on " + parent;
                }
            }
        }
        return null;
    }

    /** The tree of a throwable, for people. */
    static String text(Throwable from) {
        StringBuilder text = new StringBuilder();
        write(text, from, "", "", Collections.newSetFromMap(new IdentityHashMap<>()));
        return text.toString();
    }

    private static void write(StringBuilder text, Throwable t, String indent, String label, Set<Throwable> done) {
        text.append(indent).append(label).append(t);
        if (!done.add(t)) {
            text.append(" (again)\n");
            return;
        }
        StackTraceElement[] stack = t.getStackTrace();
        text.append('\n');
        for (int i = 0; i < Math.min(4, stack.length); i++) {
            text.append(indent).append("    at ").append(stack[i]).append('\n');
        }
        if (t.getCause() != null) {
            write(text, t.getCause(), indent + "  ", "cause: ", done);
        }
        for (Throwable suppressed : t.getSuppressed()) {
            write(text, suppressed, indent + "  ", "suppressed: ", done);
        }
    }
}
