// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.http.autoconfigure;

import io.traio.spring.boot.http.ScopeClientHttpRequestFactory;
import io.traio.spring.boot.http.ScopeExchangeFilterFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Auto-configures calls by HTTP that end with their scope: those of {@code RestClient}, {@code RestTemplate} and HTTP
 * interfaces, whose request factories Spring Boot builds, and those of {@code WebClient}.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "traio.http.enabled", matchIfMissing = true)
public final class HttpScopeAutoConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ClientHttpRequestFactoryBuilderCustomizer.class, ClientHttpRequestFactory.class})
    static class RequestFactories {

        /** The last one: others may want the builder that Spring Boot has made. */
        @Bean
        @Order
        @ConditionalOnMissingBean(name = "traioRequestFactoryCustomizer")
        ClientHttpRequestFactoryBuilderCustomizer<ClientHttpRequestFactoryBuilder<?>> traioRequestFactoryCustomizer() {
            return builder -> settings -> new ScopeClientHttpRequestFactory(builder.build(settings));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({WebClientCustomizer.class, WebClient.class})
    static class WebClients {

        @Bean
        @ConditionalOnMissingBean(name = "traioScopeWebClientCustomizer")
        WebClientCustomizer traioScopeWebClientCustomizer() {
            return builder -> builder.filter(new ScopeExchangeFilterFunction());
        }
    }
}
