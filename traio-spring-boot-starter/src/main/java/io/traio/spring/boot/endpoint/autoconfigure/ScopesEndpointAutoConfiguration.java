// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint.autoconfigure;

import io.micrometer.observation.ObservationRegistry;
import io.traio.ScopeFactory;
import io.traio.spi.TimeSource;
import io.traio.spring.boot.endpoint.HttpAttributes;
import io.traio.spring.boot.endpoint.ReactiveHttpAttributes;
import io.traio.spring.boot.endpoint.ReactiveScopesEndpointWebExtension;
import io.traio.spring.boot.endpoint.RecentScopes;
import io.traio.spring.boot.endpoint.RootAttributes;
import io.traio.spring.boot.endpoint.ScheduledAttributes;
import io.traio.spring.boot.endpoint.ScopeAttributesContributor;
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
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.scheduling.support.ScheduledTaskObservationContext;
import org.springframework.web.filter.reactive.ServerWebExchangeContextFilter;
import org.springframework.web.servlet.HandlerMapping;

/** Auto-configures the endpoint {@code scopes}, which shows the scopes of all {@link ScopeFactory} beans. */
@AutoConfiguration(
        after = ScopeFactoryAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
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
            ObjectProvider<RecentScopes> recent,
            RootAttributes attributes) {
        return new ScopesEndpoint(
                factories.orderedStream().toList(), properties.getShowStacks(), recent.getIfAvailable(), attributes);
    }

    /** After the memory, which asks it for the attributes of scopes that have just ended. */
    @Bean
    @ConditionalOnMissingBean
    @Order
    RootAttributes rootAttributes(
            ScopesEndpointProperties properties, ObjectProvider<ScopeAttributesContributor> contributors) {
        return new RootAttributes(contributors.orderedStream().toList(), properties.getShowValues());
    }

    @Bean
    @ConditionalOnMissingBean
    @Order(Ordered.LOWEST_PRECEDENCE - 1)
    @ConditionalOnBooleanProperty(name = "management.endpoint.scopes.recent.enabled", matchIfMissing = true)
    RecentScopes recentScopes(
            ScopesEndpointProperties properties,
            ObjectProvider<TimeSource> timeSource,
            ObjectProvider<ScopeFactory> factories,
            RootAttributes attributes) {
        return new RecentScopes(
                properties.getRecent().getSlowThreshold(),
                timeSource.getIfAvailable(TimeSource::system),
                () -> factories.orderedStream().toList(),
                attributes);
    }

    private static boolean isCancellable(ObjectProvider<EndpointAccessResolver> access) {
        return access.stream()
                .anyMatch(resolver ->
                        resolver.accessFor(EndpointId.of("scopes"), Access.READ_ONLY) == Access.UNRESTRICTED);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ObservationRegistry.class, ScheduledTaskObservationContext.class})
    @ConditionalOnBean(ObservationRegistry.class)
    static class Scheduled {

        /** Before those of the application, which may say more. */
        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE)
        ScheduledAttributes scheduledAttributes(ObservationRegistry registry) {
            return new ScheduledAttributes(registry);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.SERVLET)
    @ConditionalOnClass(HandlerMapping.class)
    static class Http {

        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE)
        HttpAttributes httpAttributes() {
            return new HttpAttributes();
        }
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
                    endpoint,
                    properties.getShowStacks(),
                    properties.getRoles(),
                    isCancellable(access),
                    properties.getTraceLink());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.REACTIVE)
    @ConditionalOnAvailableEndpoint(endpoint = ScopesEndpoint.class, exposure = EndpointExposure.WEB)
    static class Reactive {

        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE)
        ReactiveHttpAttributes reactiveHttpAttributes() {
            return new ReactiveHttpAttributes();
        }

        @Bean
        @ConditionalOnMissingBean
        ReactiveScopesEndpointWebExtension reactiveScopesEndpointWebExtension(
                ScopesEndpoint endpoint,
                ScopesEndpointProperties properties,
                ObjectProvider<EndpointAccessResolver> access) {
            return new ReactiveScopesEndpointWebExtension(
                    endpoint,
                    properties.getShowStacks(),
                    properties.getRoles(),
                    isCancellable(access),
                    properties.getTraceLink());
        }

        /** Provides the request to the live page: operations of endpoints have no access to it. */
        @Bean
        @ConditionalOnMissingBean
        ServerWebExchangeContextFilter serverWebExchangeContextFilter() {
            return new ServerWebExchangeContextFilter();
        }
    }
}
