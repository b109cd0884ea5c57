// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.ScopeFactory;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/** A test of an application that has mocked the factory: requests that use no scope are served. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "management.endpoints.web.exposure.include=*")
@DirtiesContext
class MockedFactoryTest {

    @MockitoBean
    private ScopeFactory scopes;

    @LocalServerPort
    private int port;

    @Test
    void request_factoryIsAMock_isServed(@Autowired Web web) {
        assertThat(Mockito.mockingDetails(scopes).isMock()).isTrue();
        RestClient client = RestClient.create("http://localhost:" + port);
        assertThat(client.get().uri("/plain").retrieve().body(String.class)).isEqualTo("served");
        assertThat(client.get().uri("/actuator/scopes").retrieve().body(String.class))
                .contains("\"total\":0");
    }

    @RestController
    static class Web {

        @GetMapping("/plain")
        String plain() {
            return "served";
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {

        @Bean
        Web web() {
            return new Web();
        }
    }
}
