// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.health.autoconfigure;

import io.traio.ScopeFactory;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.health.ScopesHealthIndicator;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configures the health contributor {@code scopes}, which is down while stragglers exist. Disabled by default: where
 * health decides about traffic, one task that ignores interrupts would take the application out of service.
 */
@AutoConfiguration(after = ScopeFactoryAutoConfiguration.class)
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnBooleanProperty("management.health.scopes.enabled")
@ConditionalOnBean(ScopeFactory.class)
public final class ScopesHealthContributorAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = {"scopesHealthIndicator", "scopesHealthContributor"})
    ScopesHealthIndicator scopesHealthContributor(ObjectProvider<ScopeFactory> factories) {
        return new ScopesHealthIndicator(factories.orderedStream().toList());
    }
}
