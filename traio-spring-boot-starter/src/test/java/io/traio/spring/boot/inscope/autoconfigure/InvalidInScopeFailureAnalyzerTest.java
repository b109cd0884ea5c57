// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.spring.boot.inscope.InScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;

@ExtendWith(OutputCaptureExtension.class)
class InvalidInScopeFailureAnalyzerTest {

    @Test
    void start_valueInvalid_isReportedWithWhatToDo(CapturedOutput output) {
        Throwable failure = catchThrowable(() -> new SpringApplicationBuilder(App.class)
                .web(WebApplicationType.NONE)
                .run("--spring.main.banner-mode=off", "--fares.timeout=soon"));
        assertThat(failure).isNotNull();
        assertThat(output)
                .contains("APPLICATION FAILED TO START", "Fares.cheapest()", "\"soon\"", "Correct the annotation")
                .doesNotContain("\tat ");
    }

    static class Fares {

        @InScope(timeout = "${fares.timeout}")
        public String cheapest() {
            return "none";
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {

        @Bean
        Fares fares() {
            return new Fares();
        }
    }
}
