// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.webflux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.traio.ScopeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import reactor.core.publisher.Hooks;

/** The scope of WebFlux requests, on Netty with a single event loop: a handler that blocked it would block the next request. */
@Timeout(60)
class RequestScopeOnNettyTest {

    private static final String AUTO = "--spring.reactor.context-propagation=auto";

    /** The applications that were started, by their arguments. */
    private static final Map<List<String>, ConfigurableApplicationContext> APPS = new HashMap<>();

    private final HttpClient client = HttpClient.newHttpClient();
    private ConfigurableApplicationContext app;
    private FluxApp.Seen seen;

    @BeforeAll
    static void oneEventLoop() {
        System.setProperty("reactor.netty.ioWorkerCount", "1");
    }

    @AfterAll
    static void closeAll() {
        APPS.values().forEach(ConfigurableApplicationContext::close);
        Hooks.disableAutomaticContextPropagation();
    }

    @AfterEach
    void letTasksEnd() {
        if (seen != null) {
            seen.mayEnd.countDown();
            assertNoneLive();
        }
    }

    private void start(String... arguments) {
        app = APPS.computeIfAbsent(List.of(arguments), RequestScopeOnNettyTest::run);
        seen = app.getBean(FluxApp.Seen.class);
        seen.reset();
        // The hooks are those of the process.
        if (List.of(arguments).contains(AUTO)) {
            Hooks.enableAutomaticContextPropagation();
        } else {
            Hooks.disableAutomaticContextPropagation();
        }
    }

    private static ConfigurableApplicationContext run(List<String> more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--management.endpoints.web.exposure.include=scopes",
                "--spring.main.banner-mode=off",
                "--logging.level.root=warn",
                "--traio.lifecycle.drain-timeout=0s"));
        arguments.addAll(more);
        return new SpringApplication(FluxApp.class).run(arguments.toArray(String[]::new));
    }

    private int port() {
        return Integer.parseInt(app.getEnvironment().getRequiredProperty("local.server.port"));
    }

    private HttpRequest request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port() + path));
        return (headers.length > 0 ? request.headers(headers) : request).build();
    }

    private HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return client.send(request(path, headers), BodyHandlers.ofString());
    }

    /** Sends a request whose task has started, and returns its answer to come. */
    private CompletableFuture<HttpResponse<String>> begin(String path) throws InterruptedException {
        CompletableFuture<HttpResponse<String>> answer = client.sendAsync(request(path), BodyHandlers.ofString());
        assertThat(seen.started.await(20, TimeUnit.SECONDS)).isTrue();
        return answer;
    }

    private void assertNoneLive() {
        await().until(() -> app.getBean(ScopeFactory.class).scopes().isEmpty());
    }

    // ---- use ----

    @ParameterizedTest
    @ValueSource(strings = {"/spawn/1", "/f/spawn"})
    void tasks_ofAHandler_giveTheBody(String path) throws Exception {
        start();
        assertThat(get(path).body()).isEqualTo("flight+hotel");
        assertThat(seen.events).contains("opened http.request", "flight done", "hotel done", "closed http.request");
        assertNoneLive();
    }

    @Test
    void tasks_joinedByAChain_giveTheBody() throws Exception {
        start();
        assertThat(get("/trips/7").body()).isEqualTo("{\"flight\":\"flight 7\",\"hotel\":\"hotel 7\"}");
    }

    @Test
    void request_thatUsesNoScope_opensNone() throws Exception {
        start(AUTO);
        assertThat(get("/plain").body()).isEqualTo("plain");
        assertThat(get("/no-such-path").statusCode()).isEqualTo(404);
        assertThat(seen.events).isEmpty();
    }

    @Test
    void current_withAutomaticPropagation_isTheRequests() throws Exception {
        start(AUTO);
        assertThat(get("/current").body()).isEqualTo("http.requesttrue");
        assertThat(get("/hops").body()).isEqualTo("hopped");
        assertThat(get("/injected").body()).isEqualTo("http.request");
        assertNoneLive();
    }

    @Test
    void current_withoutAutomaticPropagation_saysWhatToDo() throws Exception {
        start();
        assertThat(get("/injected", "Accept", "application/json").statusCode()).isEqualTo(500);
        assertThat(seen.events).isEmpty();
    }

    @Test
    void request_switchedOff_hasNoScope() throws Exception {
        start("--traio.request.enabled=false");
        assertThat(app.getBeanNamesForType(io.traio.spring.boot.request.RequestScopeWebFilter.class))
                .isEmpty();
        assertThat(get("/task-fails").statusCode()).isEqualTo(500);
        assertThat(seen.events).isEmpty();
    }

    // ---- the end ----

    @ParameterizedTest
    @ValueSource(strings = {"/background", "/entity", "/nothing", "/f/background", "/flux"})
    void response_tasksLeft_waitsForThemAndBlocksNoEventLoop(String path) throws Exception {
        start();
        CompletableFuture<HttpResponse<String>> answer = begin(path);
        assertThat(get("/plain").body()).isEqualTo("plain");
        assertThat(answer).isNotDone();
        seen.mayEnd.countDown();
        assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(seen.events).contains("background done");
        assertNoneLive();
    }

    @Test
    void atEnd_cancel_cancelsTasksThatAreLeft() throws Exception {
        start("--traio.request.at-end=cancel");
        assertThat(get("/background").body()).isEqualTo("done");
        assertThat(seen.events).contains("background cancelled");
    }

    /** Often, since the failure races the commit of the response. */
    @RepeatedTest(100)
    void failure_ofATaskThatIsNotJoined_isTheAnswer() throws Exception {
        start();
        assertThat(get("/background-fails").statusCode()).isEqualTo(423);
        assertThat(get("/scope-fails").statusCode()).isEqualTo(423);
        assertNoneLive();
    }

    @Test
    void failure_ofATaskThatIsJoined_cancelsTheOthers() throws Exception {
        start();
        assertThat(get("/task-fails").statusCode()).isEqualTo(423);
        assertThat(seen.events).contains("background cancelled");
    }

    @Test
    void handler_fails_tasksEndBeforeTheExceptionHandler() throws Exception {
        start();
        HttpResponse<String> answer = get("/fails");
        assertThat(answer.statusCode()).isEqualTo(418);
        assertThat(answer.body()).isEqualTo("teapot");
        assertThat(seen.events)
                .containsExactly("opened http.request", "background cancelled", "closed http.request", "answered");
    }

    @Test
    void handlerFunction_fails_tasksEndBeforeTheAnswer() throws Exception {
        start();
        assertThat(get("/f/fails").statusCode()).isEqualTo(500);
        assertThat(seen.events).contains("background cancelled", "closed http.request");
    }

    @Test
    void handler_throws_tasksEndBeforeTheAnswer() throws Exception {
        start(AUTO);
        assertThat(get("/throws").statusCode()).isEqualTo(418);
        assertThat(seen.events).contains("answered", "background cancelled", "closed http.request");
    }

    // ---- time ----

    @ParameterizedTest
    @ValueSource(strings = {"/never", "/two-times", "/f/never"})
    void timeout_passes_isForTheExceptionHandlerWhichHasAScopeOfItsOwn(String path) throws Exception {
        start("--traio.request.timeout=300ms");
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(answer.body()).isEqualTo("late");
        assertThat(seen.events).contains("background cancelled", "handler done");
        assertThat(seen.events.stream().filter("closed http.request"::equals)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/never-entity"})
    void timeout_passesWhileTheBodyIsMade_is503(String path) throws Exception {
        start("--traio.request.timeout=300ms");
        assertThat(get(path).statusCode()).isEqualTo(503);
        assertThat(seen.events).contains("background cancelled", "closed http.request");
    }

    @Test
    void timeout_passes_cancelsTheChain() throws Exception {
        start("--traio.request.timeout=300ms");
        get("/never");
        assertThat(seen.events).contains("chain cancelled");
    }

    @ParameterizedTest
    @CsvSource({"200, 503", "soon, 400", "0, 400"})
    void deadline_ofTheCaller_limitsTheScope(String header, int status) throws Exception {
        start("--traio.deadline.enabled=true");
        assertThat(get("/never-entity", "Request-Timeout-Ms", header).statusCode())
                .isEqualTo(status);
        assertThat(get("/plain", "Request-Timeout-Ms", "200").statusCode()).isEqualTo(200);
        assertNoneLive();
    }

    @Test
    void deadline_ofAnUntrustedCaller_isIgnored() throws Exception {
        start("--traio.deadline.enabled=true", "--traio.deadline.trusted-networks=10.1.2.3");
        assertThat(get("/plain", "Request-Timeout-Ms", "soon").statusCode()).isEqualTo(200);
    }

    // ---- clients that hang up ----

    @ParameterizedTest
    @ValueSource(strings = {"/never", "/background", "/sse", "/flux", "/f/never"})
    void client_hangsUp_cancelsTheTasks(String path) throws Exception {
        start();
        try (Socket socket = new Socket("localhost", port())) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(seen.started.await(20, TimeUnit.SECONDS)).isTrue();
        }
        await().until(() -> seen.events.contains("closed http.request"));
        assertThat(seen.events).anyMatch(event -> event.endsWith(" cancelled"));
        assertNoneLive();
    }

    // ---- streams ----

    @Test
    void stream_isWrittenWhileTasksRun() throws Exception {
        start();
        HttpResponse<InputStream> answer = client.send(request("/sse"), BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            assertThat(new String(body.readNBytes("data:first\n\n".length()), StandardCharsets.UTF_8))
                    .isEqualTo("data:first\n\n");
            seen.mayEnd.countDown();
            seen.mayComplete.tryEmitEmpty();
            assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("data:worked\n\n");
        }
        assertThat(seen.events).contains("second done");
        assertNoneLive();
    }

    @Test
    void stream_fails_closesTheConnection() throws Exception {
        start();
        HttpResponse<InputStream> answer = client.send(request("/flux-fails"), BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        seen.mayEnd.countDown();
        try (InputStream body = answer.body()) {
            assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
        }
        assertNoneLive();
    }

    // ---- blocking handlers ----

    private static String[] virtualThreads() {
        assumeThat(Runtime.version().feature()).isGreaterThanOrEqualTo(21);
        return new String[] {AUTO, "--spring.threads.virtual.enabled=true", "--traio.request.timeout=500ms"};
    }

    @Test
    void blockingHandler_onAVirtualThread_joinsItsTasks() throws Exception {
        start(virtualThreads());
        assertThat(get("/blocking").body()).isEqualTo("flight VirtualThread");
        assertNoneLive();
    }

    @Test
    void blockingHandler_fails_cancelsItsTasks() throws Exception {
        start(virtualThreads());
        assertThat(get("/blocking-fails").statusCode()).isEqualTo(418);
        assertThat(seen.events).contains("background cancelled", "closed http.request");
        assertNoneLive();
    }

    @Test
    void blockingHandler_timesOut_isForTheExceptionHandler() throws Exception {
        start(virtualThreads());
        assertThat(get("/blocking-never").statusCode()).isEqualTo(504);
        assertThat(seen.events).contains("background cancelled", "handler done");
        assertNoneLive();
    }

    // ---- view ----

    @Test
    void endpoint_whileTheRequestRuns_saysWhichItIs() throws Exception {
        start();
        CompletableFuture<HttpResponse<String>> answer = begin("/background");
        String scopes = get("/actuator/scopes", "Accept", "application/json").body();
        assertThat(scopes)
                .contains(
                        "\"name\":\"http.request\"",
                        "\"http.request.method\":\"GET\"",
                        "\"http.route\":\"/background\"");
        seen.mayEnd.countDown();
        answer.get(20, TimeUnit.SECONDS);
    }
}
