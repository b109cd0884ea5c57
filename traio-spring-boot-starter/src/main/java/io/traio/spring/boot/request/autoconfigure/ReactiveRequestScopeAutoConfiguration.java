// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request.autoconfigure;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spi.TimeSource;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties.AtEnd;
import io.traio.spring.boot.request.ReactiveRequestTimeoutResolver;
import io.traio.spring.boot.request.RequestScopeFactory;
import io.traio.spring.boot.request.RequestScopeHandlerAdapter;
import io.traio.spring.boot.request.RequestScopeProxy;
import io.traio.spring.boot.request.RequestScopeWebFilter;
import io.traio.spring.boot.request.ScopeWebExceptionHandler;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Lazy;
import org.springframework.web.reactive.HandlerAdapter;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;

/** Auto-configures a scope for each WebFlux request, in Reactor's context, and the answers to failures of scopes. */
@AutoConfiguration(after = ScopeFactoryAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnClass({WebExceptionHandler.class, Mono.class})
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
public final class ReactiveRequestScopeAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    ScopeWebExceptionHandler traioScopeWebExceptionHandler() {
        return new ScopeWebExceptionHandler();
    }

    /** The scope of a request. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HandlerAdapter.class)
    @ConditionalOnSingleCandidate(ScopeFactory.class)
    @ConditionalOnBooleanProperty(name = "traio.request.enabled", matchIfMissing = true)
    @EnableConfigurationProperties(TraioProperties.class)
    @ImportRuntimeHints(RequestScopeAutoConfiguration.ProxyHints.class)
    static final class Requests {

        @Bean
        @ConditionalOnMissingBean
        RequestScopeWebFilter traioRequestScopeWebFilter(
                ScopeFactory factory,
                TraioProperties properties,
                ObjectProvider<ReactiveRequestTimeoutResolver> timeouts,
                ObjectProvider<TimeSource> timeSource) {
            return new RequestScopeWebFilter(new RequestScopeFactory<>(
                    factory,
                    properties.requestTimeout(),
                    properties.getRequest().getAtEnd() == AtEnd.JOIN,
                    timeouts.orderedStream()
                            .<Function<ServerWebExchange, @Nullable Duration>>map(resolver -> resolver::resolve)
                            .toList(),
                    timeSource.getIfAvailable(TimeSource::system)));
        }

        @Bean
        @ConditionalOnMissingBean
        RequestScopeHandlerAdapter traioRequestScopeHandlerAdapter(ObjectProvider<HandlerAdapter> adapters) {
            return new RequestScopeHandlerAdapter(adapters);
        }

        /** Never destroyed: the scope that it stands for ends with its request. */
        @Bean(destroyMethod = "")
        @Lazy
        @ConditionalOnMissingBean(name = "traioRequestScope")
        Scope traioRequestScope() {
            return RequestScopeProxy.ofReactor();
        }
    }
}
