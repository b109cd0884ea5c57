// SPDX-License-Identifier: Apache-2.0
package io.traio.sample;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

@SampleTest
class SampleApplicationTest {

    @Autowired
    private RestTestClient rest;

    @Test
    void startPage_leadsToEverything() {
        rest.get()
                .uri("/")
                .accept(MediaType.TEXT_HTML)
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(String.class)
                .value(page -> assertThat(page)
                        .contains("\"/quotes?from=PAR&amp;to=NRT&amp;timeout=800ms\"")
                        .contains("\"/examples\"")
                        .contains("\"/actuator/scopes\"")
                        .containsPattern("<button id=\"load\">[^<]+</button>")
                        .contains("fetch('/load'")
                        .doesNotContain("http://", "https://"));
    }

    @Test
    void health_isUp() {
        rest.get()
                .uri("/actuator/health")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.status")
                .isEqualTo("UP");
    }

    @Test
    void info_saysWhatThisIs() {
        rest.get()
                .uri("/actuator/info")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.app.name")
                .isEqualTo("traio sample");
    }
}
