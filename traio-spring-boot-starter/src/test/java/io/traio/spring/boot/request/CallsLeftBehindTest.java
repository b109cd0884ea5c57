// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import io.traio.spring.boot.http.ScopeExchangeFilterFunction;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;

/** Calls that the code of a request begins and does not wait for. */
@Timeout(60)
class CallsLeftBehindTest {

    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer other;

    @BeforeEach
    void startOther() throws Exception {
        other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.setExecutor(threads);
        other.createContext("/", exchange -> {
            try {
                mayAnswer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            byte[] answer = "answer".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        other.start();
    }

    @AfterEach
    void stopOther() {
        mayAnswer.countDown();
        other.stop(0);
        threads.shutdownNow();
    }

    private WebServer start(WebServer.Kind kind) {
        WebServer server = WebServer.start(kind, App.class);
        server.bean(Web.class).url = "http://localhost:" + other.getAddress().getPort() + "/";
        return server;
    }

    private static String leave(WebServer server, String path) throws Exception {
        String body = server.get(path).body();
        await().until(() -> server.bean(ScopeFactory.class).scopes().isEmpty());
        return body;
    }

    @ParameterizedTest
    @EnumSource(WebServer.Kind.class)
    void call_requestEndsBefore_goesOn(WebServer.Kind kind) throws Exception {
        try (WebServer server = start(kind)) {
            List<CompletableFuture<String>> calls = new ArrayList<>();
            for (String path : List.of("/handler", "/task", "/fails")) {
                leave(server, path);
                calls.add(server.bean(Web.class).call);
            }
            mayAnswer.countDown();
            for (CompletableFuture<String> call : calls) {
                assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo("answer");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(WebServer.Kind.class)
    void call_requestIsCancelled_ends(WebServer.Kind kind) throws Exception {
        try (WebServer server = start(kind)) {
            leave(server, "/cancels");
            assertEnded(server.bean(Web.class).call);
        }
    }

    /** Somebody has opened that scope for just this. */
    @ParameterizedTest
    @EnumSource(WebServer.Kind.class)
    void call_scopeInTheRequestEnds_endsWithThat(WebServer.Kind kind) throws Exception {
        try (WebServer server = start(kind)) {
            assertThat(leave(server, "/scope")).isEqualTo("left");
            assertEnded(server.bean(Web.class).call);
        }
    }

    private static void assertEnded(CompletableFuture<String> call) {
        assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS)).hasRootCauseInstanceOf(ScopeCancelledException.class);
    }

    @RestController
    static class Web {

        private final ScopeFactory scopes;
        private final WebClient client = WebClient.builder()
                .clientConnector(new JdkClientHttpConnector())
                .filter(new ScopeExchangeFilterFunction())
                .build();
        volatile String url = "";
        volatile CompletableFuture<String> call = new CompletableFuture<>();

        Web(ScopeFactory scopes) {
            this.scopes = scopes;
        }

        @GetMapping("/handler")
        String handler() {
            begin();
            return "left";
        }

        @GetMapping("/task")
        String task() {
            Scope.requireCurrent().spawn("task", this::begin);
            return "left";
        }

        @GetMapping("/scope")
        String scope() {
            scopes.run("own", own -> begin());
            return "left";
        }

        @GetMapping("/cancels")
        String cancels() {
            begin();
            Scope.requireCurrent().cancel();
            return "left";
        }

        @GetMapping("/fails")
        String fails() {
            begin();
            throw new IllegalStateException("of the handler");
        }

        private void begin() {
            call = client.get().uri(url).retrieve().bodyToMono(String.class).toFuture();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(Web.class)
    static class App {}
}
