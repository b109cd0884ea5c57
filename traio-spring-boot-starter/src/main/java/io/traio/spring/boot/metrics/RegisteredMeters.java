// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one scope name in one registry, each looked up once.
 *
 * <p>Thread-safe.
 */
final class RegisteredMeters {

    private final MeterRegistry registry;
    private final Tags tags;
    private final List<Gauge> gauges = new ArrayList<>();
    private final Map<Object, Timer> scopeTimers = new ConcurrentHashMap<>();
    private final Map<Object, Timer> taskTimers = new ConcurrentHashMap<>();
    private final Map<String, Counter> cancellations = new ConcurrentHashMap<>();
    private volatile @Nullable Counter unobserved;
    private volatile @Nullable Counter bodyStragglers;
    private volatile @Nullable Timer unwind;
    private volatile @Nullable Timer taskWait;

    RegisteredMeters(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
    }

    /** Called before this object is published. */
    void gauge(String name, String unit, String description, LongAdder count) {
        gauges.add(Gauge.builder(name, count, LongAdder::sum)
                .baseUnit(unit)
                .description(description)
                .tags(tags)
                .register(registry));
    }

    void removeGauges() {
        gauges.forEach(registry::remove);
    }

    Timer scope(OutcomeTags outcome) {
        Timer known = scopeTimers.get(outcome);
        return known != null
                ? known
                : scopeTimers.computeIfAbsent(
                        outcome, o -> timer("traio.scope", "Time from opening a scope to its end", outcome.tags()));
    }

    Timer task(OutcomeTags outcome) {
        Timer known = taskTimers.get(outcome);
        return known != null
                ? known
                : taskTimers.computeIfAbsent(outcome, o -> timer("traio.task", "Run time of a task", outcome.tags()));
    }

    Timer unwind() {
        Timer known = unwind;
        if (known == null) {
            known = timer("traio.scope.unwind", "Time from cancelling a scope to its end", Tags.empty());
            unwind = known;
        }
        return known;
    }

    Timer taskWait() {
        Timer known = taskWait;
        if (known == null) {
            known = timer("traio.task.wait", "Time from spawning a task to its start", Tags.empty());
            taskWait = known;
        }
        return known;
    }

    Counter unobserved() {
        Counter known = unobserved;
        if (known == null) {
            known = Counter.builder("traio.scope.unobserved")
                    .description("Failures of scopes that no code awaited")
                    .tags(tags)
                    .register(registry);
            unobserved = known;
        }
        return known;
    }

    Counter bodyStragglers() {
        Counter known = bodyStragglers;
        if (known == null) {
            known = Counter.builder("traio.scope.stragglers")
                    .description("Cancelled scopes whose body did not end in time")
                    .tags(tags)
                    .register(registry);
            bodyStragglers = known;
        }
        return known;
    }

    Counter cancellations(String reason) {
        Counter known = cancellations.get(reason);
        return known != null
                ? known
                : cancellations.computeIfAbsent(
                        reason,
                        r -> Counter.builder("traio.scope.cancellations")
                                .description("Scopes that were cancelled")
                                .tags(tags.and("reason", r))
                                .register(registry));
    }

    private Timer timer(String name, String description, Tags more) {
        return Timer.builder(name).description(description).tags(tags.and(more)).register(registry);
    }
}
