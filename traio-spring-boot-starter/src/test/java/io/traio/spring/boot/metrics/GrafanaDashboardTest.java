// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import static io.traio.spring.boot.metrics.Scrape.find;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the dashboard asks for is there. */
class GrafanaDashboardTest {

    private static final JsonNode DASHBOARD =
            JsonMapper.shared().readTree(Path.of("..", "docs", "grafana-dashboard.json"));

    /** Names and labels, as Prometheus gets them after a scope with a task has failed without being awaited. */
    private static String scrape() {
        try (Scrape scrape = new Scrape()) {
            scrape.fail();
            return scrape.text();
        }
    }

    static Set<String> expressions() {
        return DASHBOARD.findValuesAsString("expr").stream().collect(Collectors.toCollection(TreeSet::new));
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
