// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The failures of a scope after its first: at most 32 are kept, the rest is counted. */
final class Failures {

    private static final int MAX_KEPT = 32;

    /** An exception that is raised again and again, a constant, must not grow for ever. */
    private static final int MAX_SUPPRESSED = MAX_KEPT + 8;

    private final Queue<Throwable> kept = new ConcurrentLinkedQueue<>();
    private final AtomicInteger added = new AtomicInteger();
    private final AtomicReference<@Nullable Failed> firstToRaise = new AtomicReference<>();

    /** A failure that is raised if nothing else is; the task is null if the body failed. */
    record Failed(Throwable failure, @Nullable TaskNode<?> source) {}

    /** Adds a failure that, were the exit silent otherwise, is to be raised by it. */
    void addToRaise(Throwable failure, @Nullable TaskNode<?> source) {
        firstToRaise.compareAndSet(null, new Failed(failure, source));
        add(failure);
    }

    @Nullable
    Failed firstToRaise() {
        return firstToRaise.get();
    }

    void add(Throwable failure) {
        for (Throwable known : kept) {
            if (known == failure) {
                return;
            }
        }
        if (added.getAndIncrement() < MAX_KEPT) {
            kept.add(failure);
        }
    }

    /** Hangs the failures on the primary one; what that cannot hold, or if there is none, is logged. */
    void suppressInto(@Nullable Throwable primary, ScopeNode scope) {
        List<Throwable> others = distinctFrom(primary);
        for (Throwable other : others) {
            if (primary != null && primary.getSuppressed().length < MAX_SUPPRESSED) {
                primary.addSuppressed(other);
            }
            if (primary == null || !holds(primary, other)) {
                scope.engine.observers.failureNotRaised(scope, other);
            }
        }
        int count = added.get() - MAX_KEPT;
        if (count > 0) {
            if (primary != null && primary.getSuppressed().length <= MAX_SUPPRESSED) {
                primary.addSuppressed(new RuntimeException(scope.label() + ": " + count + " more failures, not kept"));
            } else {
                scope.engine.observers.moreFailures(scope, count);
            }
        }
    }

    private List<Throwable> distinctFrom(@Nullable Throwable primary) {
        List<Throwable> distinct = new ArrayList<>();
        for (Throwable failure : kept) {
            boolean known = distinct.stream().anyMatch(d -> d == failure)
                    || primary != null && (unwrap(primary) == unwrap(failure) || holds(primary, failure));
            if (!known) {
                distinct.add(failure);
            }
        }
        return distinct;
    }

    private static boolean holds(Throwable primary, Throwable other) {
        return Arrays.stream(primary.getSuppressed()).anyMatch(s -> s == other);
    }

    /** The failure itself, without traio's wrapper. */
    static Throwable unwrap(Throwable failure) {
        Throwable cause = failure instanceof ScopeFailedException ? failure.getCause() : null;
        return cause != null ? cause : failure;
    }
}
