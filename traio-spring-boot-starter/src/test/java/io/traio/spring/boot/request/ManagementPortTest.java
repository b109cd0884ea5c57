// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Scope;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A controller on a management port of its own, which has its own filters. */
class ManagementPortTest {

    @Test
    void controller_onTheManagementPort_hasARequestScope() throws Exception {
        try (WebServer server = WebServer.start(
                WebServer.Kind.TOMCAT,
                Application.class,
                // Tomcat's and Jetty's beans for the second port have one name.
                "spring.main.allow-bean-definition-overriding=true",
                "management.server.port=0",
                "traio.test.management=true")) {
            String port = server.bean(Environment.class).getRequiredProperty("local.management.port");
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/ops"))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(answer.body()).isEqualTo("http.request ran");
        }
    }

    static class Application {}

    /** What an application adds to its management context. */
    @ManagementContextConfiguration(proxyBeanMethods = false)
    @ConditionalOnBooleanProperty("traio.test.management")
    static class OnManagementPort {

        @Bean
        Controller operations(Scope scope) {
            return new Controller(scope);
        }
    }

    @RestController
    static class Controller {

        private final Scope scope;

        Controller(Scope scope) {
            this.scope = scope;
        }

        @GetMapping("/ops")
        String operate() throws Exception {
            return Scope.current().map(Scope::name).orElse("none") + " "
                    + scope.spawn(() -> "ran").join();
        }
    }
}
