// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope.autoconfigure;

import io.traio.ScopeFactory;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.inscope.InScopePostProcessor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

/** Auto-configures the annotation {@link io.traio.spring.boot.inscope.InScope @InScope}. */
@AutoConfiguration(after = ScopeFactoryAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "traio.in-scope.enabled", matchIfMissing = true)
public final class InScopeAutoConfiguration {

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    static InScopePostProcessor inScopePostProcessor(ObjectProvider<ScopeFactory> scopes, Environment environment) {
        InScopePostProcessor processor = new InScopePostProcessor(scopes::getObject);
        processor.setProxyTargetClass(environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
        return processor;
    }
}
