// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import io.traio.Scope;
import io.traio.Task;
import org.junit.jupiter.api.Test;

/** The code of docs/guide/grpc.md. */
class GrpcGuideTest {

    private record Stub(Channel channel) {

        String find(String request) {
            return Rpc.find(channel, request);
        }
    }

    private static final class Trips {

        private final Stub flights;
        private final Stub hotels;

        Trips(Channel channel) {
            flights = new Stub(channel);
            hotels = new Stub(channel);
        }

        // The code of the page.

        public void find(String trip, StreamObserver<String> answer) {
            Scope scope = Scope.requireCurrent();
            Task<String> flight = scope.spawn("flight", () -> flights.find(trip));
            Task<String> hotel = scope.spawn("hotel", () -> hotels.find(trip));
            answer.onNext(flight.join() + ", " + hotel.join());
            answer.onCompleted();
        }
    }

    @Test
    void trips_areFound() {
        try (Server server = new Server();
                Server next = new Server()) {
            Trips trips = new Trips(server.channelTo(next));
            server.handler = trips::find;
            assertThat(Rpc.find(next.channelTo(server), "Oslo")).isEqualTo("Oslo, Oslo");
        }
    }
}
