// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.ScopeFactory;
import io.traio.spring.boot.request.WebServer;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

class GracefulShutdownTest {

    @Test
    void phase_ofTheLifecycle_isBetweenTheWebServersAndTheExecutors() {
        assertThat(ScopeFactoryLifecycle.PHASE)
                .isLessThan(WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE)
                .isLessThan(WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE)
                .isGreaterThan(ExecutorConfigurationSupport.DEFAULT_PHASE);
    }

    @ParameterizedTest
    @EnumSource
    void request_underWayAtShutdown_opensScopesAndIsAnswered(WebServer.Kind kind) throws Exception {
        WebServer server = WebServer.start(kind, App.class, "server.shutdown=graceful");
        App app = server.bean(App.class);
        CompletableFuture<HttpResponse<String>> answer = server.getLater("/slow");
        app.underWay.await();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
        assertThat(answer.get().body()).isEqualTo("in the request, of its own");
        closed.get();
    }

    @Configuration(proxyBeanMethods = false)
    @Import(App.Web.class)
    static class App {

        final CountDownLatch underWay = new CountDownLatch(1);
        final CountDownLatch stopping = new CountDownLatch(1);

        /** Stopped just before the web server begins to wait for its requests. */
        @Bean
        SmartLifecycle justBefore() {
            return new SmartLifecycle() {

                private volatile boolean running;

                @Override
                public void start() {
                    running = true;
                }

                @Override
                public void stop() {
                    running = false;
                    stopping.countDown();
                }

                @Override
                public boolean isRunning() {
                    return running;
                }

                @Override
                public int getPhase() {
                    return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 1;
                }
            };
        }

        @RestController
        static class Web {

            private final App app;
            private final ScopeFactory scopes;

            Web(App app, ScopeFactory scopes) {
                this.app = app;
                this.scopes = scopes;
            }

            @GetMapping("/slow")
            String slow() throws InterruptedException {
                app.underWay.countDown();
                app.stopping.await();
                return scopes.call("child", scope -> scope.await(() -> "in the request, "))
                        + scopes.call("root", s -> s.withDetached(true), scope -> scope.await(() -> "of its own"));
            }
        }
    }
}
