// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the dashboard asks for is there. */
class GrafanaDashboardTest {

    private static final JsonNode DASHBOARD =
            JsonMapper.shared().readTree(Path.of("..", "docs", "grafana-dashboard.json"));

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /** Names and labels, as Prometheus gets them after a scope with a task has failed without being awaited. */
    private String scrape() {
        ScopeMetrics metrics = new ScopeMetrics(10);
        metrics.bindTo(registry);
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withListener(metrics))) {
            OpenScope scope = scopes.openShared("quotes");
            scope.spawn("alpha", () -> {
                throw new IllegalStateException("no");
            });
            await().until(() -> scope.state() == Scope.State.CLOSED);
        }
        return registry.scrape();
    }

    private static Set<String> expressions() {
        return DASHBOARD.findValuesAsString("expr").stream().collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> find(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
        return matcher.results().map(result -> result.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void metrics_ofAllPanels_areInTheScrape() {
        Set<String> scraped = find("^(traio_\\w+)\\{", scrape());
        assertThat(find("(traio_\\w+)", String.join("\n", expressions())))
                .isNotEmpty()
                .isSubsetOf(scraped);
    }

    @Test
    void metrics_inTheScrape_areEachInSomePanel() {
        Set<String> asked = find("(traio_\\w+)", String.join("\n", expressions()));
        assertThat(find("^(traio_\\w+)\\{", scrape())).isNotEmpty().isSubsetOf(asked);
    }

    @Test
    void labels_ofAllPanels_areInTheScrape() {
        Set<String> scraped = find("(\\w+)=\"", scrape());
        String expressions = String.join("\n", expressions());
        assertThat(find("(\\w+)=~?\"", expressions)).isNotEmpty().isSubsetOf(scraped);
        assertThat(find("by \\((\\w+)\\)", expressions)).isNotEmpty().isSubsetOf(scraped);
    }
}
