// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.context.ContextRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.inscope.InScope;
import io.traio.spring.boot.lifecycle.ScopeFactoryLifecycle;
import io.traio.spring.boot.propagation.ScopeThreadLocalAccessor;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Beans that no other bean injects are created even where initialization is lazy. */
class LazyInitializationTest {

    @Test
    void application_lazy_hasWhatNobodyAsksFor() {
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(App.class)
                .web(WebApplicationType.NONE)
                .run("--spring.main.lazy-initialization=true", "--spring.main.banner-mode=off")) {
            assertThat(ContextRegistry.getInstance().getThreadLocalAccessors())
                    .as("the scope is published")
                    .anyMatch(accessor -> accessor.key().equals(ScopeThreadLocalAccessor.KEY));
            assertThat(context.getBeanFactory().containsSingleton("scopeFactoryLifecycle"))
                    .isTrue();
            assertThat(context.getBean(Work.class).where()).isEqualTo("lazy");
            context.getBean(ScopeFactory.class).run("counted", scope -> {});
            assertThat(context.getBean(MeterRegistry.class)
                            .get("traio.scope")
                            .tag("scope.name", "counted")
                            .timer()
                            .count())
                    .isOne();
            assertThat(context.getBean(ScopeFactoryLifecycle.class).isRunning()).isTrue();
        }
    }

    static class Work {

        @InScope("lazy")
        public String where() {
            return Scope.current().map(Scope::name).orElse("none");
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {

        @Bean
        Work work() {
            return new Work();
        }
    }
}
