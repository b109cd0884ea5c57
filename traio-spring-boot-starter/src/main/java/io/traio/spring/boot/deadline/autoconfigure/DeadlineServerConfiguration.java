// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline.autoconfigure;

import io.traio.spring.boot.deadline.DeadlineHeader;
import io.traio.spring.boot.deadline.InvalidDeadlineExceptionHandler;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.request.RequestTimeoutResolver;
import io.traio.spring.boot.request.autoconfigure.RequestScopeAutoConfiguration;
import java.util.Collections;
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
    RequestTimeoutResolver traioDeadlineResolver(TraioProperties properties) {
        DeadlineHeader header = DeadlineAutoConfiguration.header(properties.deadline());
        return request -> header.parse(Collections.list(request.getHeaders(header.name())));
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(DispatcherServlet.class)
    static final class Mvc {

        @Bean
        @ConditionalOnMissingBean(name = "traioInvalidDeadlineExceptionHandler", search = SearchStrategy.CURRENT)
        InvalidDeadlineExceptionHandler traioInvalidDeadlineExceptionHandler() {
            return new InvalidDeadlineExceptionHandler();
        }
    }
}
