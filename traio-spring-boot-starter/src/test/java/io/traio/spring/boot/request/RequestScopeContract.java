// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.request.RequestScopeApp.Probe;
import io.traio.spring.boot.request.RequestScopeApp.Probes;
import io.traio.test.TestClock;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for the scope of a request on every server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RequestScopeContract {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private WebServer server;
    private Probe probe;

    abstract WebServer.Kind kind();

    @BeforeAll
    void start() {
        server = WebServer.start(kind(), RequestScopeApp.class, "traio.request.timeout=10s");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void newProbe() {
        probe = new Probe();
        server.bean(Probes.class).probe = probe;
    }

    /** Each scope that was opened is closed, once; the threads of the server are in none. */
    @AfterEach
    void nothingIsLeft() throws Exception {
        probe.release.countDown();
        await().until(() -> server.bean(ScopeFactory.class).scopes().isEmpty());
        assertThat(probe.closed).hasSameSizeAs(probe.opened);
        for (int i = 0; i < 5; i++) {
            assertThat(server.get("/current").body()).isEqualTo("http.request http.request true");
        }
    }

    // ---- the current scope ----

    @Test
    void scope_nobodyUsesIt_isNotOpened() throws Exception {
        assertThat(server.get("/unused").body()).isEqualTo("unused");
        assertThat(probe.opened).isEmpty();
    }

    @Test
    void scope_currentAndInjected_areTheSame() throws Exception {
        assertThat(server.get("/current").body()).isEqualTo("http.request http.request true");
        assertThat(probe.opened).hasSize(1);
    }

    @Test
    void scope_injectedInATaskOfAChild_isThatOfTheRequest() throws Exception {
        assertThat(server.get("/injected-in-task").body()).isEqualTo("true");
    }

    @Test
    void scope_injectedOnAThreadOfNoRequest_throws() throws Exception {
        assertThat(server.get("/injected-elsewhere").body()).contains("No request scope");
    }

    @Test
    void scope_injectedInARootOfThatName_isThatOfTheRequest() throws Exception {
        assertThat(server.get("/injected-in-namesake").body()).isEqualTo("true");
    }

    @Test
    void scope_openedByAFactory_isAChild() throws Exception {
        assertThat(server.get("/child").body()).isEqualTo("http.request");
    }

    @Test
    void scope_ofEachRequest_isAnother() throws Exception {
        probe.release.countDown();
        server.get("/left");
        server.get("/left");
        assertThat(probe.seen).hasSize(2).doesNotHaveDuplicates();
    }

    // ---- tasks left at the end ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/left",
                "/left-entity",
                "/left-void",
                "/left-forwarded",
                "/left-async",
                "/left-attributes",
                "/callable",
                "/deferred",
                "/future",
                "/streaming",
                "/emitter-completes",
                "/executor-left",
                "/left-resource",
                "/fn/left",
                "/fn/left-empty",
                "/fn/left-resource",
                "/fn/left-ready",
                "/fn/left-async",
                "/fn/left-future"
            })
    void taskLeft_handlerReturned_isJoinedBeforeTheResponseIsComplete(String path) throws Exception {
        CompletableFuture<HttpResponse<String>> response = server.getLater(path);
        probe.started.await();
        assertThatThrownBy(() -> response.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        assertThat(probe.finished).hasValue(0);
        probe.release.countDown();
        assertThat(response.get().statusCode()).isBetween(200, 202);
        assertThat(probe.finished).hasValue(path.equals("/left-attributes") ? 2 : 1);
        assertThat(probe.opened).hasSize(1);
        assertThat(probe.seen).containsOnly(probe.opened.peek());
    }

    @Test
    void taskLeft_handlerIncludesAnother_isNotWaitedForThere() throws Exception {
        assertThat(server.get("/including").body()).isEqualTo("included in http.request worked");
        assertThat(probe.opened).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/resource", "/fn/fed"})
    void taskLeft_feedsTheResource_isNotWaitedForBefore(String path) throws Exception {
        assertThat(server.get(path).body()).isEqualTo("a line that is longer than the pipe");
    }

    @Test
    void taskLeft_sendsTheEventsOfAHandlerFunction_isNotWaitedForBefore() throws Exception {
        assertThat(server.get("/fn/sse").body()).contains("data:http.request");
    }

    @Test
    void taskLeft_writesTheStreamOfAHandlerFunction_isNotWaitedForBefore() throws Exception {
        assertThat(server.get("/fn/stream").body()).isEqualTo("streamed");
    }

    @Test
    void taskLeft_contextCompletedByHand_isJoined() throws Exception {
        CompletableFuture<HttpResponse<String>> response = server.getLater("/raw/complete");
        probe.started.await();
        probe.release.countDown();
        assertThat(response.get().body()).isEqualTo("complete");
        await().until(() -> probe.closed.size() == 1);
        assertThat(probe.closed.peek().failure()).isNull();
    }

    @Test
    void task_completesTheContextItself_endsTheScope() throws Exception {
        assertThat(server.get("/raw/complete-in-task").body()).isEqualTo("complete");
        await().until(() -> probe.closed.size() == 1);
    }

    @Test
    void requestAttributes_inATaskOfAnAsynchronousHandler_areThere() throws Exception {
        assertThat(server.get("/attributes-async").body()).isEqualTo("there");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/executor-async", "/executor-async-returned", "/executor-supply", "/executor-task"})
    void work_onScopeTaskExecutor_isATaskOfTheRequest(String path) throws Exception {
        assertThat(server.get(path).body()).isEqualTo("http.request on traio-");
        assertThat(probe.opened).hasSize(1);
    }

    @Test
    void callable_usesTheScopeFirst_opensIt() throws Exception {
        assertThat(server.get("/callable-first").body()).isEqualTo("first");
        assertThat(probe.opened).hasSize(1);
    }

    // ---- failures ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/fails-locked",
                "/raw/fails",
                "/fails-resource",
                "/fn/fails",
                "/fn/fails-empty",
                "/fn/fails-async"
            })
    void taskLeft_failsWithAStatus_givesItAsAProblem(String path) throws Exception {
        HttpResponse<String> response = server.get(path, "Accept", "application/json");
        assertThat(response.statusCode()).isEqualTo(423);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("\"status\":423").contains("by somebody else");
    }

    @Test
    void taskLeft_failsOutsideOfSpringMvc_keepsHeadersOfFilters() throws Exception {
        HttpResponse<String> response = server.get("/raw/fails");
        assertThat(response.statusCode()).isEqualTo(423);
        assertThat(response.headers().firstValue("Content-Security-Policy")).hasValue("default-src 'self'");
        assertThat(response.body()).doesNotContain("gone");
    }

    @Test
    void task_failsWithAPlainException_gives500WithoutItsMessage() throws Exception {
        HttpResponse<String> response = server.get("/fails-plain", "Accept", "application/json");
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("\"status\":500").doesNotContain("secret", "PlainException");
    }

    @Test
    void task_failsWithAnUncheckedException_isAnsweredBySpring() throws Exception {
        assertThat(server.get("/fails-status").statusCode()).isEqualTo(402);
    }

    @Test
    void taskLeft_failsWithWhatTheUserHandles_isTheirs() throws Exception {
        HttpResponse<String> response = server.get("/fails-known");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body()).isEqualTo("known, in http.request");
    }

    @Test
    void handler_fails_cancelsTasksBeforeTheFailureIsHandled() throws Exception {
        HttpResponse<String> response = server.get("/fails-itself");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body()).isEqualTo("known, in http.request");
        assertThat(probe.cancelled.getCount()).isZero();
        assertThat(probe.seen).hasSize(2).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/deferred-error", "/callable-throws"})
    void handler_failsOnAnotherThread_cancelsTasksBeforeTheFailureIsHandled(String path) throws Exception {
        HttpResponse<String> response = server.get(path);
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body()).isEqualTo("known, in http.request");
        assertThat(probe.cancelled.getCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/fails-committed", "/streaming-fails"})
    void taskLeft_failsWhenTheResponseIsCommitted_breaksTheResponse(String path) {
        probe.release.countDown();
        assertThatThrownBy(() -> server.get(path)).isInstanceOf(IOException.class);
    }

    @Test
    void deferredResult_taskFails_isTheFailure() throws Exception {
        probe.release.countDown();
        HttpResponse<String> response = server.get("/deferred-fails");
        assertThat(response.statusCode()).isEqualTo(423);
    }

    @Test
    void scope_leftOpenByTheHandler_isClosedAndReported() throws Exception {
        HttpResponse<String> response = server.get("/left-open");
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(probe.cancelled.getCount()).isZero();
    }

    @Test
    void scope_leftOpenByAnAsynchronousHandler_isClosedAndReported() throws Exception {
        assertThat(server.get("/left-open-async").statusCode()).isEqualTo(500);
    }

    // ---- error dispatch ----

    @Test
    void errorPage_afterSendError_hasAScopeOfItsOwn() throws Exception {
        CompletableFuture<HttpResponse<String>> later = server.getLater("/send-error");
        probe.started.await();
        probe.release.countDown();
        HttpResponse<String> response = later.get();
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).isEqualTo("error page in http.request");
        assertThat(probe.finished).hasValue(1);
        assertThat(probe.opened).hasSize(2);
    }

    @Test
    void errorPage_afterAnUnhandledException_hasAScopeOfItsOwn() throws Exception {
        HttpResponse<String> response = server.get("/throws");
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).isEqualTo("error page in http.request");
        assertThat(probe.finished).hasValue(0);
        assertThat(probe.opened).hasSize(2);
    }

    // ---- timeouts ----

    @ParameterizedTest
    @ValueSource(strings = {"/waits", "/waits-in-child", "/callable-waits", "/deferred-waits"})
    void timeout_passed_gives503(String path) throws Exception {
        HttpResponse<String> response = timedOut(path);
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("\"status\":503").doesNotContain("slow");
        assertThat(probe.cancelled.getCount()).isZero();
    }

    @Test
    void timeout_userHandlesIt_isTheirs() throws Exception {
        HttpResponse<String> response = timedOut("/waits-own");
        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(response.body()).isEqualTo("late: http.request");
    }

    private HttpResponse<String> timedOut(String path) throws Exception {
        CompletableFuture<HttpResponse<String>> response = server.getLater(path, "Accept", "application/json");
        probe.started.await();
        server.bean(TestClock.class).advance(TIMEOUT);
        return response.get();
    }

    // ---- what the container gives up ----

    @ParameterizedTest
    @ValueSource(strings = {"/callable-waits?timeout=100", "/deferred-waits?timeout=100"})
    void asyncTimeout_ofTheContainer_cancelsTasks(String path) throws Exception {
        assertThat(server.get(path).statusCode()).isEqualTo(503);
        probe.cancelled.await();
        assertThat(probe.seen.peek().isCancelled()).isTrue();
    }

    @Test
    void asyncTimeout_secondRound_cancelsTasks() throws Exception {
        server.get("/raw/again");
        probe.cancelled.await();
        assertThat(probe.seen.peek().isCancelled()).isTrue();
    }

    @Test
    void callable_runsOnAfterTheTimeout_findsTheScopeCancelled() throws Exception {
        assertThat(server.get("/callable-late").statusCode()).isEqualTo(503);
        probe.release.countDown();
        await().until(() -> probe.finished.get() == 1);
        assertThat(probe.late.isCancelled()).isTrue();
        assertThat(probe.late.state()).isEqualTo(Scope.State.CLOSED);
    }

    @Test
    void client_goesAway_cancelsTasks() throws Exception {
        HttpResponse<InputStream> response = server.get("/events", BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertThat(body.read()).isNotNegative();
        }
        probe.cancelled.await();
    }
}
