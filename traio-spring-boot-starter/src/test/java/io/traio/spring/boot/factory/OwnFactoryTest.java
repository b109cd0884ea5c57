// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.traio.FactoryOptions;
import io.traio.ScopeFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** An application that makes its factory itself, from the options that traio has assembled. */
class OwnFactoryTest {

    @Test
    void factory_fromTheAssembledOptions_hasContextMetersAndProperties() throws Exception {
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(App.class)
                        .web(WebApplicationType.NONE)
                        .run("--spring.main.banner-mode=off", "--traio.default-timeout=7h");
                MDC.MDCCloseable entry = MDC.putCloseable("user", "ada")) {
            ScopeFactory scopes = context.getBean(ScopeFactory.class);
            String user = scopes.call("own", scope -> scope.await(() -> MDC.get("user")));
            assertThat(user).isEqualTo("ada");
            assertThat(context.getBean(MeterRegistry.class)
                            .get("traio.scope")
                            .tag("scope.name", "own")
                            .timer()
                            .count())
                    .isOne();
            assertThat(scopes.<Duration>call(
                            "limited", scope -> scope.remaining().orElseThrow()))
                    .isBetween(Duration.ofHours(6), Duration.ofHours(7));
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {

        @Bean(destroyMethod = "close")
        ScopeFactory ownFactory(FactoryOptions options) {
            return ScopeFactory.create(ignored -> options.withDefaults(s -> s.withMaxConcurrency(3)));
        }
    }
}
