// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline.autoconfigure;

import io.traio.spring.boot.deadline.DeadlineHeader;
import io.traio.spring.boot.deadline.Networks;
import io.traio.spring.boot.deadline.ReactiveDeadlineTrust;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.request.ReactiveRequestTimeoutResolver;
import io.traio.spring.boot.request.RequestScopeWebFilter;
import java.net.InetSocketAddress;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** Takes the deadline from WebFlux requests. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnBooleanProperty(name = "traio.deadline.accept", matchIfMissing = true)
@ConditionalOnBean(RequestScopeWebFilter.class)
final class ReactiveDeadlineServerConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "traioReactiveDeadlineResolver")
    ReactiveRequestTimeoutResolver traioReactiveDeadlineResolver(
            TraioProperties properties, ObjectProvider<ReactiveDeadlineTrust> trust) {
        DeadlineHeader header = DeadlineAutoConfiguration.header(properties.getDeadline());
        ReactiveDeadlineTrust trusted = trust.getIfAvailable(() -> networks(properties.getDeadline()));
        return exchange -> {
            ServerHttpRequest request = exchange.getRequest();
            return trusted.isTrusted(request)
                    ? header.parse(request.getHeaders().getValuesAsList(header.name()))
                    : null;
        };
    }

    private static ReactiveDeadlineTrust networks(TraioProperties.Deadline properties) {
        Networks networks = TrustedNetworks.of(properties);
        return request -> {
            InetSocketAddress address = request.getRemoteAddress();
            return address != null
                    && address.getAddress() != null
                    && networks.contain(address.getAddress().getHostAddress());
        };
    }
}
