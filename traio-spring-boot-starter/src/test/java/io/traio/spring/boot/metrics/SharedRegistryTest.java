// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.traio.OpenScope;
import io.traio.ScopeFactory;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** A registry that lives longer than a context, as a static one does, or that of a parent. */
class SharedRegistryTest {

    private final MeterRegistry registry = new SimpleMeterRegistry() {
        @Override
        public void close() {
            // Kept for the next context.
        }
    };

    private ConfigurableApplicationContext start() {
        return new SpringApplicationBuilder(App.class)
                .web(WebApplicationType.NONE)
                .initializers(context -> context.getBeanFactory().registerSingleton("shared", new Shared(registry)))
                .run("--spring.main.banner-mode=off");
    }

    @Test
    void gauges_ofAClosedContext_goWithIt() {
        try (ConfigurableApplicationContext context = start()) {
            context.getBean(ScopeFactory.class).run("work", scope -> {});
            assertThat(registry.find("traio.scope.active").gauges()).isNotEmpty();
        }
        assertThat(registry.getMeters())
                .filteredOn(Gauge.class::isInstance)
                .extracting(meter -> meter.getId().getName())
                .noneMatch(name -> name.startsWith("traio."));
        assertThat(registry.find("traio.scope").timers())
                .as("what has been counted stays")
                .isNotEmpty();
    }

    @Test
    void gauges_ofTheNextContext_areAlive() {
        start().close();
        try (ConfigurableApplicationContext context = start();
                OpenScope live = context.getBean(ScopeFactory.class).openShared("work")) {
            assertThat(live.name()).isEqualTo("work");
            assertThat(registry.get("traio.scope.active").gauge().value()).isEqualTo(1);
        }
    }

    /** Hands the registry over. */
    record Shared(MeterRegistry registry) {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {

        @Bean
        MeterRegistry sharedRegistry(Shared shared) {
            return shared.registry();
        }
    }
}
