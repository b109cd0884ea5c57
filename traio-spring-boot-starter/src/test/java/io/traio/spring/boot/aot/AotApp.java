// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.aot;

import io.micrometer.core.instrument.MeterRegistry;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.annotation.InScope;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import org.springframework.aot.AotDetector;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Uses each feature once, says what came of it on its standard output, and ends. */
@SpringBootApplication
@EnableAsync
public class AotApp {

    private static final String PREFIX = "said: ";

    public static void main(String... args) {
        SpringApplication.run(AotApp.class, args).close();
    }

    static String[] arguments() {
        return new String[] {
            "--server.port=0",
            "--management.endpoints.web.exposure.include=scopes",
            "--management.endpoints.jmx.exposure.include=scopes",
            "--management.health.scopes.enabled=true",
            "--traio.deadline.enabled=true",
            "--traio.default-timeout=20s",
            "--spring.main.banner-mode=off"
        };
    }

    static String line(String what, Object found) {
        return PREFIX + what + " " + found;
    }

    static void say(String what, Object found) {
        System.out.println(line(what, found));
    }

    @Component
    static class Work {

        @InScope("annotated")
        public String nameOfCurrentScope() {
            return Scope.current().orElseThrow().name();
        }

        @Async("scopeTaskExecutor")
        public CompletableFuture<String> nameOfScopeOfAsync() {
            return CompletableFuture.completedFuture(
                    Scope.current().orElseThrow().name());
        }
    }

    @Component
    static class Runner implements ApplicationRunner {

        private final ScopeFactory scopes;
        private final Work work;
        private final MeterRegistry meters;

        Runner(ScopeFactory scopes, Work work, MeterRegistry meters) {
            this.scopes = scopes;
            this.work = work;
            this.meters = meters;
        }

        @Override
        public void run(ApplicationArguments arguments) {
            say("aot", AotDetector.useGeneratedArtifacts());
            say(
                    "task",
                    scopes.<Integer>call(
                            "plain", scope -> scope.spawn("one", () -> 1).join()));
            say("annotation", work.nameOfCurrentScope());
            say(
                    "async",
                    scopes.<String>call(
                            "async", scope -> work.nameOfScopeOfAsync().join()));
            say(
                    "meter",
                    meters.get("traio.scope").tag("scope.name", "plain").timer().count());
        }
    }

    /** The server accepts requests when this is called. */
    @Component
    static class Client {

        private final ScopeFactory scopes;

        Client(ScopeFactory scopes) {
            this.scopes = scopes;
        }

        @EventListener
        void ready(ApplicationReadyEvent event) throws Exception {
            int port =
                    event.getApplicationContext().getEnvironment().getRequiredProperty("local.server.port", int.class);
            String server = "http://localhost:" + port;
            scopes.run("seen from outside", scope -> {
                String name = "seen from outside";
                say("json", get(server + "/actuator/scopes", "application/json").contains(name));
                say("text", get(server + "/actuator/scopes", "text/plain").contains(name));
                say("page", get(server + "/actuator/scopes", "text/html").contains("<title>"));
            });
            say("request", get(server + "/request", "text/plain"));
        }

        private static String get(String address, String type) throws Exception {
            HttpRequest request = HttpRequest.newBuilder(URI.create(address))
                    .header("Accept", type)
                    .build();
            return HttpClient.newHttpClient()
                    .send(request, BodyHandlers.ofString())
                    .body();
        }
    }

    @RestController
    static class Requests {

        private final Scope request;

        Requests(Scope request) {
            this.request = request;
        }

        @GetMapping("/request")
        String name() {
            return request.spawn(() -> Scope.current().orElseThrow().name()).join();
        }
    }
}
