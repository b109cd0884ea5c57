// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.lifecycle.autoconfigure;

import io.traio.ScopeFactory;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.lifecycle.ScopeFactoryLifecycle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Auto-configures a {@link ScopeFactoryLifecycle} for the {@link ScopeFactory} beans of the application context. */
@AutoConfiguration(after = ScopeFactoryAutoConfiguration.class)
@ConditionalOnBean(value = ScopeFactory.class, search = SearchStrategy.CURRENT)
@ConditionalOnBooleanProperty(
        name = {"traio.enabled", "traio.lifecycle.enabled"},
        matchIfMissing = true)
@EnableConfigurationProperties({TraioProperties.class, LifecycleProperties.class})
public final class ScopeLifecycleAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    ScopeFactoryLifecycle scopeFactoryLifecycle(
            ConfigurableApplicationContext context, TraioProperties properties, LifecycleProperties lifecycle) {
        Duration within = withinPhase(lifecycle.getTimeoutPerShutdownPhase());
        return new ScopeFactoryLifecycle(
                context.getBeansOfType(ScopeFactory.class).values(),
                within,
                drainTimeout(properties.getLifecycle().getDrainTimeout(), within),
                context::isClosed);
    }

    /** Keeps back some of the phase's timeout, so that all is done before Spring gives the phase up. */
    static Duration withinPhase(Duration phaseTimeout) {
        Duration spare = fraction(phaseTimeout, 10);
        Duration most = Duration.ofMillis(500);
        return phaseTimeout.minus(spare.compareTo(most) < 0 ? spare : most);
    }

    static Duration drainTimeout(@Nullable Duration configured, Duration within) {
        if (configured == null) {
            return fraction(within, 3);
        }
        if (configured.isNegative()) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.lifecycle.drain-timeout", configured, "It must not be negative.");
        }
        return configured.compareTo(within) < 0 ? configured : within;
    }

    /** Divides milliseconds: Duration would divide by BigDecimal, whose tables take 10 ms of a start. */
    private static Duration fraction(Duration whole, int parts) {
        return Duration.ofMillis(whole.toMillis() / parts);
    }
}
