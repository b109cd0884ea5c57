// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.traio.Limiter;
import io.traio.ScopeFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimiterMetricsTest {

    private final MeterRegistry registry = new SimpleMeterRegistry();

    private double gauge(String name) {
        return registry.get(name).tag("limiter.name", "database").gauge().value();
    }

    @Test
    void limiter_isMeasured() {
        Limiter database = Limiter.of("database", 3);
        new LimiterMetrics(List.of(database, Limiter.of("other", 7))).bindTo(registry);
        database.resize(1);
        try (ScopeFactory scopes = ScopeFactory.create()) {
            scopes.run("run", s -> s.withLimiter(database), scope -> {
                scope.spawn("first", () -> {
                    assertThat(gauge("traio.limiter.used")).isEqualTo(1);
                    scope.spawn("second", () -> {});
                    assertThat(gauge("traio.limiter.queued")).isEqualTo(1);
                });
            });
        }

        assertThat(gauge("traio.limiter.permits")).isEqualTo(1);
        assertThat(registry.get("traio.limiter.granted")
                        .tag("limiter.name", "database")
                        .functionCounter()
                        .count())
                .isEqualTo(2);
    }
}
