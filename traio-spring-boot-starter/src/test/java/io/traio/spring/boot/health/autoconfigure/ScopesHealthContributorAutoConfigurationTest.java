// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.health.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.health.ScopesHealthIndicator;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class ScopesHealthContributorAutoConfigurationTest {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ScopeFactoryAutoConfiguration.class,
                    ScopesHealthContributorAutoConfiguration.class,
                    HealthContributorAutoConfiguration.class,
                    HealthContributorRegistryAutoConfiguration.class));

    private final ApplicationContextRunner enabled = runner.withPropertyValues("management.health.scopes.enabled=true");

    @Test
    void contributor_byDefault_isMissing() {
        runner.run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ScopesHealthIndicator.class));
    }

    @Test
    void contributor_defaultsEnabledOnly_isMissing() {
        runner.withPropertyValues("management.health.defaults.enabled=true")
                .run(context -> assertThat(context).doesNotHaveBean(ScopesHealthIndicator.class));
    }

    @Test
    void contributor_enabled_isRegisteredAsScopes() {
        enabled.run(context -> assertThat(
                        context.getBean(HealthContributorRegistry.class).getContributor("scopes"))
                .isInstanceOf(ScopesHealthIndicator.class));
    }

    @Test
    void contributor_traioDisabled_isMissing() {
        enabled.withPropertyValues("traio.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ScopesHealthIndicator.class));
    }

    @Test
    void contributor_healthMissing_isMissing() {
        enabled.withClassLoader(new FilteredClassLoader(HealthIndicator.class))
                .run(context -> assertThat(context).doesNotHaveBean(ScopesHealthContributorAutoConfiguration.class));
    }

    @Test
    void contributor_ownBeanThere_isThatOne() {
        HealthIndicator own = () -> Health.up().build();
        enabled.withBean("scopesHealthIndicator", HealthIndicator.class, () -> own)
                .run(context -> assertThat(
                                context.getBean(HealthContributorRegistry.class).getContributor("scopes"))
                        .isSameAs(own));
    }
}
