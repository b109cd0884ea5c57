// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.traio.Scope;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.web.client.RestClient;

/** What is seen of the scopes of calls. */
class GrpcActuatorTest {

    @Test
    void endpoint_whileACallIsHandled_namesItsMethod() throws Exception {
        try (Server server = new Server()) {
            ManagedChannel channel = server.channelTo(server);
            CountDownLatch running = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            server.handler = (request, answer) -> {
                Scope.requireCurrent().spawn("task", () -> {
                    running.countDown();
                    release.await();
                });
                Rpc.answer(answer, request);
            };
            Future<String> call = Rpc.findLater(channel, "a");
            running.await();
            assertThat(RestClient.create(server.web())
                            .get()
                            .uri("/actuator/scopes")
                            .retrieve()
                            .body(String.class))
                    .contains("grpc.call", "\"rpc.method\":\"demo.Trips/Find\"");
            release.countDown();
            assertThat(call.get()).isEqualTo("a");
        }
    }
}
