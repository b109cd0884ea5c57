// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.ScopeFactory;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.util.ClassUtils;

/** What an application gets that depends on the starter alone. */
class StarterAloneTest {

    @Test
    void application_withTheStarterAlone_startsAndRunsScopes() {
        SpringApplication application = new SpringApplication(App.class);
        try (ConfigurableApplicationContext context = application.run()) {
            ScopeFactory scopes = context.getBean(ScopeFactory.class);
            int answer = scopes.call("answer", scope -> scope.spawn(() -> 42).join());
            assertThat(answer).isEqualTo(42);
        }
    }

    @Test
    void context_withTheStarterAlone_travelsIntoTasks() {
        SpringApplication application = new SpringApplication(App.class);
        MDC.put("user", "ada");
        LocaleContextHolder.setLocale(Locale.KOREAN);
        try (ConfigurableApplicationContext context = application.run()) {
            String seen = context.getBean(ScopeFactory.class)
                    .call(
                            "context",
                            scope -> scope.spawn(() -> MDC.get("user") + " " + LocaleContextHolder.getLocale())
                                    .join());
            assertThat(seen).isEqualTo("ada ko");
        } finally {
            MDC.clear();
            LocaleContextHolder.resetLocaleContext();
        }
    }

    @Test
    void application_endpointExposedWithoutActuator_starts() {
        SpringApplication application = new SpringApplication(App.class);
        try (ConfigurableApplicationContext context = application.run(
                "--management.endpoints.web.exposure.include=*", "--management.endpoint.scopes.access=unrestricted")) {
            assertThat(context.getBeansOfType(ScopeFactory.class)).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.micrometer.core.instrument.MeterRegistry",
                "jakarta.servlet.Servlet",
                "org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration",
                "org.springframework.boot.actuate.endpoint.annotation.Endpoint",
                "org.springframework.boot.health.contributor.HealthIndicator",
                "org.springframework.http.HttpHeaders",
                "org.springframework.web.context.WebApplicationContext",
                "org.springframework.web.reactive.DispatcherHandler",
                "reactor.core.publisher.Mono",
                "tools.jackson.databind.json.JsonMapper",
            })
    void classPath_ofTheStarter_lacks(String className) {
        assertThat(ClassUtils.isPresent(className, getClass().getClassLoader())).isFalse();
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class App {}
}
