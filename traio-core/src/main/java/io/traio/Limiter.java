// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.internal.engine.Engines;
import java.util.Objects;

/**
 * Limits how many tasks run at once, in all scopes that are opened {@linkplain ScopeOptions#withLimiter with it} together.
 * Tasks beyond that wait, in the order in which they were spawned. After Trio's {@code CapacityLimiter}.
 *
 * <pre>{@code
 * Limiter database = Limiter.of("database", 10);
 *
 * scopes.run("report", s -> s.withLimiter(database), scope -> {
 *     for (String id : ids) {
 *         scope.spawn(id, () -> query(id));
 *     }
 * });
 * }</pre>
 *
 * <p>A task that waits, in traio, for tasks of the same limiter lends them its permit meanwhile, so scopes that share a
 * limiter may nest.
 *
 * <p>Thread-safe.
 */
public interface Limiter {

    /**
     * Returns a new limiter.
     *
     * @param name what it is called in statistics
     * @param permits how many tasks may run at once
     * @return a limiter
     * @throws NullPointerException if the name is null
     * @throws IllegalArgumentException if the number is not positive
     */
    static Limiter of(String name, int permits) {
        return Engines.limiter(Objects.requireNonNull(name, "name"), permits);
    }

    /**
     * Returns what the limiter is called in statistics.
     *
     * @return the name
     */
    String name();

    /**
     * Returns how many tasks may run at once.
     *
     * @return the number of permits
     */
    int permits();

    /**
     * Changes how many tasks may run at once. If that is fewer than do, those run to their ends.
     *
     * @param permits the number of permits
     * @throws IllegalArgumentException if the number is not positive
     */
    void resize(int permits);

    /**
     * Returns how many permits are in use. More than there are, for a while, after a {@link #resize}.
     *
     * @return the number of tasks that hold a permit
     */
    int inUse();

    /**
     * Returns how many tasks wait for a permit.
     *
     * @return the number of tasks; weakly consistent
     */
    int queued();

    /**
     * Returns how many permits were ever granted.
     *
     * @return the number of tasks that have got a permit
     */
    long granted();
}
