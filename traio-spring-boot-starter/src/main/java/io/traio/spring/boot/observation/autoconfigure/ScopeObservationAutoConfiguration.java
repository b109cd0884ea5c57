// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation.autoconfigure;

import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.observation.ScopeObservationConvention;
import io.traio.spring.boot.observation.ScopeObservations;
import io.traio.spring.boot.observation.TaskObservationConvention;
import io.traio.spring.boot.observation.UnmeteredObservationHandler;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configures {@link ScopeObservations} where there is an {@link ObservationRegistry}, or a primary one among several.
 * {@link ScopeObservationConvention} and {@link TaskObservationConvention} beans replace the default conventions.
 *
 * <p>Unless {@code traio.observation.enabled} is set or tasks are observed, scopes are observed only where a handler is
 * interested: not if the registry is that of Spring Boot, no bean customizes it, and all
 * {@link io.micrometer.observation.ObservationHandler} beans make meters. Handlers that are added to the registry in another
 * way are not detected.
 */
@AutoConfiguration(
        after = ScopeFactoryAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnSingleCandidate(ObservationRegistry.class)
@ConditionalOnBooleanProperty(
        name = {"traio.enabled", "traio.observation.enabled"},
        matchIfMissing = true)
@EnableConfigurationProperties(TraioProperties.class)
public final class ScopeObservationAutoConfiguration {

    /** Last of the propagators, so that the observation of a task is set after that of its spawner. */
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    @ConditionalOnMissingBean
    ScopeObservations scopeObservations(
            TraioProperties properties,
            ObjectProvider<ScopeObservationConvention> scopeConvention,
            ObjectProvider<TaskObservationConvention> taskConvention) {
        return new ScopeObservations(
                properties.getObservation().isTasks(),
                scopeConvention.getIfAvailable(),
                taskConvention.getIfAvailable());
    }

    /** Binds late: the beans that a registry needs may need scopes, which need their listeners. */
    @Bean
    SmartInitializingSingleton scopeObservationsBinding(
            ScopeObservations observations,
            TraioProperties properties,
            ObjectProvider<ObservationRegistry> registry,
            ConfigurableListableBeanFactory beans) {
        return () -> {
            boolean requested = properties.getObservation().getEnabled() != null
                    || properties.getObservation().isTasks();
            if (requested || ObservationInterest.existsIn(beans)) {
                observations.bindTo(registry.getObject());
            }
        };
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterObservationHandler.class)
    static class Unmetered {

        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE)
        @ConditionalOnMissingBean
        UnmeteredObservationHandler unmeteredObservationHandler() {
            return new UnmeteredObservationHandler();
        }
    }
}
