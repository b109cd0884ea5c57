// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.endpoint.ReactiveScopesEndpointWebExtension;
import io.traio.spring.boot.endpoint.RecentScopes;
import io.traio.spring.boot.endpoint.RecentScopesDescriptor;
import io.traio.spring.boot.endpoint.ScopesDescriptor.ScopeDescriptor;
import io.traio.spring.boot.endpoint.ScopesEndpoint;
import io.traio.spring.boot.endpoint.ScopesEndpointWebExtension;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.filter.reactive.ServerWebExchangeContextFilter;

class ScopesEndpointAutoConfigurationTest {

    private static final String EXPOSED = "management.endpoints.web.exposure.include=scopes";

    private static final AutoConfigurations CONFIGURATIONS =
            AutoConfigurations.of(ScopeFactoryAutoConfiguration.class, ScopesEndpointAutoConfiguration.class);

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
            .withInitializer(ScopesEndpointAutoConfigurationTest::setConversionService)
            .withConfiguration(CONFIGURATIONS);
    private final ReactiveWebApplicationContextRunner reactive = new ReactiveWebApplicationContextRunner()
            .withInitializer(ScopesEndpointAutoConfigurationTest::setConversionService)
            .withConfiguration(CONFIGURATIONS);

    /** As SpringApplication does; the context runner alone cannot read the property "access". */
    private static void setConversionService(ConfigurableApplicationContext context) {
        context.getEnvironment().setConversionService(new ApplicationConversionService());
    }

    @Test
    void endpoint_exposedOverWeb_isThereWithItsExtension() {
        runner.withPropertyValues(EXPOSED)
                .run(context -> assertThat(context)
                        .hasSingleBean(ScopesEndpoint.class)
                        .hasSingleBean(ScopesEndpointWebExtension.class));
    }

    @Test
    void endpoint_exposedInAReactiveApplication_isThereWithAnExtensionForThat() {
        reactive.withPropertyValues(EXPOSED)
                .run(context -> assertThat(context)
                        .hasSingleBean(ScopesEndpoint.class)
                        .hasSingleBean(ReactiveScopesEndpointWebExtension.class)
                        .hasSingleBean(ServerWebExchangeContextFilter.class)
                        .doesNotHaveBean(ScopesEndpointWebExtension.class));
    }

    @Test
    void endpoint_notExposedInAReactiveApplication_isMissing() {
        reactive.run(context -> assertThat(context)
                .hasSingleBean(ScopeFactory.class)
                .doesNotHaveBean(ReactiveScopesEndpointWebExtension.class)
                .doesNotHaveBean(ServerWebExchangeContextFilter.class));
    }

    @Test
    void endpoint_ownBeansInAReactiveApplication_areThose() {
        reactive.withPropertyValues(EXPOSED)
                .withUserConfiguration(OwnReactive.class)
                .run(context -> {
                    assertThat(context)
                            .getBeanNames(ReactiveScopesEndpointWebExtension.class)
                            .containsExactly("ownExtension");
                    assertThat(context)
                            .getBeanNames(ServerWebExchangeContextFilter.class)
                            .containsExactly("ownFilter");
                });
    }

    @Test
    void endpoint_noWebApplication_isThereWithoutExtension() {
        new ApplicationContextRunner()
                .withInitializer(ScopesEndpointAutoConfigurationTest::setConversionService)
                .withConfiguration(CONFIGURATIONS)
                .withPropertyValues(EXPOSED)
                .run(context -> assertThat(context)
                        .hasSingleBean(ScopesEndpoint.class)
                        .doesNotHaveBean(ScopesEndpointWebExtension.class));
    }

    @Test
    void endpoint_exposedOverJmxOnly_isThereWithoutExtension() {
        runner.withPropertyValues("management.endpoints.jmx.exposure.include=scopes", "spring.jmx.enabled=true")
                .run(context -> assertThat(context)
                        .hasSingleBean(ScopesEndpoint.class)
                        .doesNotHaveBean(ScopesEndpointWebExtension.class));
    }

    @Test
    void endpoint_notExposed_isMissing() {
        runner.run(context -> assertThat(context)
                .hasSingleBean(ScopeFactory.class)
                .doesNotHaveBean(ScopesEndpoint.class)
                .doesNotHaveBean(ScopesEndpointWebExtension.class));
    }

    @Test
    void endpoint_accessNone_isMissing() {
        runner.withPropertyValues(EXPOSED, "management.endpoint.scopes.access=none")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(ScopesEndpoint.class)
                        .doesNotHaveBean(ScopesEndpointWebExtension.class));
    }

    @Test
    void endpoint_traioDisabled_isMissing() {
        runner.withPropertyValues(EXPOSED, "traio.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ScopesEndpoint.class));
    }

    @Test
    void endpoint_actuatorMissing_isMissing() {
        runner.withPropertyValues(EXPOSED)
                .withClassLoader(new FilteredClassLoader(ConditionalOnAvailableEndpoint.class))
                .run(context -> assertThat(context)
                        .hasSingleBean(ScopeFactory.class)
                        .doesNotHaveBean(ScopesEndpointAutoConfiguration.class));
    }

    @Test
    void recent_byDefault_isRemembered() {
        runner.withPropertyValues(EXPOSED, "management.endpoint.scopes.recent.slow-threshold=1h")
                .run(context -> {
                    context.getBean(ScopeFactory.class).openShared("quotes").cancel("test");
                    assertThat(context.getBean(ScopesEndpoint.class).scopes(null, null, "recent"))
                            .isInstanceOfSatisfying(
                                    RecentScopesDescriptor.class,
                                    recent -> assertThat(recent.total()).isEqualTo(1));
                });
    }

    @Test
    void recent_switchedOffOrEndpointNotExposed_listensToNothing() {
        runner.withPropertyValues(EXPOSED, "management.endpoint.scopes.recent.enabled=false")
                .run(context ->
                        assertThat(context).hasSingleBean(ScopesEndpoint.class).doesNotHaveBean(RecentScopes.class));
        runner.run(context -> assertThat(context).doesNotHaveBean(RecentScopes.class));
    }

    @Test
    void endpoint_ownBeansThere_areThose() {
        runner.withPropertyValues(EXPOSED)
                .withUserConfiguration(OwnEndpoint.class)
                .run(context -> {
                    assertThat(context).getBeanNames(ScopesEndpoint.class).containsExactly("own");
                    assertThat(context)
                            .getBeanNames(ScopesEndpointWebExtension.class)
                            .containsExactly("ownExtension");
                });
    }

    @Test
    void endpoint_severalFactories_showsAll() {
        runner.withPropertyValues(EXPOSED)
                .withUserConfiguration(TwoFactories.class)
                .run(context -> {
                    try (OpenScope one =
                                    context.getBean("one", ScopeFactory.class).openShared("of one");
                            OpenScope two =
                                    context.getBean("two", ScopeFactory.class).openShared("of two")) {
                        assertThat(context.getBean(ScopesEndpoint.class)
                                        .scopes(null, null)
                                        .scopes())
                                .extracting(ScopeDescriptor::name)
                                .containsExactlyInAnyOrder("of one", "of two");
                    }
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnEndpoint {

        @Bean
        ScopesEndpoint own(ScopeFactory factory) {
            return new ScopesEndpoint(List.of(factory), Show.NEVER);
        }

        @Bean
        ScopesEndpointWebExtension ownExtension(ScopesEndpoint endpoint) {
            return new ScopesEndpointWebExtension(endpoint, Show.NEVER, Set.of(), false, null);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnReactive {

        @Bean
        ReactiveScopesEndpointWebExtension ownExtension(ScopesEndpoint endpoint) {
            return new ReactiveScopesEndpointWebExtension(endpoint, Show.NEVER, Set.of(), false, null);
        }

        @Bean
        ServerWebExchangeContextFilter ownFilter() {
            return new ServerWebExchangeContextFilter();
        }
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
}
