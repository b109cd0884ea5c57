// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory;

import io.traio.ScopeFactory;
import io.traio.test.TestClock;
import io.traio.test.junit.ScopesExtension;
import io.traio.test.spring.WithTestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.webflux.test.autoconfigure.WebFluxTest;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@WebFluxTest
@WithTestClock
@ExtendWith(ScopesExtension.class)
@DirtiesContext
@Import(WebFluxSliceTest.Fares.class)
class WebFluxSliceTest {

    @Autowired
    private WebTestClient client;

    @Test
    void controller_ofASlice_hasAFactory() {
        client.get().uri("/fare").exchange().expectBody(String.class).isEqualTo("child");
    }

    @Test
    void scope_ofASliceWithATestClock_goesByIt() {
        client.get().uri("/late").exchange().expectStatus().isEqualTo(503);
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {}

    @RestController
    static class Fares {

        private final ScopeFactory scopes;
        private final TestClock clock;

        Fares(ScopeFactory scopes, TestClock clock) {
            this.scopes = scopes;
            this.clock = clock;
        }

        @GetMapping("/fare")
        String fare() throws Exception {
            return scopes.<String>call("child", scope -> scope.await(scope::name));
        }

        @GetMapping("/late")
        void late() {
            scopes.run(
                    "child",
                    s -> s.withTimeout(Duration.ofSeconds(10)),
                    scope -> clock.advance(Duration.ofSeconds(10)));
        }
    }
}
