// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.core.io.support.SpringFactoriesLoader;

class SpringBootVersionCheckTest {

    @ParameterizedTest
    @ValueSource(strings = {"2.7.18", "3.5.7"})
    void start_olderBoot_failsWithASentence(String version) {
        assertThatIllegalStateException()
                .isThrownBy(() -> SpringBootVersionCheck.check(version))
                .withMessageContaining("needs Spring Boot 4")
                .withMessageContaining(version);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4.0.0", "4.1.2", "10.0.0", "unknown"})
    void start_newerBoot_goesOn(String version) {
        assertThatCode(() -> SpringBootVersionCheck.check(version)).doesNotThrowAnyException();
    }

    @Test
    void check_isMadeBeforeAutoConfigurationsAreLoaded() {
        assertThat(SpringFactoriesLoader.forDefaultResourceLocation().load(AutoConfigurationImportFilter.class))
                .hasAtLeastOneElementOfType(SpringBootVersionCheck.class);
    }
}
