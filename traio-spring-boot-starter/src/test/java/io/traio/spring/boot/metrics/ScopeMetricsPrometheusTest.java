// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.traio.ScopeFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The meters as the real registry shows them. */
class ScopeMetricsPrometheusTest {

    private final List<String> refused = new ArrayList<>();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ScopeMetrics metrics = new ScopeMetrics(100);
    private final ScopeFactory scopes = ScopeFactory.create(f -> f.withListener(metrics));

    ScopeMetricsPrometheusTest() {
        registry.config().onMeterRegistrationFailed((id, reason) -> refused.add(id + ": " + reason));
        metrics.bindTo(registry);
    }

    @Test
    void scrape_afterAScopeWithATask_hasEachMeter() {
        scopes.run("quotes", scope -> {
            scope.spawn("alpha", () -> {}).join();
            scope.cancel();
        });
        assertThat(registry.scrape().lines())
                .contains(
                        "# TYPE traio_scope_seconds summary",
                        "traio_scope_seconds_count{exception=\"none\",outcome=\"cancelled\",scope_name=\"quotes\"} 1",
                        "# TYPE traio_scope_active_scopes gauge",
                        "traio_scope_active_scopes{scope_name=\"quotes\"} 0.0",
                        "# TYPE traio_scope_cancellations_total counter",
                        "traio_scope_cancellations_total{reason=\"explicit\",scope_name=\"quotes\"} 1.0",
                        "# TYPE traio_scope_unwind_seconds summary",
                        "traio_scope_unwind_seconds_count{scope_name=\"quotes\"} 1",
                        "# TYPE traio_task_seconds summary",
                        "traio_task_seconds_count{exception=\"none\",outcome=\"success\",scope_name=\"quotes\"} 1",
                        "# TYPE traio_task_wait_seconds summary",
                        "traio_task_wait_seconds_count{scope_name=\"quotes\"} 1",
                        "# TYPE traio_task_active_tasks gauge",
                        "traio_task_active_tasks{scope_name=\"quotes\"} 0.0",
                        "# TYPE traio_task_queued_tasks gauge",
                        "traio_task_queued_tasks{scope_name=\"quotes\"} 0.0",
                        "# TYPE traio_task_stragglers_tasks gauge",
                        "traio_task_stragglers_tasks{scope_name=\"quotes\"} 0.0");
        assertThat(refused).isEmpty();
    }

    @Test
    void scrape_nameMadeToForgeALine_staysOneLabel() {
        scopes.run("a\"} 1\ntraio_forged 1 \\", scope -> {});
        assertThat(registry.scrape().lines()).noneMatch(line -> line.startsWith("traio_forged"));
    }
}
