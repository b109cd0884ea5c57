// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline.autoconfigure;

import io.traio.spring.boot.deadline.DeadlineClientHttpRequestInitializer;
import io.traio.spring.boot.deadline.DeadlineHosts;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.restclient.RestTemplateCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestTemplate;

/** Sends the deadline with the requests of {@code RestTemplate}: on its own, since later versions of Spring may lack it. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({RestTemplateCustomizer.class, RestTemplate.class})
@ConditionalOnBooleanProperty(name = "traio.deadline.send", matchIfMissing = true)
final class DeadlineRestTemplateConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "traioDeadlineRestTemplateCustomizer")
    RestTemplateCustomizer traioDeadlineRestTemplateCustomizer(TraioProperties properties) {
        DeadlineClientHttpRequestInitializer initializer = new DeadlineClientHttpRequestInitializer(
                DeadlineAutoConfiguration.header(properties.getDeadline()),
                new DeadlineHosts(properties.getDeadline().getHosts()));
        return template -> template.getClientHttpRequestInitializers().add(initializer);
    }
}
