// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeFailedException;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The failures of a scope after its first: at most 32 are kept, the rest is counted. */
final class Failures {

    private static final int MAX_KEPT = 32;

    /** An exception that is thrown again and again, a constant, must not grow for ever. */
    private static final int MAX_SUPPRESSED = MAX_KEPT + 8;

    private final Queue<Throwable> kept = new ConcurrentLinkedQueue<>();
    private final AtomicInteger added = new AtomicInteger();
    private final AtomicReference<@Nullable Failed> firstToThrow = new AtomicReference<>();

    /** A failure that is thrown if nothing else is; the task is null if the body failed. */
    record Failed(Throwable failure, @Nullable TaskNode<?> source) {}

    /** Adds a failure that the exit throws if it were silent otherwise. */
    void addToThrow(Throwable failure, @Nullable TaskNode<?> source) {
        firstToThrow.compareAndSet(null, new Failed(failure, source));
        add(failure);
    }

    @Nullable
    Failed firstToThrow() {
        return firstToThrow.get();
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

    /**
     * The failure to throw in place of a primary one that it wraps, since it says more: what a body makes of the failure of a
     * task that it has joined. So what is thrown does not depend on which of the two came first.
     */
    Failed wrapperOf(Failed primary) {
        Throwable bare = unwrap(primary.failure());
        for (Throwable other : kept) {
            if (other != bare && unwrap(other) != bare && Throwables.isReachable(bare, other)) {
                return new Failed(other, null);
            }
        }
        return primary;
    }

    /** Hangs the failures on the primary one; what that cannot hold, or if there is none, is logged. */
    void suppressInto(@Nullable Throwable primary, ScopeNode scope) {
        for (Throwable other : kept) {
            if (primary == null) {
                scope.engine.observers.failureNotThrown(scope, other);
            } else if (!Throwables.isReachable(unwrap(other), primary)) {
                suppress(primary, other, scope);
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

    /** Never makes a cycle: what holds the primary failure itself is logged. */
    private static void suppress(Throwable primary, Throwable other, ScopeNode scope) {
        if (!Throwables.isReachable(primary, other) && primary.getSuppressed().length < MAX_SUPPRESSED) {
            primary.addSuppressed(other);
            if (holds(primary, other)) {
                return;
            }
        }
        scope.engine.observers.failureNotThrown(scope, other);
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
