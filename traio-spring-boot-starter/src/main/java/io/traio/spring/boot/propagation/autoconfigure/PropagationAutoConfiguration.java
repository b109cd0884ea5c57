// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.propagation.autoconfigure;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.propagation.MicrometerContextPropagator;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.i18n.LocaleContextThreadLocalAccessor;
import org.springframework.web.context.request.RequestAttributesThreadLocalAccessor;

/**
 * Auto-configures the propagation of context to tasks by Micrometer context-propagation, and of the current scope to
 * Reactor and other executors. The MDC of SLF4J, the locale and request attributes, which have accessors that nothing
 * registers, are propagated to tasks, and nowhere else.
 */
@AutoConfiguration(before = ScopeFactoryAutoConfiguration.class)
@ConditionalOnClass(ContextRegistry.class)
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
@EnableConfigurationProperties(TraioProperties.class)
public final class PropagationAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBooleanProperty(name = "traio.propagation.enabled", matchIfMissing = true)
    MicrometerContextPropagator micrometerContextPropagator(
            TraioProperties properties, ObjectProvider<SpringAccessor> springAccessors) {
        List<ThreadLocalAccessor<?>> others = new ArrayList<>();
        // First, so that the span which the observation sets on a thread writes its ids over those of the spawner.
        others.add(new Slf4jThreadLocalAccessor());
        others.add(new LocaleContextThreadLocalAccessor());
        springAccessors.orderedStream().map(SpringAccessor::accessor).forEach(others::add);
        return new MicrometerContextPropagator(
                ContextRegistry.getInstance(), others, properties.propagation().exclude());
    }

    /** Not lazy, since no other bean injects it. */
    @Bean
    @Lazy(false)
    @ConditionalOnBooleanProperty(name = "traio.propagation.publish-scope", matchIfMissing = true)
    ScopeAccessorRegistration traioScopeAccessorRegistration() {
        return new ScopeAccessorRegistration();
    }

    /** The accessor of Spring MVC. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HttpServletRequest.class, RequestAttributesThreadLocalAccessor.class})
    static class WebConfiguration {

        @Bean
        SpringAccessor traioRequestAttributesAccessor() {
            return new SpringAccessor(new RequestAttributesAccessor());
        }
    }

    /**
     * An accessor of Spring that Spring does not register.
     *
     * @param accessor the accessor
     */
    record SpringAccessor(ThreadLocalAccessor<?> accessor) {}
}
