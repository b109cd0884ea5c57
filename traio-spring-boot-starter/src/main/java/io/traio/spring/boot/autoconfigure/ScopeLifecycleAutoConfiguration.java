// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.traio.ScopeFactory;
import io.traio.spring.boot.lifecycle.ScopeFactoryLifecycle;
import java.time.Duration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Auto-configures a {@link ScopeFactoryLifecycle} for the {@link ScopeFactory} beans of the application context. */
@AutoConfiguration(after = TraioAutoConfiguration.class)
@ConditionalOnBean(value = ScopeFactory.class, search = SearchStrategy.CURRENT)
@ConditionalOnBooleanProperty(
        name = {"traio.enabled", "traio.lifecycle.enabled"},
        matchIfMissing = true)
@EnableConfigurationProperties({ScopeLifecycleProperties.class, TraioProperties.class, LifecycleProperties.class})
public final class ScopeLifecycleAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    ScopeFactoryLifecycle scopeFactoryLifecycle(
            ConfigurableApplicationContext context,
            ScopeLifecycleProperties properties,
            TraioProperties traio,
            LifecycleProperties lifecycle) {
        Duration within = ScopeLifecycleProperties.withinPhase(lifecycle.getTimeoutPerShutdownPhase());
        return new ScopeFactoryLifecycle(
                context.getBeansOfType(ScopeFactory.class).values(),
                within,
                properties.checkedDrainTimeout(within, traio.getCancelTimeout()),
                context::isClosed);
    }
}
