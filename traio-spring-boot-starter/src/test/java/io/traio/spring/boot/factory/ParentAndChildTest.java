// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.traio.ScopeFactory;
import io.traio.spring.boot.inscope.InScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** A context that is auto-configured below one that is, too. */
@ExtendWith(OutputCaptureExtension.class)
class ParentAndChildTest {

    private static final String[] ARGUMENTS = {
        "--spring.main.banner-mode=off", "--server.port=0", "--spring.jmx.enabled=false"
    };

    @Test
    void child_ofAnAutoConfiguredParent_sharesTheFactoryAndItsMeters(CapturedOutput output) {
        try (ConfigurableApplicationContext parent = new SpringApplicationBuilder(App.class)
                .web(WebApplicationType.NONE)
                .run(ARGUMENTS)) {
            ScopeFactory scopes = parent.getBean(ScopeFactory.class);
            try (ConfigurableApplicationContext child =
                    new SpringApplicationBuilder(App.class).parent(parent).run(ARGUMENTS)) {
                assertThat(child.getBean(ScopeFactory.class)).isSameAs(scopes);
                assertThat(child.getBean(Work.class).work()).isEqualTo("worked");
                assertThat(count(child.getBean(MeterRegistry.class))).isEqualTo(1);
            }
            assertThat(parent.getBean(Work.class).work()).isEqualTo("worked");
            assertThat(count(parent.getBean(MeterRegistry.class))).isEqualTo(2);
        }
        assertThat(output).doesNotContain("Bound to").doesNotContain("ERROR");
    }

    private static long count(MeterRegistry registry) {
        return registry.get("traio.scope").tag("scope.name", "work").timer().count();
    }

    static class Work {

        @InScope("work")
        public String work() {
            return "worked";
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
