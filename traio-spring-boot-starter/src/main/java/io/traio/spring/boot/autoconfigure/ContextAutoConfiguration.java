// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.traio.spring.boot.context.MicrometerContextPropagator;
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
 * Auto-configures the way of context into tasks by Micrometer context-propagation, and that of the current scope to
 * Reactor and other executors. Locale and request attributes, which Spring has accessors for but does not register, travel
 * into tasks too, and nowhere else.
 */
@AutoConfiguration(before = TraioAutoConfiguration.class)
@ConditionalOnClass(ContextRegistry.class)
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
@EnableConfigurationProperties(ContextProperties.class)
public final class ContextAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBooleanProperty(name = "traio.context.enabled", matchIfMissing = true)
    MicrometerContextPropagator micrometerContextPropagator(
            ContextProperties properties, ObjectProvider<SpringAccessor> springAccessors) {
        List<ThreadLocalAccessor<?>> others = new ArrayList<>();
        springAccessors.orderedStream().map(SpringAccessor::accessor).forEach(others::add);
        return new MicrometerContextPropagator(ContextRegistry.getInstance(), others, properties.getExclude());
    }

    @Bean
    SpringAccessor traioLocaleAccessor() {
        return new SpringAccessor(new LocaleContextThreadLocalAccessor());
    }

    /** Nobody asks for it, also where beans are made on first use. */
    @Bean
    @Lazy(false)
    @ConditionalOnBooleanProperty(name = "traio.context.publish-scope", matchIfMissing = true)
    ScopeAccessorRegistration traioScopeAccessorRegistration() {
        return new ScopeAccessorRegistration();
    }

    /** What Spring MVC has. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HttpServletRequest.class, RequestAttributesThreadLocalAccessor.class})
    static class WebConfiguration {

        @Bean
        SpringAccessor traioRequestAttributesAccessor() {
            return new SpringAccessor(new RequestAttributesThreadLocalAccessor());
        }
    }

    /**
     * An accessor of Spring's that nobody registers.
     *
     * @param accessor the accessor
     */
    record SpringAccessor(ThreadLocalAccessor<?> accessor) {}
}
