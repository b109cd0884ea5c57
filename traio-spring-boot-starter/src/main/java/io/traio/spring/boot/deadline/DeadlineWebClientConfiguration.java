// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * The bean that sends the deadline with the calls of {@code WebClient}. Comes with the auto-configuration; not to be used
 * by itself.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({WebClientCustomizer.class, WebClient.class})
@ConditionalOnBooleanProperty(name = "traio.deadline.send", matchIfMissing = true)
@EnableConfigurationProperties(DeadlineProperties.class)
public final class DeadlineWebClientConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "traioDeadlineWebClientCustomizer")
    WebClientCustomizer traioDeadlineWebClientCustomizer(DeadlineProperties properties) {
        return new DeadlineFilter(properties.toHeader())::applyTo;
    }
}
