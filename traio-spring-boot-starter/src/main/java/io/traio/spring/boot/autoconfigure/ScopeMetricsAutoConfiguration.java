// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.micrometer.core.instrument.MeterRegistry;
import io.traio.spring.boot.metrics.ScopeMetrics;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configures {@link ScopeMetrics}, which count and time scopes and tasks where there is a {@link MeterRegistry}. Of
 * several the primary one is meant, as the composite is that Spring Boot makes of them; where none is primary nothing is
 * counted, and the condition report says so.
 */
@AutoConfiguration(
        after = TraioAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnSingleCandidate(MeterRegistry.class)
@ConditionalOnBooleanProperty(
        name = {"traio.enabled", "traio.metrics.enabled"},
        matchIfMissing = true)
@EnableConfigurationProperties(ScopeMetricsProperties.class)
public final class ScopeMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    ScopeMetrics scopeMetrics(ScopeMetricsProperties properties) {
        return new ScopeMetrics(properties.checkedMaxNames());
    }

    /** Binds late: what makes a registry may need scopes, which need their listeners. */
    @Bean
    SmartInitializingSingleton scopeMetricsBinding(ScopeMetrics metrics, ObjectProvider<MeterRegistry> registry) {
        return () -> metrics.bindTo(registry.getObject());
    }
}
