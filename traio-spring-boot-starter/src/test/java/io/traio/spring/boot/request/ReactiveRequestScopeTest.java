// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.traio.ScopeFactory;
import io.traio.spring.boot.reactor.ReactorScopes;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The scope of WebFlux requests where a servlet container serves them; the smoke test of WebFlux has Netty. */
@Timeout(60)
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "spring.main.web-application-type=reactive")
@AutoConfigureWebTestClient
@DirtiesContext
class ReactiveRequestScopeTest {

    @Autowired
    private WebTestClient client;

    @Autowired
    private Web web;

    @Autowired
    private ScopeFactory scopes;

    @Test
    void tasks_ofAHandler_giveTheBody() {
        client.get().uri("/spawn").exchange().expectBody(String.class).isEqualTo("task");
        assertThat(scopes.scopes()).isEmpty();
    }

    @Test
    void failure_ofATaskThatIsNotJoined_isTheAnswer() {
        for (int round = 0; round < 50; round++) {
            client.get().uri("/background-fails").exchange().expectStatus().isEqualTo(423);
        }
    }

    @Test
    void stream_isCompletedWhenTasksHaveEnded() {
        Flux<String> body = client.get()
                .uri("/stream")
                .accept(MediaType.TEXT_EVENT_STREAM)
                .exchange()
                .returnResult(String.class)
                .getResponseBody();
        assertThat(body.doOnNext(event -> web.mayEnd.countDown()).collectList().block())
                .containsExactly("event");
        assertThat(web.ended.getCount()).isZero();
        await().until(() -> scopes.scopes().isEmpty());
    }

    @ResponseStatus(HttpStatus.LOCKED)
    static class LockedException extends RuntimeException {}

    @RestController
    static class Web {

        final CountDownLatch mayEnd = new CountDownLatch(1);
        final CountDownLatch ended = new CountDownLatch(1);

        @GetMapping("/spawn")
        Mono<String> spawn() {
            return ReactorScopes.spawn("task", () -> "task");
        }

        @GetMapping("/background-fails")
        Mono<String> backgroundFails() {
            return ReactorScopes.current()
                    .doOnNext(scope -> scope.spawn("background", () -> {
                        throw new LockedException();
                    }))
                    .thenReturn("done");
        }

        @GetMapping(path = "/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
        Flux<String> stream() {
            return ReactorScopes.current()
                    .doOnNext(scope -> scope.spawn("background", () -> {
                        if (mayEnd.await(20, TimeUnit.SECONDS)) {
                            ended.countDown();
                        }
                    }))
                    .thenMany(Flux.just("event"));
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Web.class)
    static class App {}
}
