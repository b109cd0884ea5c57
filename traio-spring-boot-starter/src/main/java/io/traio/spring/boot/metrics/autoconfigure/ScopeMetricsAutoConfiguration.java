// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics.autoconfigure;

import io.micrometer.core.instrument.MeterRegistry;
import io.traio.Limiter;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.metrics.LimiterMetrics;
import io.traio.spring.boot.metrics.ScopeMetrics;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configures {@link ScopeMetrics}, which count and time scopes and tasks, and {@link LimiterMetrics} of the {@link
 * Limiter} beans, where there is a {@link MeterRegistry}.
 * Spring Boot binds them to its composite where there is one, and else to each registry.
 */
@AutoConfiguration(
        after = ScopeFactoryAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass({MeterRegistry.class, MetricsAutoConfiguration.class})
@ConditionalOnBean(MeterRegistry.class)
@ConditionalOnBooleanProperty(
        name = {"traio.enabled", "traio.metrics.enabled"},
        matchIfMissing = true)
@EnableConfigurationProperties(TraioProperties.class)
public final class ScopeMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    ScopeMetrics scopeMetrics(TraioProperties properties) {
        int maxNames = properties.getMetrics().getMaxNames();
        if (maxNames < 0) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.metrics.max-names", maxNames, "It must not be negative.");
        }
        return new ScopeMetrics(maxNames);
    }

    @Bean
    @ConditionalOnMissingBean
    LimiterMetrics limiterMetrics(ObjectProvider<Limiter> limiters) {
        return new LimiterMetrics(limiters.orderedStream().toList());
    }
}
