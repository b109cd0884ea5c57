// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import io.traio.test.TestClock;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** Handlers of every kind that use the scope of their request. */
@Configuration(proxyBeanMethods = false)
@EnableAsync
@Import({FunctionalHandlers.class, AsynchronousHandlers.class, AsynchronousHandlers.Work.class})
class RequestScopeApp {

    /** A checked exception that says its status. */
    @ResponseStatus(code = HttpStatus.LOCKED, reason = "by somebody else")
    static class LockedException extends Exception {}

    /** A checked exception that says nothing. */
    static class PlainException extends Exception {
        PlainException() {
            super("secret");
        }
    }

    /** A checked exception for which the application has a handler. */
    static class KnownException extends Exception {}

    /** What a test and the handlers know of each other. */
    static class Probe implements ScopeListener {
        final CountDownLatch started = new CountDownLatch(1);
        final CountDownLatch release = new CountDownLatch(1);
        final CountDownLatch cancelled = new CountDownLatch(1);
        final Queue<Scope> opened = new ConcurrentLinkedQueue<>();
        final Queue<ScopeOutcome> closed = new ConcurrentLinkedQueue<>();
        final Queue<Scope> seen = new ConcurrentLinkedQueue<>();
        volatile Scope late;
        final AtomicInteger finished = new AtomicInteger();

        /** A task that ends when the test lets it. */
        String work() throws InterruptedException {
            started.countDown();
            try {
                release.await();
                finished.incrementAndGet();
                return "worked";
            } catch (InterruptedException e) {
                cancelled.countDown();
                throw e;
            }
        }

        /** Notes the current scope. */
        Scope see() {
            Scope scope = Scope.current().orElseThrow();
            seen.add(scope);
            return scope;
        }
    }

    /** Where the handlers find the probe of the test that is running. */
    static class Probes implements ScopeListener {
        volatile Probe probe = new Probe();

        @Override
        public void scopeOpened(Scope scope) {
            if (scope.name().equals(RequestScopeFactory.NAME)) {
                probe.opened.add(scope);
            }
        }

        @Override
        public void scopeClosed(Scope scope, ScopeOutcome outcome) {
            if (scope.name().equals(RequestScopeFactory.NAME)) {
                probe.closed.add(outcome);
            }
        }
    }

    @Bean
    TestClock clock() {
        return new TestClock();
    }

    @Bean
    Probes probes() {
        return new Probes();
    }

    /** Runs what it is given as tasks of the current scope. */
    @Bean(defaultCandidate = false)
    Executor inScope() {
        return command -> Scope.current().orElseThrow().spawn("async", command::run);
    }

    static class Service {

        @Async("inScope")
        CompletableFuture<String> slow(Probe probe) throws InterruptedException {
            probe.work();
            return CompletableFuture.completedFuture("slow");
        }

        @Async("inScope")
        void forgotten(Probe probe) throws InterruptedException {
            probe.work();
        }
    }

    @Bean
    Service service() {
        return new Service();
    }

    @RestController
    static class Sync {

        private final Probes probes;
        private final ScopeFactory scopes;
        private final Scope injected;
        private final Service service;

        Sync(Probes probes, ScopeFactory scopes, Scope injected, Service service) {
            this.probes = probes;
            this.scopes = scopes;
            this.injected = injected;
            this.service = service;
        }

        @GetMapping("/unused")
        String unused() {
            return "unused";
        }

        @GetMapping("/current")
        String current() {
            return Scope.current().orElseThrow().name() + " " + injected.name() + " "
                    + (Scope.current().orElseThrow().id() == injected.id());
        }

        @GetMapping("/injected-in-task")
        String injectedInTask() {
            long id = injected.id();
            return ""
                    + scopes.call(
                            "child",
                            scope -> scope.spawn(() -> injected.id() == id).join());
        }

        @GetMapping("/injected-elsewhere")
        String injectedElsewhere() throws Exception {
            return CompletableFuture.supplyAsync(() -> {
                        try {
                            return injected.name();
                        } catch (IllegalStateException e) {
                            return e.getMessage();
                        }
                    })
                    .get();
        }

        @GetMapping("/injected-in-namesake")
        boolean injectedInNamesake() {
            long id = injected.id();
            return scopes.call(RequestScopeFactory.NAME, s -> s.withDetached(true), scope -> injected.id() == id);
        }

        @GetMapping("/child")
        String child() {
            return scopes.call("child", scope -> scope.parent().orElseThrow().name());
        }

        @GetMapping("/left")
        String left() {
            probes.probe.see().spawn("left", probes.probe::work);
            return "left";
        }

        @GetMapping("/left-entity")
        ResponseEntity<String> leftEntity() {
            probes.probe.see().spawn("left", probes.probe::work);
            return ResponseEntity.accepted().header("X-Kind", "entity").build();
        }

        @GetMapping("/left-void")
        void leftVoid(HttpServletResponse response) throws IOException {
            probes.probe.see().spawn("left", probes.probe::work);
            response.getWriter().write("void");
        }

        @GetMapping("/left-void-started")
        void leftVoidStarted() throws InterruptedException {
            probes.probe.see().spawn("left", probes.probe::work);
            probes.probe.started.await();
        }

        @GetMapping("/left-forwarded")
        ModelAndView leftForwarded() {
            return new ModelAndView("forward:/left");
        }

        @GetMapping("/including")
        void including(HttpServletRequest request, HttpServletResponse response) throws Exception {
            Probe probe = probes.probe;
            Task<String> task = probe.see().spawn("left", probe::work);
            request.getRequestDispatcher("/included").include(request, response);
            probe.release.countDown();
            response.getWriter().write(" " + task.join());
        }

        @GetMapping("/included")
        void included(HttpServletResponse response) throws IOException {
            response.getWriter().write("included in " + probes.probe.see().name());
        }

        @GetMapping("/left-async")
        String leftAsync() throws InterruptedException {
            probes.probe.see();
            service.forgotten(probes.probe);
            return "left";
        }

        @GetMapping("/left-attributes")
        String leftAttributes(HttpServletRequest request) {
            Probe probe = probes.probe;
            request.setAttribute("x", "there");
            RequestAttributes attributes = RequestContextHolder.currentRequestAttributes();
            probe.see().spawn("left", () -> {
                probe.work();
                if ("there".equals(attributes.getAttribute("x", RequestAttributes.SCOPE_REQUEST))) {
                    probe.finished.incrementAndGet();
                }
                return null;
            });
            return "left";
        }

        @GetMapping("/resource")
        ResponseEntity<InputStreamResource> resource() throws IOException {
            PipedInputStream in = new PipedInputStream(16);
            PipedOutputStream out = new PipedOutputStream(in);
            probes.probe.see().spawn("feed", () -> {
                try (out) {
                    out.write("a line that is longer than the pipe".getBytes(StandardCharsets.UTF_8));
                }
                return null;
            });
            return ResponseEntity.ok(new InputStreamResource(in));
        }

        @GetMapping("/left-resource")
        ByteArrayResource leftResource() {
            probes.probe.see().spawn("left", probes.probe::work);
            return new ByteArrayResource("left".getBytes(StandardCharsets.UTF_8));
        }

        @GetMapping("/fails-resource")
        ByteArrayResource failsResource() {
            probes.probe.see().spawn("locked", () -> {
                throw new LockedException();
            });
            return new ByteArrayResource("never seen".getBytes(StandardCharsets.UTF_8));
        }

        @GetMapping("/fails-locked")
        String failsLocked() {
            probes.probe.see().spawn("locked", () -> {
                throw new LockedException();
            });
            return "never seen";
        }

        @GetMapping("/fails-plain")
        String failsPlain() {
            Task<String> task = probes.probe.see().spawn("plain", () -> {
                throw new PlainException();
            });
            return task.join();
        }

        @GetMapping("/fails-status")
        String failsStatus() {
            return probes.probe.see().await("status", () -> {
                throw new ResponseStatusException(HttpStatus.PAYMENT_REQUIRED, "pay");
            });
        }

        @GetMapping("/fails-known")
        String failsKnown() {
            probes.probe.see().spawn("known", () -> {
                throw new KnownException();
            });
            return "never seen";
        }

        @GetMapping("/fails-itself")
        String failsItself() throws Exception {
            Scope scope = probes.probe.see();
            scope.spawn("left", probes.probe::work);
            probes.probe.started.await();
            throw new KnownException();
        }

        @GetMapping("/fails-committed")
        void failsCommitted(HttpServletResponse response) throws IOException {
            CountDownLatch flushed = new CountDownLatch(1);
            probes.probe.see().spawn("late", () -> {
                flushed.await();
                throw new PlainException();
            });
            response.getWriter().write("begun");
            response.flushBuffer();
            flushed.countDown();
        }

        @GetMapping("/waits")
        String waits() {
            probes.probe.see().spawn("slow", probes.probe::work).join();
            return "never seen";
        }

        @GetMapping("/waits-in-child")
        String waitsInChild() {
            probes.probe.see();
            scopes.run("child", scope -> scope.spawn("slow", probes.probe::work));
            return "never seen";
        }

        @GetMapping("/left-open")
        void leftOpen() throws InterruptedException {
            probes.probe.see();
            OpenScope open = scopes.open("forgotten");
            open.spawn("slow", probes.probe::work);
            probes.probe.started.await();
        }

        @GetMapping("/left-open-async")
        DeferredResult<String> leftOpenAsync() {
            probes.probe.see();
            scopes.open("forgotten");
            return new DeferredResult<>(20_000L);
        }

        @GetMapping("/send-error")
        void sendError(HttpServletResponse response) throws IOException {
            probes.probe.see().spawn("left", probes.probe::work);
            response.sendError(409);
        }

        @GetMapping("/throws")
        String throwing() {
            probes.probe.see().spawn("left", probes.probe::work);
            throw new UnsupportedOperationException("nobody handles this");
        }
    }

    @RestController
    static class OwnHandler {

        private final Probes probes;

        OwnHandler(Probes probes) {
            this.probes = probes;
        }

        @GetMapping("/waits-own")
        String waits() {
            probes.probe.see().spawn("slow", probes.probe::work).join();
            return "never seen";
        }

        @ExceptionHandler(ScopeTimeoutException.class)
        ResponseEntity<String> late(ScopeTimeoutException e) {
            return ResponseEntity.status(HttpStatus.GATEWAY_TIMEOUT).body("late: " + e.scopeName());
        }
    }

    @RestController
    static class Asynchronous {

        private final Probes probes;
        private final Service service;

        Asynchronous(Probes probes, Service service) {
            this.probes = probes;
            this.service = service;
        }

        @GetMapping("/callable")
        Callable<String> callable() {
            Probe probe = probes.probe;
            probe.see();
            return () -> {
                probe.see().spawn("left", probe::work);
                return "callable";
            };
        }

        @GetMapping("/callable-left")
        Callable<String> callableLeft() {
            Probe probe = probes.probe;
            return () -> {
                probe.see().spawn("left", probe::work);
                probe.started.await();
                return "left";
            };
        }

        @GetMapping("/callable-first")
        Callable<String> callableFirst() {
            return () -> probes.probe.see().await(() -> "first");
        }

        @GetMapping("/callable-waits")
        WebAsyncTask<String> callableWaits(String timeout) {
            Probe probe = probes.probe;
            return new WebAsyncTask<>(timeout == null ? 20_000L : Long.parseLong(timeout), () -> {
                probe.see().spawn("slow", probe::work).join();
                return "never seen";
            });
        }

        @GetMapping("/callable-late")
        WebAsyncTask<String> callableLate() {
            Probe probe = probes.probe;
            return new WebAsyncTask<>(100L, () -> {
                probe.started.countDown();
                boolean given = false;
                while (!given) {
                    try {
                        probe.release.await();
                        given = true;
                    } catch (InterruptedException ignored) {
                        // ignores the interrupt on purpose
                    }
                }
                probe.late = Scope.current().orElseThrow();
                probe.finished.incrementAndGet();
                return "never seen";
            });
        }

        @GetMapping("/deferred")
        DeferredResult<String> deferred() {
            Probe probe = probes.probe;
            DeferredResult<String> result = new DeferredResult<>(20_000L);
            probe.see().spawn("left", probe::work);
            probe.see().spawn("answer", () -> {
                result.setResult("deferred");
            });
            return result;
        }

        @GetMapping("/deferred-fails")
        DeferredResult<String> deferredFails() {
            Probe probe = probes.probe;
            probe.see().spawn("fails", () -> {
                probe.work();
                throw new LockedException();
            });
            return new DeferredResult<>(20_000L);
        }

        @GetMapping("/deferred-waits")
        DeferredResult<String> deferredWaits(String timeout) {
            Probe probe = probes.probe;
            probe.see().spawn("slow", probe::work);
            return new DeferredResult<>(timeout == null ? 20_000L : Long.parseLong(timeout));
        }

        @GetMapping("/future")
        CompletableFuture<String> future() throws InterruptedException {
            probes.probe.see();
            return service.slow(probes.probe);
        }

        @GetMapping("/streaming")
        StreamingResponseBody streaming() {
            Probe probe = probes.probe;
            probe.see();
            return out -> {
                Task<String> line = probe.see().spawn("line", () -> "line\n");
                out.write(line.join().getBytes(StandardCharsets.UTF_8));
                out.flush();
                probe.see().spawn("left", probe::work);
            };
        }

        @GetMapping("/streaming-fails")
        StreamingResponseBody streamingFails() {
            Probe probe = probes.probe;
            return out -> {
                out.write("begun".getBytes(StandardCharsets.UTF_8));
                out.flush();
                probe.see().spawn("late", () -> {
                    probe.work();
                    throw new PlainException();
                });
            };
        }

        @GetMapping("/events")
        SseEmitter events() {
            Probe probe = probes.probe;
            SseEmitter emitter = new SseEmitter(20_000L);
            Scope scope = probe.see();
            scope.spawn("slow", probe::work);
            scope.spawn(
                    "events",
                    () -> {
                        byte[] much = new byte[20_000];
                        Arrays.fill(much, (byte) 'x');
                        while (true) {
                            emitter.send(new String(much, StandardCharsets.US_ASCII));
                            Thread.sleep(10);
                        }
                    },
                    t -> t.withBubble(false));
            return emitter;
        }
    }

    @RestController
    static class ErrorPage implements ErrorController {

        private final Probes probes;

        ErrorPage(Probes probes) {
            this.probes = probes;
        }

        @RequestMapping("/error")
        String error() {
            Scope scope = probes.probe.see();
            return "error page in " + scope.await("render", scope::name);
        }
    }

    @RestControllerAdvice
    static class Advice {

        private final Probes probes;
        private final ScopeFactory scopes;

        Advice(Probes probes, ScopeFactory scopes) {
            this.probes = probes;
            this.scopes = scopes;
        }

        @ExceptionHandler(KnownException.class)
        ResponseEntity<String> known(KnownException e) {
            String parent = scopes.call("fallback", scope -> {
                probes.probe.seen.add(scope.parent().orElseThrow());
                return scope.await(() -> scope.parent().orElseThrow().name());
            });
            return ResponseEntity.status(HttpStatus.UNPROCESSABLE_CONTENT).body("known, in " + parent);
        }
    }

    /** Servlets that know nothing of Spring MVC. */
    static class Raw extends HttpServlet {

        private final transient Probes probes;

        Raw(Probes probes) {
            this.probes = probes;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            Probe probe = probes.probe;
            switch (request.getPathInfo()) {
                case "/fails" -> {
                    response.setContentLength(9);
                    response.addHeader("Content-Security-Policy", "default-src 'self'");
                    response.setStatus(201);
                    response.setContentType("text/plain");
                    response.getWriter().write("gone");
                    probe.see().spawn("locked", () -> {
                        throw new LockedException();
                    });
                }
                case "/complete" -> {
                    AsyncContext async = request.startAsync();
                    probe.see().spawn("left", probe::work);
                    async.start(() -> complete(async));
                }
                case "/complete-in-task" -> {
                    AsyncContext async = request.startAsync();
                    probe.see().spawn("complete", () -> complete(async));
                }
                case "/again" -> {
                    AsyncContext async = request.startAsync();
                    async.setTimeout(request.getAttribute("again") == null ? 20_000 : 100);
                    if (request.getAttribute("again") == null) {
                        request.setAttribute("again", true);
                        probe.see();
                        async.start(async::dispatch);
                    } else {
                        probe.see().spawn("slow", probe::work);
                    }
                }
                default -> response.sendError(404);
            }
        }

        private static void complete(AsyncContext async) {
            try {
                async.getResponse().getWriter().write("complete");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            async.complete();
        }
    }

    @Bean
    ServletRegistrationBean<Raw> raw(Probes probes) {
        ServletRegistrationBean<Raw> registration = new ServletRegistrationBean<>(new Raw(probes), "/raw/*");
        registration.setAsyncSupported(true);
        return registration;
    }
}
