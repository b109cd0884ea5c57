// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.grpc.autoconfigure;

import io.grpc.Context;
import io.grpc.StatusException;
import io.traio.ScopeFactory;
import io.traio.spi.TimeSource;
import io.traio.spring.boot.endpoint.ScopeAttributesContributor;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.grpc.CallScopeFactory;
import io.traio.spring.boot.grpc.GrpcAttributes;
import io.traio.spring.boot.grpc.GrpcContextPropagator;
import io.traio.spring.boot.grpc.ScopeClientInterceptor;
import io.traio.spring.boot.grpc.ScopeServerInterceptor;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.client.GlobalClientInterceptor;
import org.springframework.grpc.server.GlobalServerInterceptor;
import org.springframework.grpc.server.exception.GrpcExceptionHandler;

/**
 * Auto-configures gRPC where Spring gRPC is on the class path: calls of the server have scopes, calls of clients end with their
 * scope, and {@link Context} travels into tasks.
 */
@AutoConfiguration(before = ScopeFactoryAutoConfiguration.class)
@ConditionalOnClass({Context.class, GlobalServerInterceptor.class})
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "traio.grpc.enabled", matchIfMissing = true)
@EnableConfigurationProperties(TraioProperties.class)
public final class GrpcScopeAutoConfiguration {

    /**
     * After those of Spring, which observe, authenticate and set deadlines; before those of the application without an order.
     */
    private static final int ORDER = Ordered.LOWEST_PRECEDENCE - 1000;

    @Bean
    @ConditionalOnMissingBean
    GrpcContextPropagator grpcContextPropagator() {
        return new GrpcContextPropagator();
    }

    @Bean
    @Order(ORDER)
    @GlobalServerInterceptor
    @ConditionalOnMissingBean
    ScopeServerInterceptor traioScopeServerInterceptor(
            ScopeFactory factory,
            TraioProperties properties,
            ObjectProvider<TimeSource> timeSource,
            ObjectProvider<GrpcExceptionHandler> handlers) {
        CallScopeFactory scopes = new CallScopeFactory(
                factory,
                properties.grpcTimeout(),
                properties.getGrpc().getAtEnd() == TraioProperties.AtEnd.JOIN,
                timeSource.getIfAvailable(TimeSource::system));
        return new ScopeServerInterceptor(scopes, failure -> answer(handlers, failure));
    }

    private static @Nullable StatusException answer(ObjectProvider<GrpcExceptionHandler> handlers, Throwable failure) {
        return handlers.orderedStream()
                .map(handler -> handler.handleException(failure))
                .filter(answer -> answer != null)
                .findFirst()
                .orElse(null);
    }

    @Bean
    @Order(ORDER)
    @GlobalClientInterceptor
    @ConditionalOnMissingBean
    ScopeClientInterceptor traioScopeClientInterceptor() {
        return new ScopeClientInterceptor();
    }

    /** A class of its own, since Actuator may be missing. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Show.class)
    static class Attributes {

        /** Before those of the application, which may say more. */
        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE)
        ScopeAttributesContributor grpcAttributes() {
            return new GrpcAttributes();
        }
    }
}
