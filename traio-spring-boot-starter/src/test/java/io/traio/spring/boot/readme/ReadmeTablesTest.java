// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.traio.Limiter;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spi.CancelReason;
import io.traio.spring.boot.metrics.LimiterMetrics;
import io.traio.spring.boot.metrics.ScopeMetrics;
import io.traio.spring.boot.observation.DefaultScopeObservationConvention;
import io.traio.spring.boot.observation.DefaultTaskObservationConvention;
import io.traio.spring.boot.observation.TraioObservationDocumentation.ScopeHighCardinalityKeys;
import io.traio.spring.boot.observation.TraioObservationDocumentation.ScopeLowCardinalityKeys;
import io.traio.spring.boot.observation.TraioObservationDocumentation.TaskHighCardinalityKeys;
import io.traio.spring.boot.observation.TraioObservationDocumentation.TaskLowCardinalityKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tables of the reference say what is so: properties as in the generated metadata, meters as they are registered. */
@Timeout(60)
class ReadmeTablesTest {

    private static final Path REFERENCE = Path.of("..", "docs", "reference");

    @Test
    void properties_inTheReference_areThoseOfTheMetadataWithTheirDefaults() throws IOException {
        assertThat(rows("properties.md", "\\| `([^`]+)` \\| (?:`([^`]*)`|none) \\| .+ \\|"))
                .isEqualTo(metadata());
    }

    private static Map<String, String> metadata() throws IOException {
        Map<String, String> properties = new TreeMap<>();
        String file = "/META-INF/spring-configuration-metadata.json";
        try (InputStream in = ScopeMetrics.class.getResourceAsStream(file)) {
            for (JsonNode property : JsonMapper.shared().readTree(in).get("properties")) {
                JsonNode value = property.path("defaultValue");
                String text = value.isMissingNode() || value.isArray() ? "" : value.asString();
                properties.put(property.get("name").asString(), text);
            }
        }
        return properties;
    }

    @Test
    void meters_inTheReference_areThoseThatAreRegisteredWithTheirTypesAndTags() throws IOException {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        ScopeMetrics metrics = new ScopeMetrics(10);
        metrics.bindTo(registry);
        new LimiterMetrics(List.of(Limiter.of("limiter", 1))).bindTo(registry);
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withListener(metrics))) {
            OpenScope scope = scopes.openShared("quotes");
            scope.spawn("task", () -> {
                throw new IllegalStateException("no");
            });
            await().until(() -> scope.state() == Scope.State.CLOSED);
        }
        Map<String, String> registered = new TreeMap<>();
        for (Meter meter : registry.getMeters()) {
            String tags =
                    meter.getId().getTags().stream().map(Tag::getKey).sorted().collect(Collectors.joining(" "));
            String type = meter.getId().getType().name().toLowerCase(Locale.ROOT);
            registered.put(meter.getId().getName(), type + " " + tags);
        }

        Map<String, String> documented = rows("meters.md", "\\| `([^`]+)` \\| ([a-z].* \\| .+) \\|");
        documented.replaceAll((name, typeAndTags) -> {
            String[] columns = typeAndTags.split(" \\| ");
            String type = columns[0].replaceAll(":.*", "");
            return type + " "
                    + Pattern.compile("[`, ]+")
                            .splitAsStream(columns[1])
                            .filter(t -> !t.isEmpty())
                            .sorted()
                            .collect(Collectors.joining(" "));
        });
        assertThat(documented).isEqualTo(registered);
    }

    @Test
    void reasons_inTheReference_areAllThereAre() throws IOException {
        Matcher list = Pattern.compile("`reason` is ([^;.]+)[;.]").matcher(page("meters.md"));
        assertThat(list.find()).isTrue();
        Stream<String> reasons =
                Stream.of(CancelReason.values()).map(reason -> reason.name().toLowerCase(Locale.ROOT));
        assertThat(Pattern.compile("`([a-z]+)`")
                        .matcher(list.group(1))
                        .results()
                        .map(r -> r.group(1)))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(reasons, Stream.of("endpoint")).toList());
    }

    @Test
    void observations_inTheReference_haveTheKeysThatTheyHave() throws IOException {
        assertThat(page("events.md"))
                .contains("| `" + new DefaultScopeObservationConvention().getName() + "` | `scope NAME` | "
                        + keys(ScopeLowCardinalityKeys.values()) + " | " + keys(ScopeHighCardinalityKeys.values())
                        + " |")
                .contains("| `" + new DefaultTaskObservationConvention().getName() + "` | `task NAME` | "
                        + keys(TaskLowCardinalityKeys.values()) + " | " + keys(TaskHighCardinalityKeys.values())
                        + " |");
    }

    private static String keys(KeyName[] keys) {
        return Stream.of(keys).map(key -> "`" + key.asString() + "`").collect(Collectors.joining(", "));
    }

    /** Name and second column of the rows of a page. */
    private static Map<String, String> rows(String page, String row) throws IOException {
        Map<String, String> rows = new TreeMap<>();
        Matcher matcher = Pattern.compile("(?m)^" + row + "$").matcher(page(page));
        while (matcher.find()) {
            rows.put(matcher.group(1), matcher.group(2) != null ? matcher.group(2) : "");
        }
        return rows;
    }

    private static String page(String name) throws IOException {
        return Files.readString(REFERENCE.resolve(name));
    }
}
