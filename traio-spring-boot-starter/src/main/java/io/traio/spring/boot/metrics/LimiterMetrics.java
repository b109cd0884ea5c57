// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.traio.Limiter;
import java.util.List;

/**
 * The statistics of limiters as meters.
 *
 * <table>
 * <caption>Meters; each has the tag {@code limiter.name}</caption>
 * <tr><th>name</th><th>type</th></tr>
 * <tr><td>{@code traio.limiter.permits}</td><td>gauge: how many tasks may run at once</td></tr>
 * <tr><td>{@code traio.limiter.used}</td><td>gauge: permits in use</td></tr>
 * <tr><td>{@code traio.limiter.queued}</td><td>gauge: tasks that wait for a permit</td></tr>
 * <tr><td>{@code traio.limiter.granted}</td><td>counter: permits that were granted</td></tr>
 * </table>
 *
 * <p>Thread-safe.
 */
public final class LimiterMetrics implements MeterBinder {

    private static final String TAG = "limiter.name";

    private final List<Limiter> limiters;

    /**
     * Creates a binder.
     *
     * @param limiters the limiters, whose names should differ
     */
    public LimiterMetrics(List<Limiter> limiters) {
        this.limiters = List.copyOf(limiters);
    }

    /** Registers the meters of all limiters. */
    @Override
    public void bindTo(MeterRegistry registry) {
        for (Limiter limiter : limiters) {
            Gauge.builder("traio.limiter.permits", limiter, Limiter::permits)
                    .description("How many tasks may run at once")
                    .tag(TAG, limiter.name())
                    .register(registry);
            Gauge.builder("traio.limiter.used", limiter, Limiter::inUse)
                    .description("Permits in use")
                    .tag(TAG, limiter.name())
                    .register(registry);
            Gauge.builder("traio.limiter.queued", limiter, Limiter::queued)
                    .description("Tasks that wait for a permit")
                    .tag(TAG, limiter.name())
                    .register(registry);
            FunctionCounter.builder("traio.limiter.granted", limiter, Limiter::granted)
                    .description("Permits that were granted")
                    .tag(TAG, limiter.name())
                    .register(registry);
        }
    }
}
