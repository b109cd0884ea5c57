// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.grpc.client.GrpcChannelFactory;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** An application with a gRPC server, whose handler tests set, and with channels whose calls are intercepted. */
final class Server implements AutoCloseable {

    /** What the service does. */
    volatile Rpc.Handler handler = (request, answer) -> Rpc.answer(answer, request);

    private final Scopes scopes = new Scopes();
    private final List<ManagedChannel> channels = new CopyOnWriteArrayList<>();
    private final ConfigurableApplicationContext context;

    Server(String... properties) {
        this(new Class<?>[0], properties);
    }

    Server(Class<?>[] more, String... properties) {
        context = new SpringApplicationBuilder(App.class)
                .sources(more)
                .properties(
                        "server.port=0",
                        "spring.grpc.server.port=0",
                        "spring.main.banner-mode=off",
                        "logging.level.root=warn",
                        "management.endpoints.web.exposure.include=scopes")
                .properties(properties)
                .initializers(application -> {
                    GenericApplicationContext beans = (GenericApplicationContext) application;
                    beans.registerBean(
                            BindableService.class,
                            () -> Rpc.service((request, answer) -> handler.handle(request, answer)));
                    beans.registerBean(ScopeListener.class, () -> scopes);
                })
                .run();
    }

    int port() {
        return bean(GrpcServerLifecycle.class).getPort();
    }

    /** Returns the address of the web server. */
    String web() {
        return "http://localhost:" + context.getEnvironment().getProperty("local.server.port");
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    ScopeFactory factory() {
        return bean(ScopeFactory.class);
    }

    /** Returns a channel of this application to a server. */
    ManagedChannel channelTo(Server other) {
        return channelTo(other.port());
    }

    ManagedChannel channelTo(int port) {
        ManagedChannel channel = bean(GrpcChannelFactory.class).createChannel("static://localhost:" + port);
        channels.add(channel);
        return channel;
    }

    /** Returns how the next scope of a call has ended. */
    ScopeOutcome outcomeOfCall() throws InterruptedException {
        ScopeOutcome outcome = scopes.calls.poll(20, TimeUnit.SECONDS);
        assertThat(outcome).as("outcome of a grpc.call").isNotNull();
        return outcome;
    }

    /** Forgets calls that have ended, and fails if one has not. */
    void reset() {
        awaitNoScopes();
        scopes.calls.clear();
        handler = (request, answer) -> Rpc.answer(answer, request);
    }

    void awaitNoScopes() {
        await().untilAsserted(() -> assertThat(factory().scopes()).isEmpty());
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        context.close();
    }

    private static final class Scopes implements ScopeListener {

        private final BlockingQueue<ScopeOutcome> calls = new LinkedBlockingQueue<>();

        @Override
        public void scopeClosed(Scope scope, ScopeOutcome outcome) {
            if (scope.name().equals("grpc.call")) {
                calls.add(outcome);
            }
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {}
}
