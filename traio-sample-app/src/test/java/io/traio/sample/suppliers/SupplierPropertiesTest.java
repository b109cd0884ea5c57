// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.suppliers;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.sample.suppliers.SupplierProperties.Conduct;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class SupplierPropertiesTest {

    private final ApplicationContextRunner runner = new ApplicationContextRunner().withUserConfiguration(Config.class);

    @Test
    void properties_notSet_haveDefaults() {
        runner.run(context -> {
            SupplierProperties properties = context.getBean(SupplierProperties.class);
            assertThat(properties.port()).isZero();
            assertThat(SupplierProperties.NAMES)
                    .allSatisfy(name ->
                            assertThat(properties.find(name)).contains(new Conduct(Duration.ofMillis(100), false)));
            assertThat(properties.find("omega")).isEmpty();
        });
    }

    @Test
    void properties_set_areTaken() {
        runner.withPropertyValues(
                        "sample.suppliers.port=4711",
                        "sample.suppliers.alpha.latency=2s",
                        "sample.suppliers.beta.failing=true")
                .run(context -> {
                    SupplierProperties properties = context.getBean(SupplierProperties.class);
                    assertThat(properties.port()).isEqualTo(4711);
                    assertThat(properties.find("alpha")).contains(new Conduct(Duration.ofSeconds(2), false));
                    assertThat(properties.find("beta")).contains(new Conduct(Duration.ofMillis(100), true));
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1ms", "61s"})
    void latency_outOfBounds_isRefused(String latency) {
        runner.withPropertyValues("sample.suppliers.alpha.latency=" + latency)
                .run(context ->
                        assertThat(context).getFailure().rootCause().hasMessageContaining("latency must be from 0 to"));
    }

    @EnableConfigurationProperties(SupplierProperties.class)
    static class Config {}
}
