// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.operators;

import io.traio.ScopePolicy;
import io.traio.Task;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Operators that return the value of one task, as the policy of their scope, which chooses that task.
 *
 * @param <T> type of the value
 */
public final class FirstEnded<T extends @Nullable Object> implements ScopePolicy {

    /** Whether a failure decides, too. */
    private final boolean any;

    private final AtomicReference<@Nullable Task<?>> winner = new AtomicReference<>();

    private FirstEnded(boolean any) {
        this.any = any;
    }

    /**
     * Returns an operator in which the first success wins.
     *
     * @param <T> type of the value
     * @return the operator
     */
    public static <T extends @Nullable Object> FirstEnded<T> success() {
        return new FirstEnded<>(false);
    }

    /**
     * Returns an operator in which the first task that ends wins.
     *
     * @param <T> type of the value
     * @return the operator
     */
    public static <T extends @Nullable Object> FirstEnded<T> any() {
        return new FirstEnded<>(true);
    }

    @Override
    public Verdict taskEnded(Task<?> task, @Nullable Throwable failure) {
        if (failure != null) {
            if (any) {
                return winner.compareAndSet(null, task) ? Verdict.FAIL : Verdict.CONTINUE;
            }
            return failure instanceof Error ? Verdict.FAIL : Verdict.DEFER;
        }
        boolean wins = task.status() == Task.Status.SUCCEEDED && winner.compareAndSet(null, task);
        return wins ? Verdict.END : Verdict.CONTINUE;
    }

    /**
     * Runs the tasks.
     *
     * @param own the scope for them
     * @param tasks what to do
     * @param delays how long to wait before each but the first, given how many have started; null if they start at once
     * @return the value of the winner
     */
    public T of(OperatorScope own, List<Callable<? extends T>> tasks, @Nullable IntFunction<Duration> delays) {
        if (tasks.isEmpty()) {
            throw new IllegalArgumentException(own.kind() + " needs at least one task");
        }
        own.run(this, scope -> {
            Task<?> last = null;
            for (int i = 0; i < tasks.size() && winner.get() == null; i++) {
                if (last == null || delays == null || !endsWell(last, delays.apply(i))) {
                    last = own.spawn(scope, i, tasks.get(i));
                }
            }
        });
        Task<?> first = winner.get();
        if (first == null) {
            if (own.isCancelled()) {
                throw own.cancelled();
            }
            throw new CancellationException(own.label() + " has no result: each of its tasks was cancelled");
        }
        return own.delivered(this.<Task<T>>cast(first).join());
    }

    /** Waits for a task, for some time; whether it has succeeded by then, so that no other is needed. */
    private static boolean endsWell(Task<?> task, Duration delay) {
        return task.awaitEnd(delay) && task.status() == Task.Status.SUCCEEDED;
    }

    @SuppressWarnings("unchecked") // all tasks of the scope that are asked about have been spawned here
    private <X> X cast(Object task) {
        return (X) task;
    }
}
