// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory;

import io.traio.ScopeFactory;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.webflux.test.autoconfigure.WebFluxTest;
import org.springframework.context.annotation.Import;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@WebFluxTest
@Import(WebFluxSliceTest.Fares.class)
class WebFluxSliceTest {

    @Autowired
    private WebTestClient client;

    @Test
    void controller_ofASlice_hasAFactory() {
        client.get().uri("/fare").exchange().expectBody(String.class).isEqualTo("child");
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {}

    @RestController
    static class Fares {

        private final ScopeFactory scopes;

        Fares(ScopeFactory scopes) {
            this.scopes = scopes;
        }

        @GetMapping("/fare")
        String fare() throws Exception {
            return scopes.<String>call("child", scope -> scope.await(scope::name));
        }
    }
}
