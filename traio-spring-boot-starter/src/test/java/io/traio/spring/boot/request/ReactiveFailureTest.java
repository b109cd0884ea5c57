// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.ScopeFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Failures of scopes in a WebFlux application. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "spring.main.web-application-type=reactive")
@AutoConfigureWebTestClient
@DirtiesContext
class ReactiveFailureTest {

    @ParameterizedTest
    @CsvSource({"/times-out, 503", "/cancelled, 503", "/fails, 423", "/fails-wrapped, 423", "/other, 500"})
    void failure_ofAScope_hasItsStatus(String path, int status, @Autowired WebTestClient client) {
        client.get()
                .uri(path)
                .accept(MediaType.APPLICATION_JSON)
                .exchange()
                .expectStatus()
                .isEqualTo(status)
                .expectBody()
                .jsonPath("$.status")
                .isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/times-out", "/cancelled"})
    void failure_ofAScope_isTheErrorPageOfABrowser(String path, @Autowired WebTestClient client) {
        client.get()
                .uri(path)
                .accept(MediaType.TEXT_HTML)
                .exchange()
                .expectStatus()
                .isEqualTo(503)
                .expectHeader()
                .contentTypeCompatibleWith(MediaType.TEXT_HTML);
    }

    @ResponseStatus(HttpStatus.LOCKED)
    static class LockedException extends RuntimeException {}

    @ResponseStatus(HttpStatus.LOCKED)
    static class CheckedLockedException extends Exception {}

    @RestController
    static class Web {

        private final ScopeFactory scopes;

        Web(ScopeFactory scopes) {
            this.scopes = scopes;
        }

        @GetMapping("/times-out")
        String timesOut() {
            return scopes.call(
                    "child",
                    s -> s.withTimeout(Duration.ofMillis(20)),
                    scope -> scope.await(() -> {
                        new CountDownLatch(1).await();
                        return "never";
                    }));
        }

        @GetMapping("/cancelled")
        String cancelled() {
            return scopes.call("child", scope -> {
                scope.cancel();
                return scope.await(() -> "never");
            });
        }

        @GetMapping("/fails")
        String fails() {
            return scopes.call(
                    "child",
                    scope -> scope.await(() -> {
                        throw new LockedException();
                    }));
        }

        @GetMapping("/fails-wrapped")
        String failsWrapped() {
            return scopes.call(
                    "child",
                    scope -> scope.await(() -> {
                        throw new CheckedLockedException();
                    }));
        }

        @GetMapping("/other")
        String other() {
            throw new IllegalStateException("no scope");
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {

        @Bean
        Web web(ScopeFactory scopes) {
            return new Web(scopes);
        }
    }
}
