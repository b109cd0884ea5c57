// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spi.TimeSource;
import jakarta.servlet.Filter;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.servlet.filter.OrderedFilter;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Primary;

/** The beans that give each servlet request a scope. Comes with the auto-configuration; not to be used by itself. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RequestScopeProperties.class)
@ImportRuntimeHints(RequestScopeConfiguration.Hints.class)
public final class RequestScopeConfiguration {

    /** After the filter that tells Spring of the request, and so before that one forgets it; before Spring Security. */
    static final int FILTER_ORDER = OrderedFilter.REQUEST_WRAPPER_FILTER_MAX_ORDER - 104;

    @Bean
    @ConditionalOnMissingBean(name = "traioRequestScopeFilter", search = SearchStrategy.CURRENT)
    FilterRegistrationBean<? extends Filter> traioRequestScopeFilter(
            ScopeFactory factory,
            RequestScopeProperties properties,
            ObjectProvider<RequestTimeoutResolver> timeouts,
            ObjectProvider<TimeSource> timeSource,
            ObjectProvider<FailureResponder> responder) {
        RequestScopes scopes = new RequestScopes(
                factory, properties, timeouts.orderedStream().toList(), timeSource.getIfAvailable(TimeSource::system));
        FilterRegistrationBean<RequestScopeFilter> registration =
                new FilterRegistrationBean<>(new RequestScopeFilter(scopes, responder));
        registration.setOrder(FILTER_ORDER);
        return registration;
    }

    /**
     * Injected where a {@link Scope} is wanted, whatever other scopes are beans: those are asked for by their type or a
     * qualifier. Never destroyed: what it stands for is ended with its request.
     */
    @Bean(destroyMethod = "")
    @Primary
    @ConditionalOnMissingBean(name = "traioRequestScope")
    Scope traioRequestScope() {
        return CurrentRequestScope.proxy();
    }

    /** The injected scope is a proxy. */
    static final class Hints implements RuntimeHintsRegistrar {

        @Override
        public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
            hints.proxies().registerJdkProxy(Scope.class);
        }
    }
}
