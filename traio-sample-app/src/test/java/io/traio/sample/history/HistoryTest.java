// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.traio.sample.Spans;
import io.traio.sample.TracedTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.client.RestTestClient;

@TracedTest
class HistoryTest {

    @Autowired
    private RestTestClient rest;

    @Autowired
    private Spans spans;

    @Test
    void searches_afterASearch_haveItFirst() {
        rest.get()
                .uri("/quotes?from=NRT&to=PAR&timeout=10s")
                .exchange()
                .expectStatus()
                .isOk();

        Overview overview = rest.get()
                .uri("/searches")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(Overview.class)
                .returnResult()
                .getResponseBody();

        assertThat(overview).isNotNull();
        assertThat(overview.latest()).hasSizeBetween(1, 10).anySatisfy(search -> {
            assertThat(search.origin()).isEqualTo("NRT");
            assertThat(search.destination()).isEqualTo("PAR");
            assertThat(search.quotes()).isEqualTo(4);
        });
        assertThat(overview.cheapest())
                .isNotEmpty()
                .allSatisfy(supplier -> assertThat(supplier.times()).isPositive());
    }

    @Test
    void searches_askedFor_areTasksOfAScopeOfTheirOwn() {
        spans.reset();

        rest.get().uri("/searches").exchange().expectStatus().isOk();

        // By the annotations: without them there were no such scope, and no task for what runs asynchronously.
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(spans.nested())
                        .contains(
                                "scope history < scope http.request",
                                "task latest < scope history",
                                "task async < scope history"));
    }
}
