// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeFailedException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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

    private static final VarHandle FAILURES;

    static {
        try {
            FAILURES = MethodHandles.lookup().findVarHandle(ScopeRecordFields.class, "failures", Failures.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int MAX_KEPT = 32;

    /** An exception that is thrown again and again, a constant, must not grow for ever. */
    private static final int MAX_SUPPRESSED = MAX_KEPT + 8;

    private final Queue<Throwable> kept = new ConcurrentLinkedQueue<>();
    private final AtomicInteger added = new AtomicInteger();
    private final AtomicReference<@Nullable Failed> firstToThrow = new AtomicReference<>();

    /** A failure that is thrown if nothing else is; the label of the task is null if the body failed. */
    record Failed(Throwable failure, @Nullable String task) {}

    /** Returns the scope's later failures, to add to. */
    static Failures of(ScopeNode scope) {
        Failures known = scope.failures;
        if (known == null) {
            Failures fresh = new Failures();
            known = (Failures) FAILURES.compareAndExchange(scope, null, fresh);
            known = known != null ? known : fresh;
        }
        return known;
    }

    /** Keeps the failures that hang on a cancellation signal, which itself is swallowed. */
    static void addSuppressed(ScopeNode scope, Throwable signal) {
        for (Throwable suppressed : signal.getSuppressed()) {
            if (!(suppressed instanceof WaitedAt) && !scope.engine.isSignal(suppressed)) {
                if (scope.isClosed()) {
                    scope.engine.observers.failureNotThrown(scope, suppressed);
                } else {
                    of(scope).add(suppressed);
                }
            }
        }
    }

    /** Adds a failure that the exit throws if it were silent otherwise. */
    void addToThrow(Throwable failure, @Nullable String task) {
        firstToThrow.compareAndSet(null, new Failed(failure, task));
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
        Throwable outermost = primary.failure();
        for (Throwable wrapper = outermost; wrapper != null; wrapper = firstAround(outermost)) {
            outermost = wrapper;
        }
        return outermost == primary.failure() ? primary : new Failed(outermost, null);
    }

    private @Nullable Throwable firstAround(Throwable failure) {
        Throwable bare = unwrap(failure);
        for (Throwable other : kept) {
            if (other != bare
                    && unwrap(other) != bare
                    && Throwables.isReachable(bare, other)
                    && !Throwables.isReachable(other, bare)) {
                return other;
            }
        }
        return null;
    }

    /**
     * Hangs the failures on the primary one.
     *
     * @param label names the scope
     * @return what that cannot hold, or all if there is none
     */
    List<Throwable> suppressInto(@Nullable Throwable primary, String label) {
        List<Throwable> left = new ArrayList<>();
        for (Throwable other : kept) {
            boolean held = primary != null && Throwables.isReachable(unwrap(other), primary) || hangsOnAnother(other);
            if (!held && (primary == null || !suppress(primary, other))) {
                left.add(other);
            }
        }
        int more = added.get() - MAX_KEPT;
        if (more > 0) {
            Throwable count = new RuntimeException(label + ": " + more + " more failures, not kept");
            if (primary != null && primary.getSuppressed().length <= MAX_SUPPRESSED) {
                primary.addSuppressed(count);
            } else {
                left.add(count);
            }
        }
        return left;
    }

    /** Returns whether a failure that was kept wraps this one, or is it. */
    boolean holds(Throwable failure) {
        for (Throwable other : kept) {
            if (Throwables.isReachable(unwrap(failure), other)) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether another failure that was kept wraps this one, and so says it. */
    private boolean hangsOnAnother(Throwable failure) {
        Throwable bare = unwrap(failure);
        for (Throwable other : kept) {
            if (other != failure
                    && Throwables.isReachable(bare, other)
                    && !Throwables.isReachable(unwrap(other), failure)) {
                return true;
            }
        }
        return false;
    }

    /** Never makes a cycle; false if the primary failure cannot hold the other one. */
    private static boolean suppress(Throwable primary, Throwable other) {
        if (Throwables.isReachable(primary, other) || primary.getSuppressed().length >= MAX_SUPPRESSED) {
            return false;
        }
        primary.addSuppressed(other);
        return holds(primary, other);
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
