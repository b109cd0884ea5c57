// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request.autoconfigure;

import io.traio.spring.boot.request.FailureResponder;
import io.traio.spring.boot.request.MvcFailureResponder;
import io.traio.spring.boot.request.RequestScopeExceptionResolver;
import io.traio.spring.boot.request.RequestScopeMvcConfigurer;
import io.traio.spring.boot.request.RequestScopeResponseBodyAdvice;
import io.traio.spring.boot.request.RouterFunctionPostProcessor;
import io.traio.spring.boot.request.ScopeExceptionHandler;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** The parts of the request scope that only Spring MVC needs. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(DispatcherServlet.class)
final class RequestScopeMvcConfiguration {

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    RequestScopeMvcConfigurer traioRequestScopeMvcConfigurer() {
        return new RequestScopeMvcConfigurer();
    }

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    RequestScopeResponseBodyAdvice traioRequestScopeResponseBodyAdvice() {
        return new RequestScopeResponseBodyAdvice();
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    static RouterFunctionPostProcessor traioRouterFunctionPostProcessor() {
        return new RouterFunctionPostProcessor();
    }

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    RequestScopeExceptionResolver traioRequestScopeExceptionResolver(
            ObjectProvider<HandlerExceptionResolver> resolvers) {
        return new RequestScopeExceptionResolver(resolvers);
    }

    @Bean
    @Lazy
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    FailureResponder traioFailureResponder(ObjectProvider<HandlerExceptionResolver> resolvers) {
        return new MvcFailureResponder(resolvers);
    }

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    ScopeExceptionHandler traioScopeExceptionHandler(Environment environment) {
        return new ScopeExceptionHandler(
                environment.getProperty("spring.mvc.problemdetails.enabled", Boolean.class, false));
    }
}
