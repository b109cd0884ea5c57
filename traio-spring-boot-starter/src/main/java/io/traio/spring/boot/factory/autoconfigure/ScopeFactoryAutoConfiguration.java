// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory.autoconfigure;

import io.traio.FactoryOptions;
import io.traio.ScopeFactory;
import io.traio.spi.CancellationSignal;
import io.traio.spi.ContextPropagator;
import io.traio.spi.ScopeListener;
import io.traio.spi.TimeSource;
import io.traio.spring.boot.factory.ScopeFactoryCustomizer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/**
 * Auto-configures a {@link ScopeFactory}, which is closed with the application context, and its {@link FactoryOptions}. All
 * {@link ScopeListener}, {@link ContextPropagator} and {@link CancellationSignal} beans are added to these in their order, a
 * {@link TimeSource} bean is used where there is one, and {@link ScopeFactoryCustomizer} beans customize the result. An
 * application that creates the factory itself takes the options and has all this, too.
 *
 * <p>The properties are bound even where traio is disabled: a switch that is neither true nor false fails the start.
 */
@AutoConfiguration
@EnableConfigurationProperties(TraioProperties.class)
public final class ScopeFactoryAutoConfiguration {

    /** The classes that open scopes for the application: not a place where the application has forgotten to close one. */
    private static final String STARTER = "io.traio.spring.boot.";

    @Bean(destroyMethod = "close")
    @ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
    @ConditionalOnMissingBean
    ScopeFactory scopeFactory(FactoryOptions options) {
        return ScopeFactory.create(defaults -> options);
    }

    @Bean
    @ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
    @ConditionalOnMissingBean
    @Lazy
    FactoryOptions scopeFactoryOptions(
            TraioProperties properties,
            ObjectProvider<ScopeListener> listeners,
            ObjectProvider<ContextPropagator> propagators,
            ObjectProvider<CancellationSignal> signals,
            ObjectProvider<TimeSource> timeSource,
            ObjectProvider<ScopeFactoryCustomizer> customizers) {
        FactoryOptions options = FactoryOptions.DEFAULT
                .withDefaults(properties::applyTo)
                .withLeakDetection(properties.getLeakDetection())
                .withIntegrationPackage(STARTER);
        TimeSource time = timeSource.getIfAvailable();
        if (time != null) {
            options = options.withTimeSource(time);
        }
        for (ScopeListener listener : listeners.orderedStream().toList()) {
            options = options.withListener(listener);
        }
        for (ContextPropagator propagator : propagators.orderedStream().toList()) {
            options = options.withPropagator(propagator);
        }
        for (CancellationSignal signal : signals.orderedStream().toList()) {
            options = options.withCancellationSignal(signal);
        }
        for (ScopeFactoryCustomizer customizer : customizers.orderedStream().toList()) {
            options = customizer.customize(options);
        }
        return options;
    }
}
