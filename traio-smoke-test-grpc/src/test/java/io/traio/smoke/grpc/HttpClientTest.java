// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.grpc;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.traio.FactoryOptions;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import io.traio.spi.CancellationSignals;
import io.traio.spring.boot.http.ScopeClientHttpRequestFactory;
import io.traio.spring.boot.http.ScopeExchangeFilterFunction;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.JettyClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

/** Calls by HTTP whose server does not answer, or not to the end, end with their scope: by all clients, on all threads. */
class HttpClientTest {

    private static final String HEADERS = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T open(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    private enum Client {
        SIMPLE(url -> rest(new SimpleClientHttpRequestFactory(), url)),
        JDK(url -> rest(new JdkClientHttpRequestFactory(), url)),
        APACHE(url -> rest(new HttpComponentsClientHttpRequestFactory(), url)),
        JETTY(url -> rest(new JettyClientHttpRequestFactory(), url)),
        TEMPLATE(url -> new RestTemplate(new ScopeClientHttpRequestFactory(new SimpleClientHttpRequestFactory()))
                .getForObject(url, String.class)),
        WEB(url -> WebClient.builder()
                .clientConnector(new JdkClientHttpConnector())
                .filter(new ScopeExchangeFilterFunction())
                .build()
                .get()
                .uri(url)
                .retrieve()
                .bodyToMono(String.class)
                .block());

        private final Function<String, String> call;

        Client(Function<String, String> call) {
            this.call = call;
        }

        private static String rest(ClientHttpRequestFactory requests, String url) {
            return RestClient.builder()
                    .requestFactory(new ScopeClientHttpRequestFactory(requests))
                    .build()
                    .get()
                    .uri(url)
                    .retrieve()
                    .body(String.class);
        }

        /** Its reading of a body blocks in a socket. */
        private boolean isBlocking() {
            return this == SIMPLE || this == APACHE || this == TEMPLATE;
        }
    }

    /** Where the call is made. */
    private enum Caller {
        TASK_ON_A_PLATFORM_THREAD,
        TASK_ON_A_VIRTUAL_THREAD,
        BOUND_PLATFORM_THREAD,
        BOUND_VIRTUAL_THREAD;

        private boolean isPlatform() {
            return this == TASK_ON_A_PLATFORM_THREAD || this == BOUND_PLATFORM_THREAD;
        }

        private ThreadFactory threads() {
            assumeTrue(isPlatform() || Runtime.version().feature() >= 21, "virtual threads");
            return isPlatform() ? Thread::new : FactoryOptions.virtualThreads("call-");
        }
    }

    static Stream<Arguments> calls() {
        return Arrays.stream(Client.values())
                .flatMap(client -> Arrays.stream(Caller.values())
                        .flatMap(caller -> Stream.of("", HEADERS)
                                .filter(begin -> begin.isEmpty() || !client.isBlocking() || !caller.isPlatform())
                                .map(begin -> Arguments.of(client, caller, begin))));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void call_whoseScopeIsCancelled_ends(Client client, Caller caller, String beginning) throws Exception {
        SlowServer server = open(new SlowServer(beginning));
        ThreadFactory threads = caller.threads();
        ScopeFactory scopes = open(ScopeFactory.create(f -> f.withThreadFactory(threads)));
        OpenScope scope = scopes.openShared("calls");
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Runnable call = () -> thrown.complete(catchThrowable(() -> client.call.apply(server.url())));
        if (caller == Caller.BOUND_PLATFORM_THREAD || caller == Caller.BOUND_VIRTUAL_THREAD) {
            threads.newThread(() -> {
                        try (Scope.Binding bound = scope.bind()) {
                            call.run();
                            assertThat(Thread.currentThread().isInterrupted()).isFalse();
                        }
                    })
                    .start();
        } else {
            scope.spawn("call", call::run);
        }
        server.awaitRequest();
        scope.cancel();
        assertThat(thrown.get(20, TimeUnit.SECONDS)).matches(CancellationSignals::isSignal);
        await().untilAsserted(() -> assertThat(scopes.scopes()).isEmpty());
    }

    @ParameterizedTest
    @EnumSource(Client.class)
    void call_thatIsAnswered_isUntouched(Client client) {
        SlowServer server = open(new SlowServer(ANSWER));
        ScopeFactory scopes = open(ScopeFactory.create());
        String answer = scopes.call("s", s -> s.withTimeout(ofMillis(20_000)), scope -> {
            Task<String> task = scope.spawn("task", () -> client.call.apply(server.url()));
            return client.call.apply(server.url()) + task.join();
        });
        assertThat(answer).isEqualTo("okok");
        assertThat(client.call.apply(server.url())).isEqualTo("ok");
    }

    @ParameterizedTest
    @EnumSource(Client.class)
    void call_whoseTimeIsUp_timesOutWithItsScope(Client client) {
        SlowServer server = open(new SlowServer(""));
        ScopeFactory scopes = open(ScopeFactory.create(f -> f.withThreadFactory(Thread::new)));
        assertThatThrownBy(() ->
                        scopes.call("s", s -> s.withTimeout(ofMillis(300)), scope -> client.call.apply(server.url())))
                .isInstanceOf(ScopeTimeoutException.class);
    }

    /** A connection that an abandoned call has leased comes back, or is closed. */
    @Test
    void pool_afterManyCancels_hasItsConnection() {
        SlowServer server = open(new SlowServer(ANSWER));
        PoolingHttpClientConnectionManager pool = open(PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnTotal(1)
                .setMaxConnPerRoute(1)
                .build());
        RestClient client = RestClient.builder()
                .requestFactory(new ScopeClientHttpRequestFactory(new HttpComponentsClientHttpRequestFactory(
                        HttpClients.custom().setConnectionManager(pool).build())))
                .build();
        ScopeFactory scopes = open(ScopeFactory.create());
        Random random = new Random(13);
        for (int i = 0; i < 300; i++) {
            long micros = random.nextInt(3_000);
            scopes.run("s", scope -> {
                scope.spawn(
                        "call", () -> client.get().uri(server.url()).retrieve().body(String.class));
                TimeUnit.MICROSECONDS.sleep(micros);
                scope.cancel();
                Thread.interrupted();
            });
        }
        await().untilAsserted(() -> assertThat(pool.getTotalStats().getLeased()).isZero());
        assertThat(client.get().uri(server.url()).retrieve().body(String.class)).isEqualTo("ok");
    }

    /** Reads requests and sends the same beginning of an answer to each. */
    private static final class SlowServer implements AutoCloseable {

        private final ServerSocket listening;
        private final String beginning;
        private final List<Socket> clients = new CopyOnWriteArrayList<>();
        private final BlockingQueue<Socket> requests = new LinkedBlockingQueue<>();

        SlowServer(String beginning) {
            this.beginning = beginning;
            try {
                listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            start(this::accept);
        }

        private static void start(Runnable work) {
            Thread thread = new Thread(work, "slow-server");
            thread.setDaemon(true);
            thread.start();
        }

        private void accept() {
            try {
                while (true) {
                    Socket client = listening.accept();
                    clients.add(client);
                    start(() -> serve(client));
                }
            } catch (IOException closed) {
                // The end.
            }
        }

        private void serve(Socket client) {
            try {
                InputStream in = client.getInputStream();
                int end = 0;
                for (int next = in.read(); next >= 0; next = in.read()) {
                    end = next == '\r' || next == '\n' ? end + 1 : 0;
                    if (end == 4) {
                        end = 0;
                        client.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));
                        requests.add(client);
                    }
                }
            } catch (IOException closed) {
                // The client has gone, or the test is over.
            }
        }

        String url() {
            return "http://" + listening.getInetAddress().getHostAddress() + ":" + listening.getLocalPort() + "/";
        }

        void awaitRequest() throws InterruptedException {
            assertThat(requests.poll(20, TimeUnit.SECONDS)).as("request").isNotNull();
        }

        @Override
        public void close() throws IOException {
            listening.close();
            for (Socket client : clients) {
                client.close();
            }
        }
    }
}
