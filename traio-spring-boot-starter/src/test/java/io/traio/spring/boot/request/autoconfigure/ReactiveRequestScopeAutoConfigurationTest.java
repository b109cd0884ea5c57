// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spi.TimeSource;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.request.RequestScopeFactory;
import io.traio.spring.boot.request.RequestScopeHandlerAdapter;
import io.traio.spring.boot.request.RequestScopeWebFilter;
import io.traio.spring.boot.request.ScopeWebExceptionHandler;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.HandlerAdapter;

class ReactiveRequestScopeAutoConfigurationTest {

    private static final AutoConfigurations AUTO = AutoConfigurations.of(
            ScopeFactoryAutoConfiguration.class,
            RequestScopeAutoConfiguration.class,
            ReactiveRequestScopeAutoConfiguration.class);

    private final ReactiveWebApplicationContextRunner runner =
            new ReactiveWebApplicationContextRunner().withConfiguration(AUTO);

    @Test
    void requestScope_byDefault_isThere() {
        runner.run(context -> assertThat(context)
                .hasSingleBean(RequestScopeWebFilter.class)
                .hasSingleBean(RequestScopeHandlerAdapter.class)
                .hasSingleBean(ScopeWebExceptionHandler.class)
                .hasBean("traioRequestScope")
                .doesNotHaveBean("traioRequestScopeFilter"));
    }

    @Test
    void requestScope_inAServletApplication_isNotThere() {
        new WebApplicationContextRunner()
                .withConfiguration(AUTO)
                .run(context -> assertThat(context)
                        .doesNotHaveBean(RequestScopeWebFilter.class)
                        .doesNotHaveBean(RequestScopeHandlerAdapter.class));
    }

    @Test
    void requestScope_switchedOff_leavesTheStatuses() {
        runner.withPropertyValues("traio.request.enabled=false")
                .run(context -> assertThat(context)
                        .doesNotHaveBean(RequestScopeWebFilter.class)
                        .doesNotHaveBean(Scope.class)
                        .hasSingleBean(ScopeWebExceptionHandler.class));
    }

    @Test
    void traio_switchedOff_isNotThere() {
        runner.withPropertyValues("traio.enabled=false")
                .run(context -> assertThat(context)
                        .doesNotHaveBean(RequestScopeWebFilter.class)
                        .doesNotHaveBean(ScopeWebExceptionHandler.class));
    }

    @Test
    void requestScope_withoutWebFlux_isNotThere() {
        runner.withClassLoader(new FilteredClassLoader(HandlerAdapter.class))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(RequestScopeWebFilter.class)
                        .doesNotHaveBean("traioRequestScope"));
    }

    @Test
    void filter_ofTheApplication_takesThePlace() {
        runner.withUserConfiguration(OwnFilter.class)
                .run(context ->
                        assertThat(context).getBean(RequestScopeWebFilter.class).isSameAs(context.getBean("own")));
    }

    @Test
    void timeout_zero_isRefused() {
        runner.withPropertyValues("traio.request.timeout=0s")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidConfigurationPropertyValueException.class));
    }

    @Test
    void injectedScope_outsideOfRequests_saysWhatToDo() {
        runner.run(context -> assertThatIllegalStateException()
                .isThrownBy(() -> context.getBean(Scope.class).id())
                .withMessageContaining("spring.reactor.context-propagation=auto")
                .withMessageContaining("ReactorScopes.current()"));
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnFilter {

        @Bean
        RequestScopeWebFilter own(ScopeFactory factory) {
            return new RequestScopeWebFilter(
                    new RequestScopeFactory<>(factory, null, true, List.of(), TimeSource.system()));
        }
    }
}
