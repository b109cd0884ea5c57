// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.traio.spi.CancelReason;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * The meters of one scope name. Live scopes and tasks are counted here from the start, since gauges must be right whenever
 * a registry is bound; the other meters are looked up once there is one.
 */
final class NameMeters {

    final LongAdder scopes = new LongAdder();
    final LongAdder queued = new LongAdder();
    final LongAdder running = new LongAdder();
    final LongAdder stragglers = new LongAdder();

    private final Tags tags;
    /** Replaced and never changed; written under the lock of {@link ScopeMetrics}. */
    private volatile RegisteredMeters[] registered = {};

    NameMeters(String name) {
        tags = Tags.of("scope.name", name);
    }

    void bindTo(MeterRegistry registry) {
        RegisteredMeters meters = new RegisteredMeters(registry, tags);
        meters.gauge("traio.scope.active", "scopes", "Scopes that live now", scopes);
        meters.gauge("traio.task.active", "tasks", "Tasks that run now, stragglers included", running);
        meters.gauge("traio.task.queued", "tasks", "Tasks that were spawned and have not started", queued);
        meters.gauge("traio.task.stragglers", "tasks", "Cancelled tasks that did not end in time", stragglers);
        // From the start, so that a rate has a first value when they first count.
        for (CancelReason reason : CancelReason.values()) {
            meters.cancellations(ScopeMetrics.tagOf(reason));
        }
        meters.cancellations(ScopeMetrics.BY_OPERATOR);
        meters.bodyStragglers();
        meters.unobserved();
        RegisteredMeters[] before = registered;
        RegisteredMeters[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = meters;
        registered = after;
    }

    void removeGauges() {
        for (RegisteredMeters meters : registered) {
            meters.removeGauges();
        }
    }

    /** Records an event in each registry. */
    void record(Consumer<RegisteredMeters> event) {
        for (RegisteredMeters meters : registered) {
            event.accept(meters);
        }
    }
}
