// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SwitchesTest {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(ScopeFactoryAutoConfiguration.class));

    /** Every switch that the metadata knows of. */
    static List<String> switches() throws Exception {
        try (InputStream in = SwitchesTest.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            return Stream.of(JsonMapper.shared().readTree(in).get("properties"))
                    .flatMap(JsonNode::valueStream)
                    .filter(property -> property.path("type").asString("").equals("java.lang.Boolean"))
                    .map(property -> property.get("name").asString())
                    .filter(name -> name.startsWith("traio."))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("switches")
    void start_switchNeitherTrueNorFalse_failsNamingTheProperty(String property) {
        runner.withPropertyValues(property + "=maybe")
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasRootCauseInstanceOf(IllegalArgumentException.class)
                        .hasStackTraceContaining(property)
                        .hasStackTraceContaining("maybe"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "TRUE", "false", "False"})
    void start_switchTrueOrFalse_starts(String value) {
        runner.withPropertyValues("traio.propagation.enabled=" + value)
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void switches_ofTheMetadata_areThere() throws Exception {
        assertThat(switches()).contains("traio.enabled", "traio.request.enabled", "traio.async.default");
    }
}
