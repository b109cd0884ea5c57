// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.suppliers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.traio.sample.suppliers.SupplierProperties.Conduct;
import java.io.IOException;
import java.net.BindException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SupplierServerTest {

    private static final Conduct FAST = new Conduct(Duration.ZERO, false);
    private static final Conduct FAILING = new Conduct(Duration.ZERO, true);
    private static final Conduct SLOW = new Conduct(Duration.ofMillis(300), false);
    private static final Conduct DEAD = new Conduct(SupplierServer.MAX_LATENCY, false);

    private SupplierServer server;

    @BeforeEach
    void start() throws Exception {
        server = new SupplierServer(new SupplierProperties(0, FAST, FAILING, SLOW, DEAD));
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void fare_asked_isAnswered() throws Exception {
        HttpResponse<String> answer = get("/alpha/fare?from=PAR&to=NRT");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(answer.body()).isEqualTo("{\"supplier\":\"alpha\",\"price\":610.56,\"currency\":\"EUR\"}");
    }

    @Test
    void fare_ofFailingSupplier_503() throws Exception {
        assertThat(get("/beta/fare?from=PAR&to=NRT").statusCode()).isEqualTo(503);
    }

    @Test
    void fare_ofSlowSupplier_takesItsLatency() throws Exception {
        long start = System.nanoTime();

        assertThat(get("/gamma/fare?from=PAR&to=NRT").statusCode()).isEqualTo(200);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(SLOW.latency());
    }

    @ParameterizedTest
    @CsvSource({
        "/alpha/fare?from=PAR&to=NRT&fail=true, 503",
        "/beta/fare?from=PAR&to=NRT&fail=false, 200",
        "/delta/fare?from=PAR&to=NRT&latency=1ms, 200",
        "/delta/fare?from=PAR&to=NRT&latency=PT0S, 200",
        "/alpha/fare?from=PAR&to=NRT&latency=soon, 400",
        "/alpha/fare?from=PAR&to=NRT&latency=-1s, 400",
        "/alpha/fare?from=PAR&to=NRT&latency=2h, 400",
        "/alpha/fare?from=PAR&to=XXX, 400",
        "/alpha/fare?from=PAR, 400",
        "/omega/fare?from=PAR&to=NRT, 404",
        "/alpha, 404",
        "/, 404"
    })
    void request_isAnsweredWith(String target, int status) throws Exception {
        assertThat(get(target).statusCode()).isEqualTo(status);
    }

    @Test
    void request_notGet_405() throws Exception {
        HttpRequest post = HttpRequest.newBuilder(server.uri().resolve("/alpha/fare"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();

        assertThat(send(post).statusCode()).isEqualTo(405);
    }

    @Test
    void caller_hangsUp_isNoticedAtOnce() throws Exception {
        try (Socket caller = call("GET /delta/fare?from=PAR&to=NRT HTTP/1.1\r\n\r\n")) {
            await().until(() -> server.callsUnderWay() == 1);
        }

        await().untilAsserted(() -> assertThat(server.hangUps("delta")).isEqualTo(1));
        await().untilAsserted(() -> assertThat(server.callsUnderWay()).isZero());
    }

    @Test
    void caller_hangsUpInTheRequest_isForgotten() throws Exception {
        try (Socket caller = call("GET /delta/fare?from=PAR&to=NRT HTTP/1.1\r\n")) {
            await().until(() -> server.callsUnderWay() == 1);
        }

        await().untilAsserted(() -> assertThat(server.callsUnderWay()).isZero());
        assertThat(server.hangUps("delta")).isZero();
    }

    @Test
    void close_callUnderWay_endsIt() throws Exception {
        try (Socket caller = call("GET /delta/fare?from=PAR&to=NRT HTTP/1.1\r\n\r\n")) {
            await().until(() -> server.callsUnderWay() == 1);

            server.close();

            assertThat(server.callsUnderWay()).isZero();
        }
        assertThatThrownBy(() -> call("")).isInstanceOf(IOException.class);
    }

    @Test
    void port_taken_isAnError() {
        SupplierProperties properties = new SupplierProperties(server.uri().getPort(), FAST, FAST, FAST, FAST);

        assertThatThrownBy(() -> new SupplierServer(properties)).isInstanceOf(BindException.class);
    }

    private HttpResponse<String> get(String target) throws Exception {
        return send(HttpRequest.newBuilder(server.uri().resolve(target)).build());
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString(ISO_8859_1));
    }

    private Socket call(String request) throws IOException {
        Socket caller = new Socket(server.uri().getHost(), server.uri().getPort());
        caller.getOutputStream().write(request.getBytes(ISO_8859_1));
        return caller;
    }
}
