// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Scope;
import io.traio.ScopeFactory;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@WebMvcTest
@DirtiesContext
@Import(WebMvcSliceTest.Fares.class)
class WebMvcSliceTest {

    @Autowired
    private MockMvcTester mvc;

    @Test
    void controller_ofASlice_hasScopes() {
        assertThat(mvc.get().uri("/fare")).hasStatusOk().hasBodyTextEqualTo("http.request, child");
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {}

    @RestController
    static class Fares {

        private final Scope scope;
        private final ScopeFactory scopes;

        Fares(Scope scope, ScopeFactory scopes) {
            this.scope = scope;
            this.scopes = scopes;
        }

        @GetMapping("/fare")
        String fare() throws Exception {
            return scope.spawn(() -> Scope.requireCurrent().name()).join()
                    + scopes.call("child", child -> ", " + child.name());
        }
    }
}
