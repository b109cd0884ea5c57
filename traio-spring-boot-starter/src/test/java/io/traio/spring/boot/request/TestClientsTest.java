// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.Task;
import io.traio.test.TestClock;
import io.traio.test.junit.ScopesExtension;
import io.traio.test.spring.WithTestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.resttestclient.autoconfigure.AutoConfigureRestTestClient;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Each client of Spring's tests, with the test clock: what an application's own tests do. */
@DirtiesContext
@WebMvcTest
@AutoConfigureRestTestClient
@AutoConfigureWebTestClient
@WithTestClock
@ExtendWith(ScopesExtension.class)
@Import(TestClientsTest.Trips.class)
class TestClientsTest {

    private static final Duration TIMEOUT = Duration.ofMillis(800);

    @Test
    void mockMvc_handlerWithTasks_answers(@Autowired MockMvcTester mvc) {
        assertThat(mvc.get().uri("/trip")).hasStatusOk().hasBodyTextEqualTo("flight, hotel of http.request");
        assertThat(mvc.get().uri("/late")).hasStatus(503);
    }

    @Test
    void restTestClient_handlerWithTasks_answers(@Autowired RestTestClient client) {
        client.get()
                .uri("/trip")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(String.class)
                .isEqualTo("flight, hotel of http.request");
        client.get().uri("/late").exchange().expectStatus().isEqualTo(503);
    }

    @Test
    void webTestClient_handlerWithTasks_answers(@Autowired WebTestClient client) {
        client.get()
                .uri("/trip")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(String.class)
                .isEqualTo("flight, hotel of http.request");
        client.get().uri("/late").exchange().expectStatus().isEqualTo(503);
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {}

    @RestController
    static class Trips {

        private final Scope request;
        private final ScopeFactory scopes;
        private final TestClock clock;

        Trips(Scope request, ScopeFactory scopes, TestClock clock) {
            this.request = request;
            this.scopes = scopes;
            this.clock = clock;
        }

        @GetMapping("/trip")
        String trip() {
            Task<String> flight = request.spawn("flight", () -> "flight");
            Task<String> hotel = request.spawn(
                    "hotel", () -> "hotel of " + Scope.requireCurrent().name());
            return flight.join() + ", " + hotel.join();
        }

        /** Takes too long, by the clock of the test. */
        @GetMapping("/late")
        String late() {
            return scopes.call("quotes", s -> s.withTimeout(TIMEOUT), scope -> {
                Task<String> quote = scope.spawn("alpha", () -> {
                    new CountDownLatch(1).await();
                    return "never";
                });
                clock.advance(TIMEOUT);
                return quote.join();
            });
        }
    }
}
