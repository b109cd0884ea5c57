// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.restclient.RestTemplateCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestTemplate;

/**
 * The beans that send the deadline with the calls of {@code RestClient} and {@code RestTemplate}. Comes with the
 * auto-configuration; not to be used by itself.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({RestClientCustomizer.class, RestTemplate.class})
@ConditionalOnBooleanProperty(name = "traio.deadline.send", matchIfMissing = true)
@EnableConfigurationProperties(DeadlineProperties.class)
public final class DeadlineRestClientConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "traioDeadlineRestClientCustomizer")
    RestClientCustomizer traioDeadlineRestClientCustomizer(DeadlineProperties properties) {
        DeadlineInterceptor interceptor = new DeadlineInterceptor(properties.toHeader());
        return builder -> builder.requestInterceptor(interceptor);
    }

    @Bean
    @ConditionalOnMissingBean(name = "traioDeadlineRestTemplateCustomizer")
    RestTemplateCustomizer traioDeadlineRestTemplateCustomizer(DeadlineProperties properties) {
        DeadlineInterceptor interceptor = new DeadlineInterceptor(properties.toHeader());
        return template -> template.getInterceptors().add(interceptor);
    }
}
