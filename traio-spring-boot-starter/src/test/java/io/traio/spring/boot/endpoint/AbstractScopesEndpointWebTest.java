// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.Task;
import io.traio.spring.boot.factory.OperatorCancelledException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skyscreamer.jsonassert.JSONAssert;
import tools.jackson.databind.JsonNode;

/** The endpoint over a real server: one that may be read only, as by default, and one without restriction. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AbstractScopesEndpointWebTest {

    private final String webApplicationType;
    private ActuatorServer readOnly;
    private ActuatorServer unrestricted;
    private CountDownLatch end;

    AbstractScopesEndpointWebTest(String webApplicationType) {
        this.webApplicationType = "spring.main.web-application-type=" + webApplicationType;
    }

    @BeforeAll
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void startServers() {
        readOnly = ActuatorServer.start(
                webApplicationType,
                "management.endpoints.web.exposure.include=scopes,health",
                "management.endpoint.health.show-details=always",
                "management.health.scopes.enabled=true");
        unrestricted = ActuatorServer.start(webApplicationType, "management.endpoint.scopes.access=unrestricted");
    }

    @AfterAll
    void stopServers() {
        readOnly.close();
        unrestricted.close();
    }

    @BeforeEach
    void begin() {
        end = new CountDownLatch(1);
    }

    @AfterEach
    void endTasks() {
        end.countDown();
        Stream.of(readOnly, unrestricted)
                .flatMap(server -> server.scopes().scopes().stream())
                .forEach(scope -> ((OpenScope) scope).close());
    }

    @Test
    void get_nothingLive_isAnEmptyList() throws Exception {
        HttpResponse<String> answer = readOnly.get("");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).contains("json"));
        assertThat(answer.body()).isEqualTo("{\"total\":0,\"truncated\":false,\"scopes\":[]}");
    }

    @Test
    void get_liveScopes_hasTheShapeThatIsDocumented() throws Exception {
        OpenScope quotes = readOnly.scopes().openShared("quotes", s -> s.withTimeout(Duration.ofSeconds(2)));
        Instant opened = readOnly.clock().now();
        readOnly.clock().advance(Duration.ofMillis(100));
        Task<?> task = start(quotes, "supplier-a");
        OpenScope audit = quotes.fork().openShared("audit");
        readOnly.clock().advance(Duration.ofMillis(1_100));
        HttpResponse<String> answer = readOnly.get("");
        String thread = readOnly.json("").at("/scopes/0/tasks/0/thread").asString();
        String expected = """
                {"total": 1, "truncated": false, "scopes": [{
                   "id": "%d", "name": "quotes", "kind": "scope", "state": "open", "openedAt": "%s", "age": "PT1.2S",
                   "remaining": "PT0.8S", "straggling": false, "shielded": false, "tasks": [{"id": "%d", "name": "supplier-a", "state": "running",
                   "master": false, "bubble": true, "toJoin": false, "awaited": true, "age": "PT1.1S", "thread": "%s"}],
                   "children": [{"id": "%d", "name": "audit", "kind": "scope", "state": "open", "openedAt": "%s", "age": "PT1.1S",
                   "remaining": "PT0.8S", "straggling": false, "shielded": false, "tasks": [], "children": []}]}]}
                """.formatted(quotes.id(), opened, task.id(), thread, audit.id(), opened.plusMillis(100));
        JSONAssert.assertEquals(expected, answer.body(), /* strict= */ true);
    }

    @Test
    void get_scopeOfAThread_namesIt() throws Exception {
        JsonNode answer = readOnly.scopes().call("body", scope -> readOnly.json(""));
        assertThat(answer.at("/scopes/0/thread").asString())
                .isEqualTo(Thread.currentThread().getName());
    }

    @Test
    void get_recent_hasTheScopesThatWentWrongWithWhatWasUnfinished() throws Exception {
        OpenScope quotes = readOnly.scopes().openShared("recent", s -> s.withTimeout(Duration.ofSeconds(2)));
        Task<?> task = start(quotes, "supplier-a");
        readOnly.clock().advance(Duration.ofSeconds(2));
        Instant ended = readOnly.clock().now();
        await().atMost(Duration.ofSeconds(20)).until(() -> quotes.state() == Scope.State.CLOSED);
        JsonNode answer = readOnly.json("?view=recent&name=recent&limit=1");
        String thread = answer.at("/scopes/0/scope/tasks/0/thread").asString();
        String opened = answer.at("/scopes/0/scope/openedAt").asString();
        String expected = """
                {"since": "%s", "total": 1, "truncated": false, "names": %s, "scopes": [{"endedAt": "%s", "outcome": "timeout", "slow": false, "duration": "PT2S", "unwind": "PT0S",
                 "exceptions": ["io.traio.ScopeTimeoutException"], "stragglers": [], "truncated": false, "scope": {
                   "id": "%d", "name": "recent", "kind": "scope", "state": "open", "cancelled": "timeout", "openedAt": "%s",
                   "age": "PT2S", "remaining": "PT0S", "straggling": false, "shielded": false, "tasks": [{"id": "%d",
                   "name": "supplier-a", "state": "running", "master": false, "bubble": true, "toJoin": false,
                   "awaited": true, "age": "PT2S", "thread": "%s"}], "children": []}}]}
                """.formatted(
                answer.get("since").asString(), answer.get("names"), ended, quotes.id(), opened, task.id(), thread);
        JSONAssert.assertEquals(expected, answer.toString(), /* strict= */ true);
        assertThat(readOnly.get("?view=recent&name=recent", "Accept", "text/plain")
                        .body())
                .contains("timeout after 2.0 s", "supplier-a (task " + task.id() + ") running 2.0 s");
        assertThat(readOnly.get("?view=past").statusCode()).isEqualTo(400);
    }

    @Test
    void get_withName_filters() throws Exception {
        readOnly.scopes().openShared("quotes");
        readOnly.scopes().openShared("other");
        JsonNode answer = readOnly.json("?name=QUO");
        assertThat(answer.get("total").asInt()).isEqualTo(1);
        assertThat(answer.at("/scopes/0/name").asString()).isEqualTo("quotes");
    }

    @Test
    void get_withLimit_truncates() throws Exception {
        readOnly.scopes().openShared("one");
        readOnly.scopes().openShared("two");
        JsonNode answer = readOnly.json("?limit=1");
        assertThat(answer.get("total").asInt()).isEqualTo(2);
        assertThat(answer.get("truncated").asBoolean()).isTrue();
        assertThat(answer.get("scopes")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "10001", "many", "99999999999", "1.5"})
    void get_limitInvalid_is400(String limit) throws Exception {
        assertThat(readOnly.get("?limit=" + limit).statusCode()).isEqualTo(400);
    }

    @Test
    void get_nestedAsDeepAsScopesMay_isWellFormed() throws Exception {
        JsonNode answer = nested(1, 1_000);
        assertThat(answer.get("truncated").asBoolean()).isTrue();
        assertThat(answer.at("/scopes/0" + "/children/0".repeat(99) + "/name").asString())
                .isEqualTo("level100");
    }

    @Test
    void get_nameWithMarkup_isPlainJson() throws Exception {
        readOnly.scopes().openShared("<b>\"\\\r\n\u0000");
        String name = readOnly.json("").at("/scopes/0/name").asString();
        assertThat(name).startsWith("<b>\"").doesNotContain("\r", "\n", "\u0000");
    }

    @Test
    void getOne_childScope_isThatOne() throws Exception {
        OpenScope child = readOnly.scopes().openShared("parent").fork().openShared("child");
        JsonNode answer = readOnly.json("/" + child.id());
        assertThat(answer.at("/scope/id").asString()).isEqualTo(Long.toString(child.id()));
        assertThat(answer.at("/scope/name").asString()).isEqualTo("child");
        assertThat(answer.get("truncated").asBoolean()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/0", "/-1", "/seven", "/9223372036854775808"})
    void getOne_unknownId_is404(String id) throws Exception {
        assertThat(readOnly.get(id).statusCode()).isEqualTo(404);
    }

    /** What curl, browsers, and some HTTP clients ask for. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    */*                                                              | application/vnd.spring-boot.actuator.v3+json
                    application/json                                                 | application/json
                    application/json, text/plain, */*                                | application/json
                    text/plain                                                       | text/plain;charset=UTF-8
                    text/plain;charset=utf-8                                         | text/plain;charset=UTF-8
                    text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8  | text/html;charset=UTF-8
                    text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8 \
                                                                                     | text/html;charset=UTF-8
                    text/*                                                           | text/html;charset=UTF-8
                    application/json;q=0.5, text/html;q=0.1                          | application/json
                    """)
    void get_accept_negotiates(String accept, String contentType) throws Exception {
        HttpResponse<String> answer = readOnly.get("", "Accept", accept);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type").orElseThrow()).isEqualToIgnoringCase(contentType);
    }

    @Test
    void get_anythingElse_is406() throws Exception {
        assertThat(readOnly.get("", "Accept", "image/png").statusCode()).isEqualTo(406);
    }

    @Test
    void getText_liveScopes_isATree() throws Exception {
        OpenScope scope = readOnly.scopes().openShared("R\u00e9seau");
        Task<?> task = start(scope, "ping");
        HttpResponse<String> answer = readOnly.get("?name=seau&limit=5", "Accept", "text/plain");
        assertThat(answer.body().lines())
                .hasSize(4)
                .first()
                .isEqualTo("R\u00e9seau (scope " + scope.id() + ") open 0 ms");
        assertThat(answer.body()).contains("\u2514\u2500\u2500 ping (task " + task.id() + ") running 0 ms, thread ");
    }

    @Test
    void getText_limitInvalid_is400() throws Exception {
        assertThat(readOnly.get("?limit=0", "Accept", "text/plain").statusCode())
                .isEqualTo(400);
    }

    @Test
    void getOneText_childScope_isThatOne() throws Exception {
        OpenScope child = readOnly.scopes().openShared("parent").fork().openShared("child");
        assertThat(readOnly.get("/" + child.id(), "Accept", "text/plain").body())
                .isEqualTo("child (scope " + child.id() + ") open 0 ms\n");
    }

    @Test
    void getOneText_unknownId_is404() throws Exception {
        assertThat(readOnly.get("/0", "Accept", "text/plain").statusCode()).isEqualTo(404);
    }

    @Test
    void getPage_readOnly_offersNoCancelling() throws Exception {
        assertThat(readOnly.get("", "Accept", "text/html").body()).contains("data-cancellable=\"false\"");
    }

    @Test
    void getPage_unrestricted_offersCancelling() throws Exception {
        assertThat(unrestricted.get("", "Accept", "text/html").body())
                .contains("data-cancellable=\"true\"", "data-csrf-token=\"\"");
    }

    @Test
    void getPage_anywhere_cannotBeFramed() throws Exception {
        for (ActuatorServer server : List.of(readOnly, unrestricted)) {
            assertThat(server.get("", "Accept", "text/html").headers().allValues("X-Frame-Options"))
                    .containsExactly("DENY");
        }
    }

    @Test
    void getPage_answersMayBeCached_isNot() throws Exception {
        try (ActuatorServer server =
                ActuatorServer.start(webApplicationType, "management.endpoint.scopes.cache.time-to-live=1h")) {
            for (int i = 0; i < 2; i++) {
                HttpResponse<String> page = server.get("", "Accept", "text/html");
                assertThat(page.headers().allValues("X-Frame-Options")).containsExactly("DENY");
                assertThat(page.headers().allValues("Cache-Control")).containsExactly("no-store");
                assertThat(page.headers().firstValue("Content-Type"))
                        .hasValueSatisfying(type -> assertThat(type).startsWith("text/html"));
            }
            assertThat(server.json("").get("total").asInt()).isZero();
            server.scopes().openShared("late");
            assertThat(server.json("").get("total").asInt())
                    .as("lists are cached")
                    .isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"+%d", "0%d", "%d.0", "%d%%20", "%%20%d", "-%d", "%d;x=y", "%d;"})
    void getOne_idSpeltInAnotherWay_is404(String spelling) throws Exception {
        OpenScope scope = unrestricted.scopes().openShared("one");
        assertThat(unrestricted.get("/" + scope.id()).statusCode()).isEqualTo(200);
        String id = spelling.formatted(scope.id());
        assertThat(unrestricted.get("/" + id).statusCode()).isEqualTo(404);
        assertThat(unrestricted.delete(id).statusCode()).isEqualTo(404);
        assertThat(scope.isCancelled()).isFalse();
    }

    @Test
    void getOne_moreThanFits_isTruncated() throws Exception {
        OpenScope parent = readOnly.scopes().openShared("parent");
        for (int i = 0; i < 200; i++) {
            parent.fork().openShared("child");
        }
        JsonNode answer = readOnly.json("/" + parent.id());
        assertThat(answer.get("truncated").asBoolean()).isTrue();
        assertThat(answer.at("/scope/children")).hasSize(199);
        assertThat(readOnly.get("/" + parent.id(), "Accept", "text/plain").body())
                .endsWith("\nNot all is shown\n");
    }

    @Test
    void health_stragglerThere_is503UntilItEnds() throws Exception {
        assertThat(health().statusCode()).isEqualTo(200);
        OpenScope scope = readOnly.scopes().openShared("slow");
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn("deaf", () -> block(started), t -> t.withInterruptOnCancel(false));
        started.await();
        scope.cancel();
        readOnly.clock().advance(Duration.ofSeconds(2));
        HttpResponse<String> down = health();
        assertThat(down.statusCode()).isEqualTo(503);
        assertThat(down.body()).contains("\"status\":\"DOWN\"", "\"deaf\"");
        end.countDown();
        await().atMost(Duration.ofSeconds(20)).until(() -> health().statusCode() == 200);
    }

    private HttpResponse<String> health() throws Exception {
        return ActuatorServer.send(
                ActuatorServer.request("GET", readOnly.address("").resolve("/actuator/health/scopes")));
    }

    @Test
    void delete_readOnlyAccess_is405() throws Exception {
        OpenScope scope = readOnly.scopes().openShared("safe");
        assertThat(readOnly.delete(scope.id()).statusCode()).isEqualTo(405);
        assertThat(scope.isCancelled()).isFalse();
    }

    @Test
    void delete_accessCappedForAll_is405() throws Exception {
        try (ActuatorServer capped = ActuatorServer.start(
                webApplicationType,
                "management.endpoint.scopes.access=unrestricted",
                "management.endpoints.access.max-permitted=read-only")) {
            OpenScope scope = capped.scopes().openShared("safe");
            assertThat(capped.delete(scope.id()).statusCode()).isEqualTo(405);
            assertThat(scope.isCancelled()).isFalse();
            scope.close();
        }
    }

    @Test
    void delete_liveScope_is204AndCancels() throws Exception {
        OpenScope scope = unrestricted.scopes().openShared("victim");
        HttpResponse<String> answer = unrestricted.delete(scope.id());
        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.body()).isEmpty();
        assertThat(scope.isCancelled()).isTrue();
    }

    @Test
    void delete_withAReason_showsItUntilTheScopeEnds() throws Exception {
        OpenScope scope = unrestricted.scopes().openShared("victim");
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        scope.spawn(
                "cleans up",
                () -> {
                    started.countDown();
                    return release.await(20, TimeUnit.SECONDS);
                },
                t -> t.withInterruptOnCancel(false));
        started.await();
        assertThat(unrestricted.delete(scope.id() + "?reason=too%20slow").statusCode())
                .isEqualTo(204);
        assertThat(unrestricted.json("").at("/scopes/0/cancelled").asString())
                .isEqualTo("explicit: by an operator: too slow");
        release.countDown();
        assertThatThrownBy(scope::awaitDone)
                .isInstanceOf(OperatorCancelledException.class)
                .hasMessageEndingWith(": too slow");
    }

    @Test
    void delete_childScope_is204AndLeavesItsParent() throws Exception {
        OpenScope parent = unrestricted.scopes().openShared("parent");
        OpenScope child = parent.fork().openShared("child");
        assertThat(unrestricted.delete(child.id()).statusCode()).isEqualTo(204);
        assertThat(child.isCancelled()).isTrue();
        assertThat(parent.isCancelled()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "seven", "9223372036854775808", "%0d%0a"})
    void fault23_deleteOfUnknownId_is404(String id) throws Exception {
        assertThat(unrestricted.delete(id).statusCode()).isEqualTo(404);
    }

    @Test
    void fault23_deleteOfEndedScope_is404() throws Exception {
        OpenScope scope = unrestricted.scopes().openShared("ended");
        scope.close();
        assertThat(unrestricted.delete(scope.id()).statusCode()).isEqualTo(404);
    }

    @Test
    void fault23_deleteTwiceAtOnce_is204BothTimes() throws Exception {
        OpenScope scope = unrestricted.scopes().openShared("victim", s -> s.withCancelTimeout(Duration.ofHours(1)));
        // Ignores the interrupt, so that the scope is still there for the second request.
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn("deaf", () -> block(started), t -> t.withInterruptOnCancel(false));
        started.await();
        List<CompletableFuture<Integer>> answers = Stream.generate(() -> CompletableFuture.supplyAsync(() -> {
                    try {
                        return unrestricted.delete(scope.id()).statusCode();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }))
                .limit(2)
                .toList();
        assertThat(answers).extracting(CompletableFuture::join).containsExactly(204, 204);
        assertThat(scope.isCancelled()).isTrue();
    }

    /** What the endpoint answers inside of so many scopes. */
    private JsonNode nested(int level, int levels) throws Exception {
        return level > levels
                ? readOnly.json("")
                : readOnly.scopes().call("level" + level, scope -> nested(level + 1, levels));
    }

    private Void block(CountDownLatch started) throws InterruptedException {
        started.countDown();
        end.await();
        return null;
    }

    private Task<?> start(Scope scope, String name) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        Task<?> task = scope.spawn(name, () -> block(started));
        started.await();
        return task;
    }
}
