// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc.autoconfigure;

import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.jdbc.StatementCancellationPostProcessor;
import net.ttddyy.dsproxy.support.ProxyDataSource;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

/** Auto-configures the cancellation of JDBC statements with their scope, where datasource-proxy is on the class path. */
@AutoConfiguration
@ConditionalOnClass(ProxyDataSource.class)
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "traio.jdbc.enabled", matchIfMissing = true)
public final class StatementCancellationAutoConfiguration {

    /** Bound here: a post-processor comes before the bean of the properties. */
    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    static StatementCancellationPostProcessor statementCancellationPostProcessor(Environment environment) {
        TraioProperties.Jdbc jdbc = Binder.get(environment).bindOrCreate("traio.jdbc", TraioProperties.Jdbc.class);
        if (jdbc.getMinRemaining().isNegative()) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.jdbc.min-remaining", jdbc.getMinRemaining(), "It must not be negative.");
        }
        if (jdbc.getInterruptAfter().isNegative() || jdbc.getInterruptAfter().isZero()) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.jdbc.interrupt-after", jdbc.getInterruptAfter(), "It must be longer than zero.");
        }
        return new StatementCancellationPostProcessor(
                jdbc.getMinRemaining(), jdbc.getInterruptAfter(), jdbc.getExcludedBeans());
    }
}
