// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.StragglerException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What hangs on a throwable: its causes and what it suppresses, and theirs. */
final class Throwables {

    /** Enough for what people write; a graph that is larger has been made by a loop. */
    private static final int MAX_VISITED = 1000;

    private Throwables() {}

    /** Returns whether the one throwable hangs on the other, or is it. */
    static boolean isReachable(Throwable searched, Throwable from) {
        return find(from, t -> t == searched);
    }

    /** Returns whether anything hangs on both, or is one of them: the one cannot be suppressed by the other. */
    static boolean overlap(Throwable one, Throwable other) {
        Set<Throwable> known = Collections.newSetFromMap(new IdentityHashMap<>());
        boolean unused = find(one, t -> {
            known.add(t);
            return false;
        });
        return find(other, known::contains);
    }

    /** Visits what is reachable, each once, until one is found. */
    private static boolean find(Throwable from, Predicate<Throwable> wanted) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Throwable> next = new ArrayDeque<>();
        next.add(from);
        for (Throwable t = next.poll(); t != null && seen.size() < MAX_VISITED; t = next.poll()) {
            if (wanted.test(t)) {
                return true;
            }
            if (seen.add(t)) {
                Throwable cause = causeOf(t);
                if (cause != null) {
                    next.add(cause);
                }
                Collections.addAll(next, t.getSuppressed());
            }
        }
        return false;
    }

    /** Suppresses an exception by another, unless one hangs on the other: nothing is to be reachable from itself, or twice. */
    static void suppress(Throwable primary, @Nullable Throwable other) {
        if (other != null && !isReachable(other, primary) && !isReachable(primary, other)) {
            primary.addSuppressed(other);
        }
    }

    /** Returns whether more is suppressed than the marks of places that waited. */
    static boolean hasSuppressedFailures(Throwable thrown) {
        for (Throwable suppressed : thrown.getSuppressed()) {
            if (!(suppressed instanceof WaitedAt)) {
                return true;
            }
        }
        return false;
    }

    /** The exception among the causes that says that tasks run on; null if there is none. */
    static @Nullable StragglerException straggler(Throwable thrown) {
        Throwable t = thrown;
        for (int depth = 0; t != null && depth < MAX_VISITED; t = causeOf(t), depth++) {
            if (t instanceof StragglerException straggler) {
                return straggler;
            }
        }
        return null;
    }

    /** The cause; null also if the exception of a user cannot say. */
    static @Nullable Throwable causeOf(Throwable t) {
        try {
            return t.getCause();
        } catch (RuntimeException broken) {
            return null;
        }
    }
}
