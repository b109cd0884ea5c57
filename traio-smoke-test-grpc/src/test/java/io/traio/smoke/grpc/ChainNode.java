// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.grpc;

import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.grpc.client.GrpcChannelFactory;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/**
 * One of several applications in a row, a process of its own: does work that never ends by itself, and calls the next one.
 * Arguments are properties; {@code next.grpc} and {@code next.http} are the address of the next one. When it has started it
 * prints its ports, and it ends when its standard input ends.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({ChainNode.Work.class, ChainNode.Web.class})
class ChainNode {

    static final String READY = "ports ";

    public static void main(String[] properties) throws Exception {
        try (ConfigurableApplicationContext context = SpringApplication.run(ChainNode.class, properties)) {
            System.out.println(
                    READY + context.getBean(GrpcServerLifecycle.class).getPort() + " "
                            + context.getEnvironment().getProperty("local.server.port"));
            while (System.in.read() >= 0) {
                // The parent is alive.
            }
        }
    }

    @Bean
    BindableService trips(Work work) {
        return Rpc.service(work::handle);
    }

    static class Work {

        private final Channel nextByGrpc;
        private final RestClient nextByHttp;
        private final List<Long> stopped = new CopyOnWriteArrayList<>();

        Work(Environment environment, GrpcChannelFactory channels, RestClient.Builder clients) {
            String address = environment.getProperty("next.grpc");
            nextByGrpc = address != null ? channels.createChannel("static://" + address) : null;
            String url = environment.getProperty("next.http");
            nextByHttp = url != null ? clients.baseUrl(url).build() : null;
        }

        void handle(String request, StreamObserver<String> answer) {
            in(Scope.requireCurrent(), true);
            answer.onNext(request);
            answer.onCompleted();
        }

        /** Spawns the work of this node, and the call of the next one. */
        void in(Scope scope, boolean grpc) {
            scope.spawn("work", () -> {
                try {
                    new CountDownLatch(1).await();
                } finally {
                    stopped.add(System.currentTimeMillis());
                }
            });
            if (grpc && nextByGrpc != null) {
                scope.spawn("next", () -> Rpc.find(nextByGrpc, "trip"));
            } else if (!grpc && nextByHttp != null) {
                scope.spawn(
                        "next", () -> nextByHttp.get().uri("/work").retrieve().body(String.class));
            }
        }
    }

    @RestController
    static class Web {

        private final Work work;
        private final ScopeFactory scopes;

        Web(Work work, ScopeFactory scopes) {
            this.work = work;
            this.scopes = scopes;
        }

        @GetMapping("/work")
        String work() {
            work.in(Scope.requireCurrent(), false);
            return "never";
        }

        /** Begins at this node; returns when its time was up. */
        @GetMapping("/begin")
        String begin(@RequestParam long millis, @RequestParam boolean grpc) {
            long end = System.currentTimeMillis() + millis;
            try {
                scopes.run("chain", s -> s.withTimeout(Duration.ofMillis(millis)), scope -> work.in(scope, grpc));
                return "not timed out";
            } catch (ScopeTimeoutException e) {
                return e.getSuppressed().length == 0 ? "" + end : "suppressed: " + e.getSuppressed()[0];
            }
        }

        /** Returns when the work of this node was stopped, the last time first; empty if it was not. */
        @GetMapping("/stopped")
        String stopped() {
            return work.stopped.isEmpty() ? "" : "" + work.stopped.remove(work.stopped.size() - 1);
        }
    }
}
