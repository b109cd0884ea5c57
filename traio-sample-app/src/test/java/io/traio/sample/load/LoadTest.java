// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.traio.sample.SampleTest;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.test.web.servlet.client.RestTestClient.ResponseSpec;

@SampleTest
class LoadTest {

    @Autowired
    private RestTestClient rest;

    @AfterEach
    void stop() {
        rest.delete().uri("/load").exchange().expectStatus().isOk();
        await().atMost(Duration.ofSeconds(20)).until(() -> !isRunning());
    }

    @Test
    void load_started_isSeenInScopesAndMeters() {
        start("callers=3&time=60s").expectStatus().isAccepted();

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(get("/actuator/scopes"))
                        .contains("\"load\"", "\"caller-3\"", "\"quotes\"", "\"suppliers\""));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(get("/actuator/prometheus"))
                        .contains("traio_scope_active_scopes{scope_name=\"load\"} 1.0"));
        assertThat(isRunning()).isTrue();
    }

    @Test
    void load_twice_409() {
        start("callers=1&time=60s").expectStatus().isAccepted();

        start("callers=1&time=60s").expectStatus().isEqualTo(409);
        assertThat(isRunning()).isTrue();
    }

    @Test
    void load_timeIsOver_endsByItself() {
        start("callers=1&time=100ms").expectStatus().isAccepted();

        await().atMost(Duration.ofSeconds(20)).until(() -> !isRunning());
    }

    @ParameterizedTest
    @ValueSource(strings = {"callers=0", "callers=101", "callers=many", "time=0s", "time=-1s", "time=11m", "time=soon"})
    void load_badParameter_400(String query) {
        start(query).expectStatus().isBadRequest();
        assertThat(isRunning()).isFalse();
    }

    private ResponseSpec start(String query) {
        return rest.post().uri("/load?" + query).exchange();
    }

    private boolean isRunning() {
        LoadController.Status status = rest.get()
                .uri("/load")
                .exchange()
                .expectBody(LoadController.Status.class)
                .returnResult()
                .getResponseBody();
        return status != null && status.running();
    }

    private String get(String path) {
        return rest.get()
                .uri(path)
                .accept(MediaType.APPLICATION_JSON, MediaType.TEXT_PLAIN)
                .exchange()
                .expectBody(String.class)
                .returnResult()
                .getResponseBody();
    }
}
