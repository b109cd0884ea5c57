// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.Task;
import io.traio.spring.boot.factory.OperatorCancelledException;
import io.traio.spring.boot.request.WebServer.Kind;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.error.ErrorAttributes;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** A failure of a request is answered once, by those who are asked, and counts as what it was. */
@ExtendWith(OutputCaptureExtension.class)
class RequestFailureTest {

    private WebServer server;

    private void start(Kind kind) {
        server = WebServer.start(kind, App.class);
    }

    @AfterEach
    void stop() {
        server.bean(App.class).release.release(100);
        server.close();
    }

    // ---- the handler fails ----

    @ParameterizedTest
    @EnumSource
    void handler_usedItsScopeAndThrows_isNoFailureOfTheScope(Kind kind, CapturedOutput output) throws Exception {
        start(kind);
        assertThat(server.get("/gone").statusCode()).isEqualTo(404);
        awaitEnd();
        assertThat(scopes("success")).isEqualTo(1);
        assertThat(cancellations("explicit") + cancellations("close") + cancellations("failure"))
                .isZero();
        assertQuiet(output);
    }

    @ParameterizedTest
    @EnumSource
    void handler_throwsWithTasksLeft_closesTheScope(Kind kind, CapturedOutput output) throws Exception {
        start(kind);
        assertThat(server.get("/gone-with-task-left").statusCode()).isEqualTo(404);
        awaitEnd();
        assertThat(scopes("cancelled")).isEqualTo(1);
        assertThat(cancellations("close")).isEqualTo(1);
        assertThat(cancellations("explicit")).isZero();
        assertQuiet(output);
    }

    @ParameterizedTest
    @EnumSource
    void handler_doesNotCatchTheFailureOfAChild_isNoFailureOfItsScope(Kind kind, CapturedOutput output)
            throws Exception {
        start(kind);
        assertThat(server.get("/child-fails").statusCode()).isEqualTo(423);
        awaitEnd();
        assertThat(scopes("success")).isEqualTo(1);
        assertQuiet(output);
    }

    @ParameterizedTest
    @CsvSource({"TOMCAT, /child-times-out", "TOMCAT, /child-of-task-times-out", "JETTY, /child-times-out"})
    void child_timesOut_isATimeoutOfTheRequest(Kind kind, String path, CapturedOutput output) throws Exception {
        start(kind);
        assertThat(server.get(path).statusCode()).isEqualTo(503);
        awaitEnd();
        assertThat(scopes("timeout")).isEqualTo(1);
        assertThat(cancellations("timeout")).isEqualTo(1);
        assertThat(cancellations("explicit")).isZero();
        assertQuiet(output);
    }

    // ---- the format of an answer ----

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "text/html, false, page",
                "none, false, page",
                "*/*, false, page",
                "application/json, false, problem",
                "'text/plain, application/problem+json', false, problem",
                "text/html, true, problem"
            })
    void failure_problemDetailsWanted_isAProblemElseTheErrorPage(String accept, boolean enabled, String answer)
            throws Exception {
        server = WebServer.start(Kind.TOMCAT, App.class, "spring.mvc.problemdetails.enabled=" + enabled);
        HttpResponse<String> response =
                accept == null ? server.get("/child-times-out") : server.get("/child-times-out", "Accept", accept);
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Content-Type").orElse("").contains("problem+json"))
                .isEqualTo(answer.equals("problem"));
        assertThat(response.body().startsWith("page: ")).isEqualTo(answer.equals("page"));
    }

    // ---- a task fails ----

    @ParameterizedTest
    @EnumSource
    void task_failsAndIsAnswered_isLoggedNowhere(Kind kind, CapturedOutput output) throws Exception {
        start(kind);
        assertThat(server.get("/task-fails").statusCode()).isEqualTo(423);
        awaitEnd();
        assertThat(scopes("failure")).isEqualTo(1);
        assertThat(cancellations("failure")).isEqualTo(1);
        assertQuiet(output);
    }

    @ParameterizedTest
    @EnumSource
    void task_failsBeforeTheWaitOfTheHandler_isTheFailureThatResolversOfTheApplicationSee(Kind kind) throws Exception {
        start(kind);
        HttpResponse<String> response = server.get("/first-for-resolver");
        assertThat(response.statusCode()).isEqualTo(418);
        assertThat(response.body()).isEqualTo("resolved first");
    }

    @ParameterizedTest
    @EnumSource
    void task_failsBeforeTheWaitOfTheHandler_isTheFailureOnTheErrorPage(Kind kind) throws Exception {
        start(kind);
        HttpResponse<String> response = server.get("/first-for-page");
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).isEqualTo("page: the first");
    }

    // ---- a scope is cancelled ----

    @ParameterizedTest
    @CsvSource({
        "TOMCAT, /waits, true",
        "TOMCAT, /waits, false",
        "JETTY, /waits, true",
        "TOMCAT, /left, true",
        "TOMCAT, /child-waits, true",
        "TOMCAT, /spawns-on, false",
    })
    void scope_cancelled_givesAProblemAndOneLine(Kind kind, String path, boolean operator, CapturedOutput output)
            throws Exception {
        start(kind);
        CompletableFuture<HttpResponse<String>> later = server.getLater(path, "Accept", "application/json");
        server.bean(App.class).started.await();
        int before = output.toString().length();
        for (Scope scope : server.bean(ScopeFactory.class).scopes()) {
            if (operator) {
                scope.cancel(new OperatorCancelledException(scope, null));
            } else {
                scope.cancel("by hand");
            }
        }
        server.bean(App.class).cancelled.countDown();
        HttpResponse<String> response = later.get();
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(response.body()).contains("The request was cancelled.").doesNotContain("operator", "http.request");
        awaitEnd();
        assertThat(output.toString().substring(before).lines())
                .singleElement()
                .asString()
                .contains("A request was cancelled: ", operator ? "operator" : "by hand");
    }

    // ---- the client goes away ----

    @ParameterizedTest
    @CsvSource({
        "TOMCAT, /events", "JETTY, /events",
        "TOMCAT, /stream", "JETTY, /stream",
        "TOMCAT, /download", "JETTY, /download"
    })
    void client_goesAway_isNoError(Kind kind, String path, CapturedOutput output) throws Exception {
        start(kind);
        HttpResponse<InputStream> response = server.get(path, BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertThat(body.read()).isNotNegative();
        }
        awaitEnd();
        assertQuiet(output);
    }

    private void awaitEnd() {
        await().until(() -> server.bean(ScopeFactory.class).scopes().isEmpty());
        await().until(() ->
                meters().find("traio.scope").tag("scope.name", "http.request").timer() != null);
    }

    private static void assertQuiet(CapturedOutput output) {
        assertThat(output.toString()).doesNotContain("nobody awaits", " ERROR ", "\tat ");
    }

    private MeterRegistry meters() {
        return server.bean(MeterRegistry.class);
    }

    private long scopes(String outcome) {
        assertThat(meters().get("traio.scope.unobserved")
                        .tag("scope.name", "http.request")
                        .counter()
                        .count())
                .isZero();
        return meters().get("traio.scope")
                .tags("scope.name", "http.request", "outcome", outcome)
                .timer()
                .count();
    }

    private double cancellations(String reason) {
        var counter = meters().find("traio.scope.cancellations")
                .tags("scope.name", "http.request", "reason", reason)
                .counter();
        return counter != null ? counter.count() : 0;
    }

    @ResponseStatus(HttpStatus.LOCKED)
    static class LockedException extends RuntimeException {}

    /** Known to the resolver of the application. */
    static class FirstException extends RuntimeException {}

    @Configuration(proxyBeanMethods = false)
    @Import(Web.class)
    static class App {

        final CountDownLatch started = new CountDownLatch(1);
        final CountDownLatch cancelled = new CountDownLatch(1);
        final Semaphore release = new Semaphore(0);

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }

        @Bean
        HandlerExceptionResolver ownResolver() {
            return (request, response, handler, failure) -> failure instanceof FirstException ? first(response) : null;
        }

        private static ModelAndView first(HttpServletResponse response) {
            try {
                response.setStatus(418);
                response.getWriter().write("resolved first");
                return new ModelAndView();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @RestController
    static class Web implements ErrorController {

        private final App app;
        private final ScopeFactory scopes;
        private final ErrorAttributes attributes;

        Web(App app, ScopeFactory scopes, ErrorAttributes attributes) {
            this.app = app;
            this.scopes = scopes;
            this.attributes = attributes;
        }

        private String work() throws InterruptedException {
            app.started.countDown();
            app.release.acquire();
            return "worked";
        }

        @GetMapping("/gone")
        String gone() {
            Scope.requireCurrent().spawn(() -> 1).join();
            throw new ResponseStatusException(HttpStatusCode.valueOf(404), "gone");
        }

        @GetMapping("/gone-with-task-left")
        String goneWithTaskLeft() throws InterruptedException {
            Scope.requireCurrent().spawn("left", this::work);
            app.started.await();
            throw new ResponseStatusException(HttpStatusCode.valueOf(404), "gone");
        }

        @GetMapping("/child-fails")
        String childFails() {
            Scope.requireCurrent();
            return scopes.call(
                    "child",
                    scope -> scope.await("locked", () -> {
                        throw new LockedException();
                    }));
        }

        @GetMapping("/child-times-out")
        String childTimesOut() {
            Scope.requireCurrent();
            return scopes.call(
                    "child", s -> s.withTimeout(Duration.ofMillis(20)), scope -> scope.await("slow", this::work));
        }

        @GetMapping("/child-of-task-times-out")
        String childOfTaskTimesOut() {
            return Scope.requireCurrent().spawn("parent", this::childTimesOut).join();
        }

        @GetMapping("/task-fails")
        String taskFails() {
            Scope.requireCurrent().spawn("locked", () -> {
                throw new LockedException();
            });
            return "never seen";
        }

        @GetMapping("/first-for-resolver")
        String firstForResolver() throws Exception {
            return fails(new FirstException());
        }

        @GetMapping("/first-for-page")
        String firstForPage() throws Exception {
            return fails(new IllegalArgumentException("the first"));
        }

        /** The wait throws that the scope was cancelled. */
        private String fails(RuntimeException failure) {
            Scope scope = Scope.requireCurrent();
            Task<String> slow = scope.spawn("slow", this::work);
            scope.spawn("fails", () -> {
                app.started.await();
                throw failure;
            });
            return slow.join();
        }

        @GetMapping("/waits")
        String waits() {
            return Scope.requireCurrent().spawn("slow", this::work).join();
        }

        @GetMapping("/left")
        String left() {
            Scope.requireCurrent().spawn("slow", this::work);
            return "never seen";
        }

        @GetMapping("/child-waits")
        String childWaits() {
            Scope.requireCurrent();
            return scopes.call("child", scope -> scope.spawn("slow", this::work).join());
        }

        @GetMapping("/spawns-on")
        String spawnsOn() throws InterruptedException {
            Scope scope = Scope.requireCurrent();
            scope.spawn("slow", this::work);
            app.cancelled.await();
            return scope.spawn("late", () -> "never run").join();
        }

        @GetMapping("/events")
        SseEmitter events() {
            SseEmitter emitter = new SseEmitter(20_000L);
            Scope.requireCurrent().spawn("events", () -> {
                String much = "x".repeat(20_000);
                while (true) {
                    emitter.send(much);
                    Thread.sleep(10);
                }
            });
            return emitter;
        }

        @GetMapping("/stream")
        StreamingResponseBody stream() {
            return out -> Scope.requireCurrent().spawn(() -> writeForEver(out)).join();
        }

        @GetMapping("/download")
        void download(HttpServletResponse response) {
            Scope.requireCurrent()
                    .spawn(() -> writeForEver(response.getOutputStream()))
                    .join();
        }

        private static void writeForEver(OutputStream out) throws IOException, InterruptedException {
            while (true) {
                out.write(new byte[20_000]);
                out.flush();
                Thread.sleep(10);
            }
        }

        @RequestMapping("/error")
        String error(HttpServletRequest request) {
            Throwable failure = attributes.getError(new ServletWebRequest(request));
            return "page: " + (failure != null ? failure.getMessage() : "nothing");
        }
    }
}
