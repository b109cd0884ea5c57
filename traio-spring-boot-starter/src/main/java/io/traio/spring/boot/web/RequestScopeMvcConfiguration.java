// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** What the scopes of requests have to do with Spring MVC. Comes with the auto-configuration; not to be used by itself. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(DispatcherServlet.class)
public final class RequestScopeMvcConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "traioHandlerEnd", search = SearchStrategy.CURRENT)
    HandlerEnd traioHandlerEnd() {
        return new HandlerEnd();
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    @ConditionalOnMissingBean(name = "traioFunctionalHandlerEnd", search = SearchStrategy.CURRENT)
    static FunctionalHandlerEnd traioFunctionalHandlerEnd() {
        return new FunctionalHandlerEnd();
    }

    @Bean
    @ConditionalOnMissingBean(name = "traioHandlerFailure", search = SearchStrategy.CURRENT)
    HandlerFailure traioHandlerFailure(
            @Qualifier("handlerExceptionResolver") ObjectProvider<HandlerExceptionResolver> resolvers) {
        return new HandlerFailure(resolvers);
    }

    @Bean
    @ConditionalOnMissingBean(name = "traioScopeProblems", search = SearchStrategy.CURRENT)
    ScopeProblems traioScopeProblems() {
        return new ScopeProblems();
    }

    /** First of all before the handler, and so last after it: other interceptors may still spawn. */
    @Bean
    WebMvcConfigurer traioHandlerEndConfigurer(ObjectProvider<HandlerEnd> handlerEnd) {
        return new WebMvcConfigurer() {
            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                handlerEnd.ifAvailable(
                        interceptor -> registry.addInterceptor(interceptor).order(Ordered.HIGHEST_PRECEDENCE));
            }
        };
    }
}
