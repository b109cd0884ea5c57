// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.cancellation;

import static io.traio.spring.boot.cancellation.ObservedScopes.Threads.PLATFORM;
import static io.traio.spring.boot.cancellation.ObservedScopes.Threads.VIRTUAL;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.traio.spring.boot.cancellation.ObservedScopes.Cancel;
import io.traio.spring.boot.cancellation.ObservedScopes.Threads;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** A cancelled {@link RestClient} leaves as cancelled, whatever it makes of the interrupt; a lost server is a failure. */
class RestClientCancellationTest {

    /** Reading of a socket reacts to interrupts on virtual threads only. */
    private enum Client {
        SIMPLE(SimpleClientHttpRequestFactory::new, VIRTUAL),
        JDK(JdkClientHttpRequestFactory::new, VIRTUAL, PLATFORM);

        private final Supplier<ClientHttpRequestFactory> requests;
        private final List<Threads> interruptible;

        Client(Supplier<ClientHttpRequestFactory> requests, Threads... interruptible) {
            this.requests = requests;
            this.interruptible = List.of(interruptible);
        }

        Callable<?> get(SilentServer server) {
            RestClient client =
                    RestClient.builder().requestFactory(requests.get()).build();
            return () -> client.get()
                    .uri("http://" + server.address() + "/")
                    .retrieve()
                    .body(String.class);
        }
    }

    /** How far the server comes with its answer. */
    private enum Silent {
        AT_ONCE(""),
        AFTER_THE_HEADERS(SilentServer.HEADERS);

        private final String beginning;

        Silent(String beginning) {
            this.beginning = beginning;
        }
    }

    static Stream<Arguments> cancelled() {
        return Arrays.stream(Client.values())
                .flatMap(client -> client.interruptible.stream()
                        .flatMap(threads -> Arrays.stream(Silent.values())
                                .flatMap(silent -> Arrays.stream(Cancel.values())
                                        .map(cancel -> Arguments.of(client, threads, silent, cancel)))));
    }

    @ParameterizedTest
    @MethodSource("cancelled")
    void request_toASilentServer_isCancelled(Client client, Threads threads, Silent silent, Cancel cancel) {
        assumeTrue(
                client != Client.JDK
                        || silent == Silent.AT_ONCE
                        || Runtime.version().feature() >= 21,
                "the client's stream of a body swallows interrupts on JDK 17");
        try (ObservedScopes scopes = new ObservedScopes(threads);
                SilentServer server = new SilentServer(silent.beginning)) {
            scopes.assertCancelled(client.get(server), server::awaitClient, cancel);
        }
    }

    static Stream<Arguments> lost() {
        return Arrays.stream(Client.values())
                .flatMap(client -> Arrays.stream(Threads.values())
                        .flatMap(threads ->
                                Arrays.stream(Silent.values()).map(silent -> Arguments.of(client, threads, silent))));
    }

    @ParameterizedTest
    @MethodSource("lost")
    void request_whoseServerClosesTheConnection_fails(Client client, Threads threads, Silent silent) {
        try (ObservedScopes scopes = new ObservedScopes(threads);
                SilentServer server = new SilentServer(silent.beginning)) {
            scopes.assertFailed(
                    client.get(server),
                    server::awaitClient,
                    (scope, task) -> server.close(),
                    RestClientException.class);
        }
    }
}
