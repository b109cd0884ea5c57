// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.request.RequestScopeMvcConfigurer;
import io.traio.spring.boot.request.RequestScopeResponseBodyAdvice;
import io.traio.spring.boot.request.RouterFunctionPostProcessor;
import io.traio.test.TestClock;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.servlet.filter.OrderedFilter;
import org.springframework.boot.servlet.filter.OrderedRequestContextFilter;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.DispatcherServlet;

class RequestScopeAutoConfigurationTest {

    private static final String FILTER = "traioRequestScopeFilter";
    private static final AutoConfigurations AUTO =
            AutoConfigurations.of(ScopeFactoryAutoConfiguration.class, RequestScopeAutoConfiguration.class);

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner().withConfiguration(AUTO);

    @Test
    void requestScope_byDefault_isThere() {
        runner.run(context -> {
            assertThat(context).hasBean(FILTER).hasSingleBean(Scope.class);
            assertThat(context).hasBean("traioRequestScopeResponseBodyAdvice").hasBean("traioScopeExceptionHandler");
        });
    }

    @Test
    void filter_order_isAfterObservationAndRequestContext() {
        runner.withConfiguration(AutoConfigurations.of(
                        ObservationAutoConfiguration.class,
                        WebMvcAutoConfiguration.class,
                        WebMvcObservationAutoConfiguration.class))
                .run(context -> {
                    int order = context.getBean(FILTER, FilterRegistrationBean.class)
                            .getOrder();
                    assertThat(order)
                            .isGreaterThan(context.getBean("webMvcObservationFilter", FilterRegistrationBean.class)
                                    .getOrder())
                            .isGreaterThan(new OrderedRequestContextFilter().getOrder())
                            .as("before Spring Security, where Boot puts it")
                            .isLessThan(OrderedFilter.REQUEST_WRAPPER_FILTER_MAX_ORDER - 100);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"traio.enabled=false", "traio.request.enabled=false"})
    void requestScope_switchedOff_isMissing(String property) {
        runner.withPropertyValues(property).run(this::hasNone);
    }

    @Test
    void requestScope_noWebApplication_isMissing() {
        new ApplicationContextRunner().withConfiguration(AUTO).run(this::hasNone);
    }

    @Test
    void requestScope_reactiveApplication_isMissing() {
        new ReactiveWebApplicationContextRunner().withConfiguration(AUTO).run(this::hasNone);
    }

    @Test
    void requestScope_noSpringWeb_isMissing() {
        runner.withClassLoader(new FilteredClassLoader(OncePerRequestFilter.class))
                .run(this::hasNone);
    }

    @Test
    void requestScope_severalFactories_isMissing() {
        runner.withUserConfiguration(TwoFactories.class).run(this::hasNone);
    }

    private void hasNone(ApplicationContext context) {
        assertThat(context.containsBean(FILTER)).isFalse();
        assertThat(context.getBeansOfType(Scope.class)).isEmpty();
        assertThat(context.getBeansOfType(RequestScopeAutoConfiguration.class)).isEmpty();
        assertThat(context.getBeansOfType(RequestScopeMvcConfiguration.class)).isEmpty();
    }

    @Test
    void requestScope_noSpringMvc_hasTheFilterOnly() {
        runner.withClassLoader(new FilteredClassLoader(DispatcherServlet.class)).run(context -> {
            assertThat(context).hasNotFailed().hasBean(FILTER).hasSingleBean(Scope.class);
            assertThat(context)
                    .doesNotHaveBean("traioRequestScopeResponseBodyAdvice")
                    .doesNotHaveBean("traioScopeExceptionHandler");
        });
    }

    @Test
    void requestScope_ownBeans_takeTheirPlace() {
        runner.withUserConfiguration(OwnBeans.class).run(context -> {
            assertThat(context).getBean(FILTER).isInstanceOf(HttpFilter.class);
            assertThat(context).getBeanNames(Scope.class).containsExactly("traioRequestScope");
            assertThat(context.getBean(Scope.class).name()).isEqualTo("own");
        });
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                RequestScopeMvcConfigurer.class,
                RequestScopeResponseBodyAdvice.class,
                RouterFunctionPostProcessor.class
            })
    <T> void mvcBean_ownBeanOfItsType_takesItsPlace(Class<T> type) {
        runner.withConfiguration(
                        AutoConfigurations.of(WebMvcAutoConfiguration.class, DispatcherServletAutoConfiguration.class))
                .withBean("own", type)
                .run(context ->
                        assertThat(context).hasNotFailed().getBeanNames(type).containsExactly("own"));
    }

    @Test
    void requestScope_ofAChildContext_hasItsOwnBeans() {
        runner.run(parent -> runner.withParent(parent).run(child -> {
            for (String bean : new String[] {
                FILTER,
                "traioRequestScopeMvcConfigurer",
                "traioRequestScopeResponseBodyAdvice",
                "traioRouterFunctionPostProcessor",
                "traioRequestScopeExceptionResolver",
                "traioFailureResponder",
                "traioScopeExceptionHandler"
            }) {
                assertThat(child.getSourceApplicationContext().containsLocalBean(bean))
                        .as(bean)
                        .isTrue();
            }
            assertThat(child.getBean(Scope.class)).hasToString("the scope of the current request");
        }));
    }

    /** It is not primary: which scope is meant must not depend on what else is there. */
    @Test
    void injectedScope_besideAScopeOfTheUsers_isAskedForByName() {
        runner.withUserConfiguration(LongLived.class).run(context -> {
            assertThatExceptionOfType(NoUniqueBeanDefinitionException.class)
                    .isThrownBy(() -> context.getBean(Scope.class))
                    .withMessageContaining("traioRequestScope");
            assertThat(context.getBean("traioRequestScope")).hasToString("the scope of the current request");
            assertThat(context.getBean(OpenScope.class).name()).isEqualTo("connections");
        });
    }

    @Test
    void injectedScope_outsideOfRequests_saysSo() {
        runner.run(context -> {
            Scope scope = context.getBean(Scope.class);
            assertThatIllegalStateException().isThrownBy(scope::name).withMessageContaining("No request scope");
            assertThat(scope).hasToString("the scope of the current request");
            assertThat(scope.equals(scope)).isTrue();
            assertThat(scope.hashCode()).isEqualTo(scope.hashCode());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "-1s"})
    void start_timeoutNotPositive_failsNamingTheProperty(String value) {
        runner.withPropertyValues("traio.request.timeout=" + value)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                        .hasMessageContaining("traio.request.timeout"));
    }

    @ParameterizedTest
    @CsvSource({
        "traio.default-timeout=5s, traio.enabled=true, PT5S",
        "traio.default-timeout=5s, traio.request.timeout=9s, PT9S",
        "traio.request.timeout=2s, traio.enabled=true, PT2S",
    })
    void timeout_ofRequests_isTheirOwnOrThatOfAllScopes(String one, String other, Duration expected) {
        runner.withPropertyValues(one, other)
                .withBean(TestClock.class, TestClock::new)
                .run(context -> {
                    List<Duration> remaining = new ArrayList<>();
                    context.getBean(FILTER, FilterRegistrationBean.class)
                            .getFilter()
                            .doFilter(
                                    new MockHttpServletRequest(),
                                    new MockHttpServletResponse(),
                                    (request, response) -> remaining.add(
                                            Scope.requireCurrent().remaining().orElseThrow()));
                    assertThat(remaining).containsExactly(expected);
                });
    }

    @Test
    void start_atEndUnknown_fails() {
        runner.withPropertyValues("traio.request.at-end=perhaps")
                .run(context -> assertThat(context).getFailure().hasStackTraceContaining("at-end"));
    }

    @Test
    void hints_proxyOfScope_isRegistered() {
        RuntimeHints hints = new RuntimeHints();
        new RequestScopeAutoConfiguration.ProxyHints().registerHints(hints, null);
        assertThat(RuntimeHintsPredicates.proxies().forInterfaces(Scope.class)).accepts(hints);
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoFactories {

        @Bean
        ScopeFactory one() {
            return ScopeFactory.create();
        }

        @Bean
        ScopeFactory two() {
            return ScopeFactory.create();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnBeans {

        @Bean
        Filter traioRequestScopeFilter() {
            return new HttpFilter() {};
        }

        @Bean
        Scope traioRequestScope(ScopeFactory scopes) {
            return scopes.openShared("own");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class LongLived {

        @Bean
        OpenScope connections(ScopeFactory scopes) {
            return scopes.openShared("connections");
        }
    }
}
