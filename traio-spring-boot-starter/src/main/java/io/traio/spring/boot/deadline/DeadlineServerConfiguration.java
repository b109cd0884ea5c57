// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import io.traio.spring.boot.web.RequestTimeoutResolver;
import java.util.Collections;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.DispatcherServlet;

/** The beans that take the deadline of a request. Comes with the auto-configuration; not to be used by itself. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBooleanProperty(name = "traio.deadline.accept", matchIfMissing = true)
@ConditionalOnBean(name = "traioRequestScopeFilter")
@EnableConfigurationProperties(DeadlineProperties.class)
public final class DeadlineServerConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "traioDeadlineResolver")
    RequestTimeoutResolver traioDeadlineResolver(DeadlineProperties properties) {
        DeadlineHeader header = properties.toHeader();
        return request -> header.parse(Collections.list(request.getHeaders(header.name())));
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(DispatcherServlet.class)
    static final class Mvc {

        @Bean
        @ConditionalOnMissingBean(name = "traioDeadlineProblems", search = SearchStrategy.CURRENT)
        DeadlineProblems traioDeadlineProblems() {
            return new DeadlineProblems();
        }
    }
}
