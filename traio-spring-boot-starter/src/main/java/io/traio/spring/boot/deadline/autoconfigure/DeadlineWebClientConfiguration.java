// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline.autoconfigure;

import io.traio.spring.boot.deadline.DeadlineExchangeFilterFunction;
import io.traio.spring.boot.deadline.DeadlineHosts;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;

/** Sends the deadline with the requests of {@code WebClient}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({WebClientCustomizer.class, WebClient.class})
@ConditionalOnBooleanProperty(name = "traio.deadline.send", matchIfMissing = true)
final class DeadlineWebClientConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "traioDeadlineWebClientCustomizer")
    WebClientCustomizer traioDeadlineWebClientCustomizer(TraioProperties properties) {
        return new DeadlineExchangeFilterFunction(
                DeadlineAutoConfiguration.header(properties.getDeadline()),
                new DeadlineHosts(properties.getDeadline().getHosts()))::applyTo;
    }
}
