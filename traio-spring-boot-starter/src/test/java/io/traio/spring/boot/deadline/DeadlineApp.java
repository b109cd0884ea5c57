// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.test.TestClock;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A service that calls itself. */
@Configuration(proxyBeanMethods = false)
class DeadlineApp {

    static final String HEADER = "Request-Timeout-Ms";
    static final Duration PASSING = Duration.ofMillis(300);

    @Bean
    TestClock clock() {
        return new TestClock();
    }

    @RestController
    static class Service {

        final AtomicInteger calls = new AtomicInteger();
        final CountDownLatch waiting = new CountDownLatch(1);
        private volatile CountDownLatch receiving;
        private final ScopeFactory scopes;
        private final TestClock clock;
        private final RestClient restClient;
        private final RestTemplate restTemplate;
        private final WebClient webClient;

        Service(
                ScopeFactory scopes,
                TestClock clock,
                RestClient.Builder restClient,
                RestTemplateBuilder restTemplate,
                WebClient.Builder webClient) {
            this.scopes = scopes;
            this.clock = clock;
            this.restClient = restClient.build();
            this.restTemplate = restTemplate.build();
            this.webClient =
                    webClient.clientConnector(new JdkClientHttpConnector()).build();
        }

        @GetMapping("/left")
        String left() {
            return Scope.current()
                    .orElseThrow()
                    .remaining()
                    .map(Duration::toString)
                    .orElse("none");
        }

        @GetMapping("/sent")
        String sent(@RequestHeader(name = HEADER, required = false) String value) {
            calls.incrementAndGet();
            return value == null ? "none" : value;
        }

        @GetMapping("/call/{client}")
        String call(@PathVariable String client, @RequestHeader("Host") String host) {
            return call(client, "http://" + host + "/sent", null);
        }

        @GetMapping("/call-own/{client}")
        String callWithOwn(@PathVariable String client, @RequestHeader("Host") String host) {
            return call(client, "http://" + host + "/sent", "77");
        }

        @GetMapping("/call-late/{client}")
        String callLate(@PathVariable String client, @RequestHeader("Host") String host) {
            return scopes.call(
                    "late",
                    s -> s.withTimeout(Duration.ofNanos(1)),
                    scope -> call(client, "http://" + host + "/sent", null));
        }

        /** Time passes in the handler. */
        @GetMapping("/call-after/{client}")
        String callAfter(@PathVariable String client, @RequestHeader("Host") String host) {
            Scope.current();
            clock.advance(PASSING);
            return call(client, "http://" + host + "/sent", null);
        }

        @GetMapping("/fails-after")
        String failsAfter() {
            Scope.current();
            clock.advance(PASSING);
            throw new UnsupportedOperationException();
        }

        @ExceptionHandler(UnsupportedOperationException.class)
        String failed(HttpServletRequest request) {
            return left() + " " + call("rest-client", "http://" + request.getHeader("Host") + "/sent", null);
        }

        @GetMapping("/error-after")
        void errorAfter(HttpServletResponse response) throws IOException {
            Scope.current();
            clock.advance(PASSING);
            response.sendError(409);
        }

        /** Gives up after a first answer, and calls once more. */
        @GetMapping("/call-twice/{client}")
        String callTwice(@PathVariable String client, @RequestHeader("Host") String host) {
            String uri = "http://" + host + "/sent";
            return client.equals("web-client")
                    ? webClient
                            .mutate()
                            .filters(filters -> filters.add(
                                    0,
                                    (request, next) -> next.exchange(request)
                                            .flatMap(ClientResponse::releaseBody)
                                            .doOnTerminate(() -> clock.advance(PASSING))
                                            .then(Mono.defer(() -> next.exchange(request)))))
                            .build()
                            .get()
                            .uri(uri)
                            .retrieve()
                            .bodyToMono(String.class)
                            .block()
                    : restClient
                            .mutate()
                            .requestInterceptors(all -> all.add(0, (request, body, execution) -> {
                                execution.execute(request, body).close();
                                clock.advance(PASSING);
                                return execution.execute(request, body);
                            }))
                            .build()
                            .get()
                            .uri(uri)
                            .retrieve()
                            .body(String.class);
        }

        /** Sends a body whose second half is there once the receiver has begun to read. */
        @GetMapping("/upload/{client}")
        String upload(@PathVariable String client, @RequestHeader("Host") String host) {
            CountDownLatch reading = new CountDownLatch(1);
            receiving = reading;
            InputStream half = new ByteArrayInputStream(new byte[100_000]);
            InputStream rest = new ByteArrayInputStream(new byte[100_000]) {
                @Override
                public synchronized int read(byte[] bytes, int from, int length) {
                    try {
                        if (!reading.await(20, TimeUnit.SECONDS)) {
                            throw new IllegalStateException("nothing was sent");
                        }
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return super.read(bytes, from, length);
                }
            };
            InputStreamResource body = new InputStreamResource(new SequenceInputStream(half, rest));
            String uri = "http://" + host + "/receive";
            return client.equals("rest-client")
                    ? restClient.post().uri(uri).body(body).retrieve().body(String.class)
                    : restTemplate.postForObject(uri, body, String.class);
        }

        @PostMapping("/receive")
        String receive(InputStream body, @RequestHeader(HEADER) String left) throws IOException {
            int length = body.readNBytes(1).length;
            receiving.countDown();
            return length + body.readAllBytes().length + " bytes, " + left;
        }

        @GetMapping("/call-retried")
        String callRetried(@RequestHeader("Host") String host) {
            AtomicInteger tries = new AtomicInteger();
            return webClient
                    .get()
                    .uri("http://" + host + "/sent")
                    .retrieve()
                    .bodyToMono(String.class)
                    .publishOn(Schedulers.boundedElastic())
                    .doOnNext(answer -> {
                        if (tries.getAndIncrement() == 0) {
                            clock.advance(PASSING);
                            throw new UnsupportedOperationException();
                        }
                    })
                    .retry()
                    .block();
        }

        @GetMapping("/wait")
        String waitForEver() {
            return Scope.current().orElseThrow().await(() -> {
                waiting.countDown();
                new CountDownLatch(1).await();
                return "never seen";
            });
        }

        String call(String client, String uri, String own) {
            return switch (client) {
                case "rest-client" ->
                    restClient
                            .get()
                            .uri(uri)
                            .headers(h -> {
                                if (own != null) {
                                    h.set(HEADER, own);
                                }
                            })
                            .retrieve()
                            .body(String.class);
                case "rest-template" ->
                    restTemplate.execute(
                            uri,
                            HttpMethod.GET,
                            request -> {
                                if (own != null) {
                                    request.getHeaders().set(HEADER, own);
                                }
                            },
                            response -> new String(response.getBody().readAllBytes()));
                case "web-client" ->
                    webClient
                            .get()
                            .uri(uri)
                            .headers(h -> {
                                if (own != null) {
                                    h.set(HEADER, own);
                                }
                            })
                            .retrieve()
                            .bodyToMono(String.class)
                            .block();
                default -> throw new IllegalArgumentException(client);
            };
        }
    }

    @RestController
    static class ErrorPage implements ErrorController {

        private final Service service;

        ErrorPage(Service service) {
            this.service = service;
        }

        @RequestMapping("/error")
        String error() {
            return service.left();
        }
    }
}
