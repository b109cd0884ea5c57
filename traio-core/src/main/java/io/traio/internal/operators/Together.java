// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.operators;

import io.traio.ScopePolicy;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The operator that returns the values of all its tasks. */
public final class Together {

    private static final Object MISSING = new Object();

    private Together() {}

    /**
     * Runs the tasks.
     *
     * @param <T> type of the values
     * @param own the scope for them
     * @param tasks what to do
     * @return the values, in order
     */
    public static <T extends @Nullable Object> @Nullable Object[] of(
            OperatorScope own, List<Callable<? extends T>> tasks) {
        @Nullable Object[] results = new @Nullable Object[tasks.size()];
        if (results.length > 0) {
            Arrays.fill(results, MISSING);
            own.runAll(
                    ScopePolicy.allSuccessfulOrThrow(),
                    scope -> {
                        for (int i = 0; i < results.length; i++) {
                            int place = i;
                            Callable<? extends T> task = tasks.get(i);
                            own.<T>spawn(scope, i, () -> {
                                T value = task.call();
                                // Published by the exit of the scope.
                                results[place] = value;
                                return value;
                            });
                        }
                    },
                    () -> !own.isCancelled() && Arrays.asList(results).contains(MISSING));
        }
        return results;
    }

    /**
     * Returns an array as an unmodifiable list, which may hold null.
     *
     * @param <T> type of the values
     * @param values an array that is not used any more
     * @return the list
     */
    @SuppressWarnings("unchecked") // the values of tasks of that type
    public static <T extends @Nullable Object> List<T> asList(@Nullable Object[] values) {
        return (List<T>) Collections.unmodifiableList(Arrays.asList(values));
    }
}
