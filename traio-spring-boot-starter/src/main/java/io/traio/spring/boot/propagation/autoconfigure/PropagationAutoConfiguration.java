// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.propagation.autoconfigure;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.propagation.MicrometerContextPropagator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.i18n.LocaleContextThreadLocalAccessor;
import org.springframework.util.ClassUtils;

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
    MicrometerContextPropagator micrometerContextPropagator(TraioProperties properties, ConfigurableBeanFactory beans) {
        List<ThreadLocalAccessor<?>> others = new ArrayList<>();
        // First, so that the span which the observation sets on a thread writes its ids over those of the spawner.
        others.add(new Slf4jThreadLocalAccessor());
        others.add(new LocaleContextThreadLocalAccessor());
        if (Web.isPresent(beans.getBeanClassLoader())) {
            Web.addTo(others);
        }
        return new MicrometerContextPropagator(
                ContextRegistry.getInstance(),
                others,
                properties.getPropagation().getExclude());
    }

    /** Not lazy, since no other bean injects it. */
    @Bean
    @Lazy(false)
    @ConditionalOnBooleanProperty(name = "traio.propagation.publish-scope", matchIfMissing = true)
    ScopeAccessorRegistration traioScopeAccessorRegistration() {
        return new ScopeAccessorRegistration();
    }

    /** A class of its own, since Spring MVC may be missing. */
    private static final class Web {

        static boolean isPresent(@Nullable ClassLoader loader) {
            return ClassUtils.isPresent("jakarta.servlet.http.HttpServletRequest", loader)
                    && ClassUtils.isPresent(
                            "org.springframework.web.context.request.RequestAttributesThreadLocalAccessor", loader);
        }

        static void addTo(List<ThreadLocalAccessor<?>> accessors) {
            accessors.add(new RequestAttributesAccessor());
        }
    }
}
