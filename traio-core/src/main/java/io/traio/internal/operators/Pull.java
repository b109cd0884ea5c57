// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.operators;

import io.traio.Functions.ThrowingConsumer;
import io.traio.Functions.ThrowingFunction;
import io.traio.Scope;
import io.traio.ScopePolicy;
import io.traio.Task;
import io.traio.TaskOptions;
import io.traio.internal.engine.Engines;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Operators that pull items from a source and have a task for each. */
public final class Pull {

    private static final int CHUNK = 256;

    private Pull() {}

    /**
     * Applies a function to each item.
     *
     * @param <T> type of the items
     * @param <R> type of the results
     * @param own the scope for that
     * @param source the items
     * @param limit how many may be in work at once
     * @param function what to do with an item
     * @return the results in the order of the items
     */
    public static <T extends @Nullable Object, R extends @Nullable Object> List<R> map(
            OperatorScope own,
            Supplier<? extends Iterator<? extends T>> source,
            int limit,
            ThrowingFunction<? super T, ? extends R> function) {
        // Its places are taken by this thread, and filled by tasks; the exit of the scope publishes that.
        List<@Nullable Object[]> chunks = new ArrayList<>();
        int[] size = new int[1];
        Pull.<T>run(own, source, limit, item -> {
            int place = size[0]++ % CHUNK;
            if (place == 0) {
                chunks.add(new @Nullable Object[CHUNK]);
            }
            @Nullable Object[] chunk = chunks.get(chunks.size() - 1);
            return () -> {
                R result = function.apply(item);
                chunk[place] = result;
                return result;
            };
        });
        @Nullable Object[] all = new @Nullable Object[size[0]];
        for (int i = 0; i < chunks.size(); i++) {
            System.arraycopy(chunks.get(i), 0, all, i * CHUNK, Math.min(CHUNK, all.length - i * CHUNK));
        }
        return Together.asList(all);
    }

    /**
     * Does something with each item.
     *
     * @param <T> type of the items
     * @param own the scope for that
     * @param source the items
     * @param limit how many may be in work at once
     * @param action what to do with an item
     */
    public static <T extends @Nullable Object> void each(
            OperatorScope own,
            Supplier<? extends Iterator<? extends T>> source,
            int limit,
            ThrowingConsumer<? super T> action) {
        Pull.<T>run(own, source, limit, item -> () -> {
            action.accept(item);
            return null;
        });
    }

    private static <T extends @Nullable Object> void run(
            OperatorScope own,
            Supplier<? extends Iterator<? extends T>> source,
            int limit,
            Function<? super T, Callable<? extends @Nullable Object>> toTask) {
        if (limit <= 0) {
            throw new IllegalArgumentException("The limit of " + own.kind() + " must be positive, but was " + limit);
        }
        Room room = new Room(limit);
        own.runAll(
                room,
                scope -> {
                    Iterator<? extends T> items = source.get();
                    while (room.awaitOne(scope) && items.hasNext()) {
                        room.take();
                        own.spawn(scope, toTask.apply(items.next()), room::optionsOf);
                    }
                },
                room::wasTaskCancelled);
    }

    /**
     * Room for so many items in work, as the policy of their scope, which is asked at each end. It knows its tasks by their
     * options: a function may spawn others into the scope.
     */
    private static final class Room implements ScopePolicy {

        /** An object that no other task has; made with the first task, by the owner. */
        private @Nullable TaskOptions options;

        private final int limit;
        private final Thread owner = Thread.currentThread();
        private final AtomicInteger taken = new AtomicInteger();
        private volatile boolean awaited;
        private volatile boolean taskCancelled;

        Room(int limit) {
            this.limit = limit;
        }

        TaskOptions optionsOf(TaskOptions defaults) {
            TaskOptions own = options;
            if (own == null) {
                own = OperatorScope.own(defaults).withBubble(true);
                options = own;
            }
            return own;
        }

        void take() {
            taken.incrementAndGet();
        }

        @Override
        public Verdict taskEnded(Task<?> task, @Nullable Throwable failure) {
            if (task.options() == options) {
                taken.decrementAndGet();
                if (awaited) {
                    LockSupport.unpark(owner);
                }
                if (task.isCancelled()) {
                    taskCancelled = true;
                    return Verdict.END;
                }
            }
            return Verdict.FAIL;
        }

        /** Returns whether a task was cancelled, and not with the scope: nothing is asked about those. */
        boolean wasTaskCancelled() {
            return taskCancelled;
        }

        /** Waits until one more item may be in work; false if it is too late for any. */
        boolean awaitOne(Scope scope) {
            if (taken.get() >= limit) {
                awaited = true;
                Engines.await(scope, () -> taken.get() < limit);
                awaited = false;
            }
            return !scope.isCancelled();
        }
    }
}
