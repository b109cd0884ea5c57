// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import static io.traio.spring.boot.metrics.Scrape.find;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The alerts ask for what is there, and fire when they should. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class PrometheusAlertsTest {

    static final Path RULES = Path.of("..", "docs", "prometheus-alerts.yml");
    private static final Path CASES = Path.of("src", "test", "resources", "prometheus", "alerts-test.yml");

    /** The rules without comments and annotations. */
    private static String rules() throws Exception {
        return Files.readAllLines(RULES).stream()
                .filter(line -> !line.matches(" *(#|summary:|description:).*"))
                .collect(Collectors.joining("\n"));
    }

    private static String scrape() throws Exception {
        try (Scrape scrape = new Scrape()) {
            scrape.fail();
            scrape.straggle();
            return scrape.text();
        }
    }

    @Test
    void metrics_ofAllAlerts_areInTheScrape() throws Exception {
        Set<String> asked = find("(traio_\\w+)", rules());
        assertThat(asked).isNotEmpty().isSubsetOf(find("^(traio_\\w+)\\{", scrape()));
    }

    @Test
    void labels_ofAllAlerts_areInTheScrapeOrOfPrometheus() throws Exception {
        Set<String> asked = find("(\\w+)=\"", rules());
        find("by \\(([^)]*)\\)", rules()).forEach(labels -> asked.addAll(List.of(labels.split(", "))));
        asked.removeAll(Set.of("job", "instance"));
        assertThat(asked).contains("scope_name", "outcome").isSubsetOf(find("(\\w+)=\"", scrape()));
    }

    @Test
    void alerts_ofTheGuide_areThoseOfTheRules() throws Exception {
        String guide = Files.readString(Path.of("..", "docs", "guide", "fleet.md"));
        assertThat(find("^\\| `(Traio\\w+)` \\|", guide)).isEqualTo(find("alert: (\\w+)", rules()));
    }

    @Test
    void alerts_byPromtool_fireWhenTheyShould() throws Exception {
        assumeTrue(Prometheus.isInstalled(), "Skipped: prometheus and promtool are not installed");
        assertThat(Prometheus.promtool("check", "rules", RULES.toString())).contains("SUCCESS");
        assertThat(Prometheus.promtool("test", "rules", CASES.toString())).contains("SUCCESS");
    }

    @Test
    void alertsAndPanels_inARealPrometheus_seeTheApplication() throws Exception {
        assumeTrue(Prometheus.isInstalled(), "Skipped: prometheus and promtool are not installed");
        try (Scrape scrape = new Scrape();
                Prometheus prometheus = Prometheus.start(RULES, scrape::text)) {
            scrape.fail();
            scrape.straggle();
            prometheus.awaitAlert("TraioTaskStragglers", "import");
            prometheus.awaitAlert("TraioUnobservedFailures", "quotes");
            assertThat(prometheus.rules())
                    .hasSize(5)
                    .allSatisfy((rule, health) -> assertThat(health).as(rule).isEqualTo("ok"));
            for (String panel : GrafanaDashboardTest.expressions()) {
                prometheus.awaitSeries(panel.replace("$scope", ".*").replaceAll("\\$__\\w+", "1m"));
            }
        }
    }
}
