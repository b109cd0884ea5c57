// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.traio.Limiter;
import io.traio.ScopeFactory;
import io.traio.spi.CancelReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
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

    /** So that the rate of a counter sees its first event. */
    @Test
    void scrape_afterTheFirstScopeOfAName_hasItsCountersAtZero() {
        scopes.run("quotes", scope -> {});
        new LimiterMetrics(List.of(Limiter.of("database", 3))).bindTo(registry);
        Stream<String> reasons = Stream.concat(
                Stream.of(CancelReason.values()).map(reason -> reason.name().toLowerCase(Locale.ROOT)),
                Stream.of("endpoint"));
        List<String> expected = Stream.concat(
                        reasons.map(reason ->
                                "traio_scope_cancellations_total{reason=\"" + reason + "\",scope_name=\"quotes\"} 0.0"),
                        Stream.of(
                                "traio_limiter_granted_total{limiter_name=\"database\"} 0.0",
                                "traio_scope_stragglers_total{scope_name=\"quotes\"} 0.0",
                                "traio_scope_unobserved_total{scope_name=\"quotes\"} 0.0"))
                .toList();
        assertThat(registry.scrape().lines().filter(line -> line.contains("_total{")))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void scrape_nameMadeToForgeALine_staysOneLabel() {
        scopes.run("a\"} 1\ntraio_forged 1 \\", scope -> {});
        assertThat(registry.scrape().lines()).noneMatch(line -> line.startsWith("traio_forged"));
    }
}
