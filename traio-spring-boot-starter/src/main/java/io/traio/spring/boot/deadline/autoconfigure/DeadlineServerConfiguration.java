// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline.autoconfigure;

import io.traio.spring.boot.deadline.DeadlineHeader;
import io.traio.spring.boot.deadline.DeadlineTrust;
import io.traio.spring.boot.deadline.InvalidDeadlineExceptionHandler;
import io.traio.spring.boot.deadline.Networks;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.request.RequestTimeoutResolver;
import io.traio.spring.boot.request.autoconfigure.RequestScopeAutoConfiguration;
import java.util.Collections;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.DispatcherServlet;

/** Takes the deadline from requests. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBooleanProperty(name = "traio.deadline.accept", matchIfMissing = true)
@ConditionalOnBean(name = RequestScopeAutoConfiguration.FILTER_BEAN_NAME)
final class DeadlineServerConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "traioDeadlineResolver")
    RequestTimeoutResolver traioDeadlineResolver(TraioProperties properties, ObjectProvider<DeadlineTrust> trust) {
        DeadlineHeader header = DeadlineAutoConfiguration.header(properties.getDeadline());
        DeadlineTrust trusted = trust.getIfAvailable(() -> networks(properties.getDeadline()));
        return request ->
                trusted.isTrusted(request) ? header.parse(Collections.list(request.getHeaders(header.name()))) : null;
    }

    private static DeadlineTrust networks(TraioProperties.Deadline properties) {
        Networks networks = TrustedNetworks.of(properties);
        return request -> networks.contain(request.getRemoteAddr());
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(DispatcherServlet.class)
    static final class Mvc {

        @Bean
        @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
        InvalidDeadlineExceptionHandler traioInvalidDeadlineExceptionHandler() {
            return new InvalidDeadlineExceptionHandler();
        }
    }
}
