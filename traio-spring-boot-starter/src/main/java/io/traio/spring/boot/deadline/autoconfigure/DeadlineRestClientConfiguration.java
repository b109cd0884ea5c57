// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline.autoconfigure;

import io.traio.spring.boot.deadline.DeadlineClientHttpRequestInitializer;
import io.traio.spring.boot.deadline.DeadlineHosts;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

/** Sends the deadline with the requests of {@code RestClient}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({RestClientCustomizer.class, RestClient.class})
@ConditionalOnBooleanProperty(name = "traio.deadline.send", matchIfMissing = true)
final class DeadlineRestClientConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "traioDeadlineRestClientCustomizer")
    RestClientCustomizer traioDeadlineRestClientCustomizer(TraioProperties properties) {
        DeadlineClientHttpRequestInitializer initializer = new DeadlineClientHttpRequestInitializer(
                DeadlineAutoConfiguration.header(properties.getDeadline()),
                new DeadlineHosts(properties.getDeadline().getHosts()));
        return builder -> builder.requestInitializer(initializer);
    }
}
