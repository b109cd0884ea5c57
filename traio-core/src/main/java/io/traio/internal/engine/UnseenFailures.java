// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.spi.CancelReason;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Failed tasks of a scope whose failure is for a joiner or for a callback, neither of which has looked at it yet, or was
 * deferred by the scope's policy. When the scope ends, its exit throws the failures that were for a joiner or deferred, and the
 * others are logged.
 */
final class UnseenFailures {

    /** A scope that lives long must not keep them all. */
    private static final int MAX_KEPT = 1024;

    private final Queue<TaskNode<?>> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger kept = new AtomicInteger();

    void add(TaskNode<?> task) {
        if (kept.incrementAndGet() > MAX_KEPT) {
            forgetSeen();
            if (kept.get() > MAX_KEPT) {
                kept.decrementAndGet();
                task.scope.engine.observers.failureUnseen(task);
                return;
            }
        }
        tasks.add(task);
    }

    private void forgetSeen() {
        tasks.removeIf(task -> {
            boolean seen = task.isLookedAt();
            if (seen) {
                kept.decrementAndGet();
            }
            return seen;
        });
    }

    /** The scope has ended: adds to its failures what its exit throws, and logs the rest. */
    void settle(ScopeNode scope) {
        for (TaskNode<?> task = tasks.poll(); task != null; task = tasks.poll()) {
            // Neither for a joiner nor for a callback: the policy of the scope has deferred it.
            boolean deferred = !task.options().toJoin() && !task.hasCallback();
            if (!task.isLookedAt() && !(deferred && isEndedByPolicy(scope))) {
                if (task.options().bubble() && !task.hasCallback()) {
                    scope.failures().addToThrow(task.failure(), task.labelWithScope());
                } else {
                    scope.engine.observers.failureUnseen(task);
                }
            }
        }
    }

    private static boolean isEndedByPolicy(ScopeNode scope) {
        EndCause end = scope.end();
        return end != null && end.reason() == CancelReason.POLICY;
    }

    static void settle(@Nullable UnseenFailures unseen, ScopeNode scope) {
        if (unseen != null) {
            unseen.settle(scope);
        }
    }
}
