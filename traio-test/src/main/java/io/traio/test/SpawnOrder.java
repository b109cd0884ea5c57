// SPDX-License-Identifier: Apache-2.0
package io.traio.test;

import io.traio.FactoryOptions;
import io.traio.ScopeFactory;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/**
 * Runs tasks one at a time, in the order in which they are spawned, so that a test has the same course each time: {@code
 * spawn} runs the task to its end, on the thread that spawns it, before it returns.
 *
 * <pre>{@code
 * ScopeFactory scopes = SpawnOrder.factory();
 * scopes.run("import", scope -> {
 *     scope.spawn("a", () -> log.add("a"));
 *     scope.spawn("b", () -> log.add("b"));
 * });
 * assertThat(log).containsExactly("a", "b");
 * }</pre>
 *
 * <p>What happens is one of the courses that the code could take on threads: the one in which each task ends before its
 * spawner goes on. A task that fails cancels the scope before the next one is spawned. A task that waits for what its spawner
 * does later waits forever; so does one that runs until it is cancelled, such as a server: test these on threads.
 */
public final class SpawnOrder {

    private static final Executor EXECUTOR = Runnable::run;

    private SpawnOrder() {}

    /**
     * Returns an executor that runs tasks in the order of spawning, for {@link FactoryOptions#withExecutor}.
     *
     * @return the executor; it has no state and need not be closed
     */
    public static Executor executor() {
        return EXECUTOR;
    }

    /**
     * Returns a new factory that runs tasks in the order of spawning.
     *
     * @return a new factory
     */
    public static ScopeFactory factory() {
        return factory(UnaryOperator.identity());
    }

    /**
     * Returns a new factory with further options that runs tasks in the order of spawning.
     *
     * @param options changes of the options, which have the {@link #executor()}
     * @return a new factory
     * @throws NullPointerException if the function or its result is null
     */
    public static ScopeFactory factory(UnaryOperator<FactoryOptions> options) {
        return ScopeFactory.create(defaults -> options.apply(defaults.withExecutor(EXECUTOR)));
    }
}
