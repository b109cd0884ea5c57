// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The metadata is made by annotation processors, which some JDKs silently ignore. */
class ConfigurationMetadataTest {

    private static final Map<String, JsonNode> PROPERTIES = new TreeMap<>();

    @BeforeAll
    static void read() throws Exception {
        String file = "/META-INF/spring-configuration-metadata.json";
        try (InputStream in = ScopeFactoryAutoConfiguration.class.getResourceAsStream(file)) {
            assertThat(in).as(file).isNotNull();
            for (JsonNode property : JsonMapper.shared().readTree(in).get("properties")) {
                PROPERTIES.put(property.get("name").asString(), property);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "traio.enabled, java.lang.Boolean, true",
        "traio.default-timeout, java.time.Duration,",
        "traio.cancel-timeout, java.time.Duration, 1s",
        "management.endpoint.scopes.access, org.springframework.boot.actuate.endpoint.Access, read_only",
        "management.endpoint.scopes.cache.time-to-live, java.time.Duration, 0ms",
        "management.endpoint.scopes.show-stacks, org.springframework.boot.actuate.endpoint.Show, never",
        "management.endpoint.scopes.roles, java.util.Set<java.lang.String>,",
        "management.health.scopes.enabled, java.lang.Boolean, false",
    })
    void property_generated_hasTypeAndDefault(String name, String type, String defaultValue) {
        assertThat(PROPERTIES).containsKey(name);
        JsonNode property = PROPERTIES.get(name);
        assertThat(property.get("type").asString()).isEqualTo(type);
        assertThat(property.path("defaultValue").asString(null)).isEqualTo(defaultValue);
    }

    @Test
    void properties_all_haveADescription() {
        assertThat(PROPERTIES)
                .allSatisfy((name, property) -> assertThat(
                                property.path("description").asString(""))
                        .as(name)
                        .matches("[A-Z][^\\n]+\\."));
    }

    @Test
    void conditions_ofAutoConfigurations_areIndexed() {
        assertThat(ScopeFactoryAutoConfiguration.class.getResource(
                        "/META-INF/spring-autoconfigure-metadata.properties"))
                .isNotNull();
    }
}
