// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import static io.traio.spring.boot.deadline.DeadlineApp.HEADER;
import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spring.boot.deadline.DeadlineApp.Service;
import io.traio.spring.boot.request.WebServer;
import io.traio.test.TestClock;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for deadlines on every server. The clock stands still. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DeadlineContract {

    private WebServer server;
    private WebServer limited;
    private WebServer off;

    abstract WebServer.Kind kind();

    @BeforeAll
    void start() {
        server = WebServer.start(kind(), DeadlineApp.class, "traio.deadline.enabled=true");
        limited = WebServer.start(
                kind(),
                DeadlineApp.class,
                "traio.deadline.enabled=true",
                "traio.deadline.header=X-Time-Left",
                "traio.deadline.max=5s",
                "traio.request.timeout=2s");
        off = WebServer.start(kind(), DeadlineApp.class);
    }

    @AfterAll
    void stop() {
        server.close();
        limited.close();
        off.close();
    }

    // ---- taken from requests ----

    @ParameterizedTest
    @CsvSource({"800, PT0.8S", "300000, PT5M", "300001, PT5M"})
    void request_withHeader_hasThatDeadlineUpToTheLimit(String value, String left) throws Exception {
        assertThat(server.get("/left", HEADER, value).body()).isEqualTo(left);
    }

    @Test
    void request_withoutHeader_hasNoDeadline() throws Exception {
        assertThat(server.get("/left").body()).isEqualTo("none");
    }

    @ParameterizedTest
    @CsvSource({"800, PT0.8S", "2001, PT2S", "60000, PT2S"})
    void request_withConfiguredHeader_isNeverLongerThanOurTimeout(String value, String left) throws Exception {
        assertThat(limited.get("/left", "X-Time-Left", value).body()).isEqualTo(left);
    }

    @Test
    void request_withAHeaderOfAnotherName_isNotLimited() throws Exception {
        assertThat(limited.get("/left", HEADER, "800").body()).isEqualTo("PT2S");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "soon", "1.5", "800ms", "99999999999999999999"})
    void request_withMalformedHeader_isABadRequest(String value) throws Exception {
        isBadRequest(server.get("/left", HEADER, value));
    }

    @Test
    void request_withTwoHeaders_isABadRequest() throws Exception {
        isBadRequest(server.get("/left", HEADER, "800", HEADER, "900"));
    }

    private static void isBadRequest(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("\"status\":400").contains(HEADER);
    }

    @Test
    void request_deadlinePasses_isCancelledWith503() throws Exception {
        CompletableFuture<HttpResponse<String>> response = server.getLater("/wait", HEADER, "800");
        server.bean(Service.class).waiting.await();
        server.bean(TestClock.class).advance(Duration.ofMillis(800));
        assertThat(response.get().statusCode()).isEqualTo(503);
    }

    @Test
    void request_deadlineInTheExceptionHandler_isThatOfTheCaller() throws Exception {
        assertThat(server.get("/fails-after", HEADER, "800").body()).isEqualTo("PT0.5S 500");
    }

    @Test
    void request_deadlineOfTheErrorPage_isThatOfTheCaller() throws Exception {
        assertThat(server.get("/error-after", HEADER, "800").body()).isEqualTo("PT0.5S");
    }

    @Test
    void request_ownTimeoutInTheExceptionHandler_startsAnew() throws Exception {
        assertThat(limited.get("/fails-after", "X-Time-Left", "2200").body()).startsWith("PT1.9S");
        assertThat(limited.get("/fails-after", "X-Time-Left", "5000").body()).startsWith("PT2S");
    }

    // ---- sent with calls ----

    @ParameterizedTest
    @ValueSource(strings = {"rest-client", "rest-template", "web-client"})
    void call_inARequestWithDeadline_saysWhatIsLeft(String client) throws Exception {
        assertThat(server.get("/call/" + client, HEADER, "800").body()).isEqualTo("800");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-client", "rest-template", "web-client"})
    void call_timeHasPassed_saysWhatIsLeft(String client) throws Exception {
        assertThat(server.get("/call-after/" + client, HEADER, "800").body()).isEqualTo("500");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-client", "web-client"})
    void call_madeAgain_saysWhatIsLeftThen(String client) throws Exception {
        assertThat(server.get("/call-twice/" + client, HEADER, "800").body()).isEqualTo("500");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-client", "rest-template"})
    void call_withALargeBody_isSentWhileItIsRead(String client) throws Exception {
        assertThat(server.get("/upload/" + client, HEADER, "800").body()).isEqualTo("200000 bytes, 800");
    }

    @Test
    void call_subscribedAgainOnAnotherThread_saysWhatIsLeftThen() throws Exception {
        assertThat(server.get("/call-retried", HEADER, "800").body()).isEqualTo("500");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-client", "rest-template", "web-client"})
    void call_inARequestWithoutDeadline_saysNothing(String client) throws Exception {
        assertThat(server.get("/call/" + client).body()).isEqualTo("none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-client", "rest-template", "web-client"})
    void call_withAHeaderOfItsOwn_keepsIt(String client) throws Exception {
        assertThat(server.get("/call-own/" + client, HEADER, "800").body()).isEqualTo("77");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-client", "rest-template", "web-client"})
    void call_nothingLeft_isNotSentAnd503(String client) throws Exception {
        Service service = server.bean(Service.class);
        int before = service.calls.get();
        HttpResponse<String> response = server.get("/call-late/" + client);
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).doesNotContain("late'");
        assertThat(service.calls).hasValue(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-client", "rest-template", "web-client"})
    void call_outsideOfRequests_saysNothing(String client) {
        Service service = server.bean(Service.class);
        assertThat(service.call(client, server.uri("/sent").toString(), null)).isEqualTo("none");
    }

    // ---- switched off ----

    @Test
    void deadlines_off_areIgnored() throws Exception {
        assertThat(off.get("/left", HEADER, "800").body()).isEqualTo("none");
        assertThat(off.get("/left", HEADER, "soon").body()).isEqualTo("none");
    }
}
