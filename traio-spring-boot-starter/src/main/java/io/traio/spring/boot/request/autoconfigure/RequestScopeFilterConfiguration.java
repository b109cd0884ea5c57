// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request.autoconfigure;

import io.traio.ScopeFactory;
import io.traio.spi.TimeSource;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties.AtEnd;
import io.traio.spring.boot.request.FailureResponder;
import io.traio.spring.boot.request.RequestScopeFactory;
import io.traio.spring.boot.request.RequestScopeFilter;
import io.traio.spring.boot.request.RequestTimeoutResolver;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.servlet.filter.OrderedFilter;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The filter, which each context with a web server of its own needs. */
@Configuration(proxyBeanMethods = false)
class RequestScopeFilterConfiguration {

    /** After the filter that binds the request to its thread, and so before that unbinds it; before Spring Security. */
    static final int FILTER_ORDER = OrderedFilter.REQUEST_WRAPPER_FILTER_MAX_ORDER - 104;

    @Bean(RequestScopeAutoConfiguration.FILTER_BEAN_NAME)
    @ConditionalOnMissingBean(name = RequestScopeAutoConfiguration.FILTER_BEAN_NAME, search = SearchStrategy.CURRENT)
    FilterRegistrationBean<? extends Filter> traioRequestScopeFilter(
            ScopeFactory factory,
            TraioProperties properties,
            ObjectProvider<RequestTimeoutResolver> timeouts,
            ObjectProvider<TimeSource> timeSource,
            ObjectProvider<FailureResponder> responder) {
        List<Function<HttpServletRequest, @Nullable Duration>> resolvers = new ArrayList<>();
        for (RequestTimeoutResolver resolver : timeouts.orderedStream().toList()) {
            resolvers.add(resolver::resolve);
        }
        RequestScopeFactory<HttpServletRequest> scopes = new RequestScopeFactory<>(
                factory,
                properties.requestTimeout(),
                properties.getRequest().getAtEnd() == AtEnd.JOIN,
                resolvers,
                timeSource.getIfAvailable(TimeSource::system));
        FilterRegistrationBean<RequestScopeFilter> registration =
                new FilterRegistrationBean<>(new RequestScopeFilter(scopes, responder));
        registration.setDispatcherTypes(EnumSet.allOf(DispatcherType.class));
        registration.setOrder(FILTER_ORDER);
        return registration;
    }
}
