// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.http.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spring.boot.http.ScopeClientHttpRequestFactory;
import io.traio.spring.boot.http.ScopeExchangeFilterFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.boot.restclient.autoconfigure.RestTemplateAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;

class HttpScopeAutoConfigurationTest {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    HttpScopeAutoConfiguration.class,
                    HttpClientAutoConfiguration.class,
                    ImperativeHttpClientAutoConfiguration.class,
                    RestTemplateAutoConfiguration.class))
            .withPropertyValues("spring.http.clients.imperative.factory=jdk");

    @Test
    void requestFactories_ofSpringBoot_areWrapped() {
        runner.run(context -> assertThat(context.getBean(ClientHttpRequestFactory.class))
                .isInstanceOf(ScopeClientHttpRequestFactory.class));
    }

    @Test
    void requestFactory_ofARestTemplate_isWrapped() {
        runner.run(context -> assertThat(
                        context.getBean(RestTemplateBuilder.class).build().getRequestFactory())
                .isInstanceOf(ScopeClientHttpRequestFactory.class));
    }

    @Test
    void requestFactories_whereDisabled_areNot() {
        runner.withPropertyValues("traio.http.enabled=false")
                .run(context -> assertThat(context.getBean(ClientHttpRequestFactory.class))
                        .isNotInstanceOf(ScopeClientHttpRequestFactory.class));
    }

    @Test
    void customizers_ofTheApplication_getTheBuilderOfSpringBoot() {
        runner.withUserConfiguration(JdkCustomizer.class).run(context -> {
            assertThat(context.getBean(ClientHttpRequestFactoryBuilder.class).build())
                    .isInstanceOf(ScopeClientHttpRequestFactory.class);
            assertThat(context.getBean(JdkCustomizer.class).seen.get()).isNotNull();
        });
    }

    @Test
    void webClient_whereThereIsOne_hasTheFilter() {
        runner.run(context -> {
            WebClient.Builder builder = WebClient.builder();
            context.getBean(WebClientCustomizer.class).customize(builder);
            List<ExchangeFilterFunction> filters = new ArrayList<>();
            builder.filters(filters::addAll);
            assertThat(filters).hasOnlyElementsOfType(ScopeExchangeFilterFunction.class);
        });
    }

    @Test
    void start_withoutClients_works() {
        runner.withClassLoader(
                        new FilteredClassLoader(ClientHttpRequestFactoryBuilderCustomizer.class, WebClient.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(WebClientCustomizer.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class JdkCustomizer {

        private final AtomicReference<JdkClientHttpRequestFactoryBuilder> seen = new AtomicReference<>();

        @Bean
        ClientHttpRequestFactoryBuilderCustomizer<JdkClientHttpRequestFactoryBuilder> jdkCustomizer() {
            return builder -> {
                seen.set(builder);
                return builder;
            };
        }
    }
}
