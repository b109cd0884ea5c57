// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.sample.SampleTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.test.web.servlet.client.RestTestClient.ResponseSpec;

/** The tree in docs/reference/endpoint.md is what this application prints while two suppliers are slow. */
@SampleTest
class ReadmeTreeTest {

    private static final String QUERY = "/quotes?from=PAR&to=NRT&timeout=10s&latency.alpha=60s&latency.beta=60s";

    @Autowired
    private RestTestClient rest;

    @Autowired
    private ScopeFactory scopes;

    private CompletableFuture<ResponseSpec> answer;

    @AfterEach
    void stop() throws Exception {
        scopes.scopes().forEach(Scope::cancel);
        answer.get(20, SECONDS);
    }

    @Test
    void tree_inTheReference_isWhatIsPrinted() throws Exception {
        Matcher tree = Pattern.compile("(?s)```text\n\\$ curl [^\n]+/actuator/scopes\n(.*?)```")
                .matcher(Files.readString(Path.of("..", "docs", "reference", "endpoint.md")));
        assertThat(tree.find()).isTrue();

        answer = CompletableFuture.supplyAsync(() -> rest.get().uri(QUERY).exchange());

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(shape(text())).isEqualTo(shape(tree.group(1))));
    }

    private String text() {
        return rest.get()
                .uri("/actuator/scopes")
                .accept(MediaType.TEXT_PLAIN)
                .exchange()
                .expectBody(String.class)
                .returnResult()
                .getResponseBody();
    }

    /** Without what differs from time to time: ids, times, names of threads. */
    private static String shape(String tree) {
        return tree.replaceAll("\\((scope|task) \\d+\\)", "($1)")
                .replaceAll(" (\\d+ ms|\\d+\\.\\d s|\\d+ m \\d+ s)", " time")
                .replaceAll("traceId [0-9a-f]+", "traceId")
                .replaceAll("thread [^\n]+", "thread");
    }
}
