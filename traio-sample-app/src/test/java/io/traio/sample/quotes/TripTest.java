// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.traio.ScopeFactory;
import io.traio.sample.SampleTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

@SampleTest
class TripTest {

    private static final String NEVER = "&latency.alpha=60s&latency.beta=60s&latency.gamma=60s&latency.delta=60s";

    @Autowired
    private RestTestClient rest;

    @Autowired
    private ScopeFactory scopes;

    @Test
    void trip_bothWays_areSearched() {
        Trip trip = rest.get()
                .uri("/trips?from=PAR&to=NRT&timeout=10s")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(Trip.class)
                .returnResult()
                .getResponseBody();

        assertThat(trip).isNotNull();
        assertThat(trip.outward().from()).isEqualTo(trip.back().to());
        assertThat(trip.outward().to()).isEqualTo(trip.back().from());
        assertThat(trip.outward().quotes()).hasSize(4);
        assertThat(trip.back().quotes()).hasSize(4);
    }

    @Test
    void trip_callerHasLittleTime_503AndNothingRunsOn() {
        rest.get()
                .uri("/trips?from=PAR&to=NRT&timeout=10s" + NEVER)
                .header("Request-Timeout-Ms", "300")
                .exchange()
                .expectStatus()
                .isEqualTo(HttpStatus.SERVICE_UNAVAILABLE)
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON);

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(scopes.scopes()).isEmpty());
    }

    @Test
    void trip_badAirport_400() {
        rest.get().uri("/trips?from=PAR&to=XXX").exchange().expectStatus().isBadRequest();
    }
}
