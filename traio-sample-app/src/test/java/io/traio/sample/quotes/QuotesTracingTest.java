// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.traio.sample.Spans;
import io.traio.sample.TracedTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.client.RestTestClient;

@TracedTest
class QuotesTracingTest {

    @Autowired
    private RestTestClient rest;

    @Autowired
    private Spans spans;

    @Test
    void search_traced_isATreeOfScopesAndTasksAcrossThreads() {
        spans.reset();

        rest.get()
                .uri("/quotes?from=PAR&to=NRT&timeout=10s&fail=gamma")
                .exchange()
                .expectStatus()
                .isOk();

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(spans.nested())
                        .contains(
                                "scope http.request < http get /quotes",
                                "scope quotes < scope http.request",
                                "task progress < scope quotes",
                                "scope suppliers < scope quotes",
                                "task alpha < scope suppliers",
                                "task beta < scope suppliers",
                                "task gamma < scope suppliers",
                                "task delta < scope suppliers",
                                "http get < task alpha"));
    }
}
