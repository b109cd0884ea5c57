// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Failed tasks of a scope whose failure is for a joiner or for a callback, neither of which has looked at it yet. When the
 * scope ends, its exit throws the failures that were for a joiner, and the others are logged.
 */
final class UnseenFailures {

    private static final VarHandle UNSEEN;

    static {
        try {
            UNSEEN = MethodHandles.lookup().findVarHandle(ScopeRecordFields.class, "unseen", UnseenFailures.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A scope that lives long must not keep them all. */
    private static final int MAX_KEPT = 1024;

    private final Queue<TaskNode<?>> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger kept = new AtomicInteger();

    /** Returns those of the scope, to add to. */
    static UnseenFailures of(ScopeNode scope) {
        UnseenFailures known = scope.unseen;
        if (known == null) {
            UnseenFailures fresh = new UnseenFailures();
            known = (UnseenFailures) UNSEEN.compareAndExchange(scope, null, fresh);
            known = known != null ? known : fresh;
        }
        return known;
    }

    void add(TaskNode<?> task) {
        if (kept.incrementAndGet() > MAX_KEPT) {
            removeSeen();
            if (kept.get() > MAX_KEPT) {
                kept.decrementAndGet();
                task.scope.engine.observers.failureUnseen(task);
                return;
            }
        }
        tasks.add(task);
    }

    private void removeSeen() {
        tasks.removeIf(task -> {
            boolean seen = task.isLookedAt();
            if (seen) {
                kept.decrementAndGet();
            }
            return seen;
        });
    }

    /** The scope is done: adds to its failures what its exit throws, and logs the rest. */
    static void settle(ScopeNode scope) {
        UnseenFailures unseen = scope.unseen;
        if (unseen != null) {
            unseen.settleAll(scope);
        }
    }

    private void settleAll(ScopeNode scope) {
        for (TaskNode<?> task = tasks.poll(); task != null; task = tasks.poll()) {
            if (!task.isLookedAt()) {
                if (task.options().toJoin() && task.options().bubble() && !task.hasCallback()) {
                    Failures.of(scope).addToThrow(task.failure(), task.labelWithScope());
                } else {
                    scope.engine.observers.failureUnseen(task);
                }
            }
        }
    }
}
