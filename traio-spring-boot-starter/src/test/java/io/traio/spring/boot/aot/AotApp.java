// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.aot;

import io.micrometer.core.instrument.MeterRegistry;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.inscope.InScope;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.springframework.aot.AotDetector;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.stereotype.Component;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/** Uses each feature once, says what came of it on its standard output, and ends. */
@SpringBootApplication(proxyBeanMethods = false)
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
            "--traio.transaction-guard=fail",
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

        private String guard() {
            TransactionSynchronizationManager.setActualTransactionActive(true);
            TransactionSynchronizationManager.initSynchronization();
            try {
                return scopes.call("guard", scope -> scope.await(() -> "silent"));
            } catch (IllegalTransactionStateException e) {
                return "refuses";
            } finally {
                TransactionSynchronizationManager.clear();
            }
        }

        @Override
        public void run(ApplicationArguments arguments) {
            say("aot", AotDetector.useGeneratedArtifacts());
            say(
                    "task",
                    scopes.<Integer>call(
                            "plain", scope -> scope.spawn("one", () -> 1).join()));
            say("annotation", work.nameOfCurrentScope());
            LocaleContextHolder.setLocale(Locale.KOREAN);
            say("context", scopes.<Locale>call("context", scope -> scope.await(LocaleContextHolder::getLocale)));
            LocaleContextHolder.resetLocaleContext();
            say("guard", guard());
            say(
                    "async",
                    scopes.<String>call(
                            "async", scope -> work.nameOfScopeOfAsync().join()));
            say(
                    "meter",
                    meters.get("traio.scope").tag("scope.name", "plain").timer().count());
        }
    }

    /** Handles a request by a function, and leaves a task. */
    @Bean
    RouterFunction<ServerResponse> function() {
        return RouterFunctions.route()
                .GET("/function", request -> {
                    Scope scope = Scope.current().orElseThrow();
                    scope.spawn("left", () -> {});
                    return ServerResponse.ok().body(scope.name());
                })
                .build();
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
            say("function", get(server + "/function", "text/plain"));
            say("deadline", get(server + "/deadline", "text/plain", "Request-Timeout-Ms", "5000"));
            say(
                    "malformed",
                    get(server + "/deadline", "text/plain", "Request-Timeout-Ms", "soon")
                            .contains("400"));
        }

        private static String get(String address, String type, String... headers) throws Exception {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(address)).header("Accept", type);
            for (int i = 0; i < headers.length; i += 2) {
                request.header(headers[i], headers[i + 1]);
            }
            return HttpClient.newHttpClient()
                    .send(request.build(), BodyHandlers.ofString())
                    .body();
        }
    }

    @RestController
    static class Requests {

        private final Scope request;
        private final RestClient client;

        Requests(Scope request, RestClient.Builder client) {
            this.request = request;
            // The client that would be chosen has threads which keep the JVM from ending.
            this.client =
                    client.requestFactory(new SimpleClientHttpRequestFactory()).build();
        }

        /** Calls itself, and says what has come there. */
        @GetMapping("/deadline")
        String deadline(@RequestHeader("Host") String host) {
            String left =
                    client.get().uri("http://" + host + "/left").retrieve().body(String.class);
            return "" + (Integer.parseInt(left) <= 5000);
        }

        @GetMapping("/left")
        String left(@RequestHeader("Request-Timeout-Ms") String left) {
            return left;
        }

        @GetMapping("/request")
        String name() {
            return request.spawn(() -> Scope.current().orElseThrow().name()).join();
        }
    }
}
