// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint.autoconfigure;

import io.traio.ScopeFactory;
import io.traio.spi.TimeSource;
import io.traio.spring.boot.endpoint.ReactiveScopesEndpointWebExtension;
import io.traio.spring.boot.endpoint.RecentScopes;
import io.traio.spring.boot.endpoint.ScopesEndpoint;
import io.traio.spring.boot.endpoint.ScopesEndpointWebExtension;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.EndpointAccessResolver;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.filter.reactive.ServerWebExchangeContextFilter;

/** Auto-configures the endpoint {@code scopes}, which shows the scopes of all {@link ScopeFactory} beans. */
@AutoConfiguration(after = ScopeFactoryAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(ScopesEndpoint.class)
@ConditionalOnBean(ScopeFactory.class)
@EnableConfigurationProperties(ScopesEndpointProperties.class)
public final class ScopesEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    ScopesEndpoint scopesEndpoint(
            ObjectProvider<ScopeFactory> factories,
            ScopesEndpointProperties properties,
            ObjectProvider<RecentScopes> recent) {
        return new ScopesEndpoint(
                factories.orderedStream().toList(), properties.getShowStacks(), recent.getIfAvailable());
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBooleanProperty(name = "management.endpoint.scopes.recent.enabled", matchIfMissing = true)
    RecentScopes recentScopes(
            ScopesEndpointProperties properties,
            ObjectProvider<TimeSource> timeSource,
            ObjectProvider<ScopeFactory> factories) {
        return new RecentScopes(
                properties.getRecent().getSlowThreshold(),
                timeSource.getIfAvailable(TimeSource::system),
                () -> factories.orderedStream().toList());
    }

    private static boolean isCancellable(ObjectProvider<EndpointAccessResolver> access) {
        return access.stream()
                .anyMatch(resolver ->
                        resolver.accessFor(EndpointId.of("scopes"), Access.READ_ONLY) == Access.UNRESTRICTED);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.SERVLET)
    @ConditionalOnAvailableEndpoint(endpoint = ScopesEndpoint.class, exposure = EndpointExposure.WEB)
    static class Servlet {

        @Bean
        @ConditionalOnMissingBean
        ScopesEndpointWebExtension scopesEndpointWebExtension(
                ScopesEndpoint endpoint,
                ScopesEndpointProperties properties,
                ObjectProvider<EndpointAccessResolver> access) {
            return new ScopesEndpointWebExtension(
                    endpoint, properties.getShowStacks(), properties.getRoles(), isCancellable(access));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.REACTIVE)
    @ConditionalOnAvailableEndpoint(endpoint = ScopesEndpoint.class, exposure = EndpointExposure.WEB)
    static class Reactive {

        @Bean
        @ConditionalOnMissingBean
        ReactiveScopesEndpointWebExtension reactiveScopesEndpointWebExtension(
                ScopesEndpoint endpoint,
                ScopesEndpointProperties properties,
                ObjectProvider<EndpointAccessResolver> access) {
            return new ReactiveScopesEndpointWebExtension(
                    endpoint, properties.getShowStacks(), properties.getRoles(), isCancellable(access));
        }

        /** Provides the request to the live page: operations of endpoints have no access to it. */
        @Bean
        @ConditionalOnMissingBean
        ServerWebExchangeContextFilter serverWebExchangeContextFilter() {
            return new ServerWebExchangeContextFilter();
        }
    }
}
