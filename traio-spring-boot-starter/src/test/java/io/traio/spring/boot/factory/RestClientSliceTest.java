// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.requestTo;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withSuccess;

import io.traio.Scope;
import io.traio.ScopeFactory;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.restclient.test.autoconfigure.RestClientTest;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.web.client.MockRestServiceServer;
import org.springframework.web.client.RestClient;

@RestClientTest
@DirtiesContext
@Import(RestClientSliceTest.Fares.class)
class RestClientSliceTest {

    @Autowired
    private Fares fares;

    @Autowired
    private MockRestServiceServer server;

    @Test
    void client_ofASlice_isCalledByTasks() {
        server.expect(requestTo("/fare")).andRespond(withSuccess("650", MediaType.TEXT_PLAIN));
        assertThat(fares.fare()).isEqualTo("650 in fares");
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {}

    static class Fares {

        private final ScopeFactory scopes;
        private final RestClient client;

        Fares(ScopeFactory scopes, RestClient.Builder client) {
            this.scopes = scopes;
            this.client = client.build();
        }

        String fare() {
            return scopes.call(
                    "fares",
                    scope -> scope.spawn(
                                    () -> client.get().uri("/fare").retrieve().body(String.class) + " in "
                                            + Scope.requireCurrent().name())
                            .join());
        }
    }
}
