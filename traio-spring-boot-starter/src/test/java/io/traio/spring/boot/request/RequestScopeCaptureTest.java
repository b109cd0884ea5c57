// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.request.RequestScopeApp.Probe;
import io.traio.spring.boot.request.RequestScopeApp.Probes;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskDecorator;
import org.springframework.core.task.support.ContextPropagatingTaskDecorator;
import org.springframework.scheduling.annotation.Async;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The scope of a request, where the application has all context travel to its executors. */
@ParameterizedClass
@EnumSource
class RequestScopeCaptureTest {

    private final WebServer server;
    private final Probe probe = new Probe();

    RequestScopeCaptureTest(WebServer.Kind kind) {
        server = WebServer.start(kind, App.class);
    }

    @BeforeEach
    void useProbe() {
        server.bean(Probes.class).probe = probe;
    }

    @AfterEach
    void stop() {
        assertThat(server.bean(ScopeFactory.class).scopes()).isEmpty();
        server.close();
    }

    @Test
    void capture_nobodyUsesTheScope_opensNone() throws Exception {
        assertThat(server.get("/captured-unused").body()).isEqualTo("unused");
        assertThat(server.get("/captured-unused-callable").body()).isEqualTo("unused");
        assertThat(probe.opened).isEmpty();
    }

    @Test
    void capture_usedOnTheOtherThreadFirst_opensThatOfTheRequest() throws Exception {
        assertThat(server.get("/captured-used").body()).isEqualTo("true");
        assertThat(probe.opened).hasSize(1);
    }

    @Test
    void capture_twice_isStillThatOfTheRequest() throws Exception {
        assertThat(server.get("/captured-twice").body()).isEqualTo("true");
        assertThat(probe.opened).hasSize(1);
    }

    @Test
    void capture_inADetachedScope_isThatScope() throws Exception {
        assertThat(server.get("/captured-detached").body()).isEqualTo("detached");
        assertThat(probe.opened).isEmpty();
    }

    static class Work {

        @Async
        public CompletableFuture<String> unused() {
            return CompletableFuture.completedFuture("unused");
        }

        @Async
        public CompletableFuture<Long> used() {
            return CompletableFuture.completedFuture(
                    Scope.current().orElseThrow().id());
        }

        @Async
        public CompletableFuture<String> name() {
            return CompletableFuture.completedFuture(
                    Scope.current().orElseThrow().name());
        }
    }

    @RestController
    static class Web {

        private final Work work;
        private final ScopeFactory scopes;
        private final Scope injected;
        private final AsyncTaskExecutor executor;

        Web(Work work, ScopeFactory scopes, Scope injected, AsyncTaskExecutor applicationTaskExecutor) {
            this.work = work;
            this.scopes = scopes;
            this.injected = injected;
            this.executor = applicationTaskExecutor;
        }

        @GetMapping("/captured-unused")
        String unused() {
            return work.unused().join();
        }

        @GetMapping("/captured-unused-callable")
        Callable<String> unusedInCallable() {
            return () -> work.unused().join();
        }

        @GetMapping("/captured-used")
        boolean used() {
            return work.used().join() == injected.id();
        }

        @GetMapping("/captured-twice")
        boolean twice() throws Exception {
            return executor.submit(() -> work.used().join()).get() == injected.id();
        }

        @GetMapping("/captured-detached")
        String detached() {
            return scopes.call(
                    "detached", s -> s.withDetached(true), scope -> work.name().join());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import({RequestScopeApp.class, Web.class})
    static class App {

        @Bean
        Work work() {
            return new Work();
        }

        /** What Boot makes from 4.1 on if {@code spring.task.execution.propagate-context} is set. */
        @Bean
        TaskDecorator contextTravels() {
            return new ContextPropagatingTaskDecorator();
        }
    }
}
