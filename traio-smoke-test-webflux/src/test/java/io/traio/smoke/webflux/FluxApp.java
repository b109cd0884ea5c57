// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.webflux;

import io.traio.Scope;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import io.traio.spring.boot.reactor.ReactorScopes;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Handlers of all kinds whose tasks run until the test lets them go on. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({FluxApp.Web.class, FluxApp.Advice.class, FluxApp.Seen.class})
class FluxApp {

    @Bean
    SecurityWebFilterChain open(ServerHttpSecurity http) {
        return http.authorizeExchange(all -> all.anyExchange().permitAll()).build();
    }

    @Bean
    RouterFunction<ServerResponse> functions(Seen seen) {
        return RouterFunctions.route()
                .GET("/f/spawn", request -> ServerResponse.ok().body(zipped(), String.class))
                .GET(
                        "/f/background",
                        request -> seen.background().then(ServerResponse.ok().bodyValue("done")))
                .GET("/f/fails", request -> seen.background().then(Mono.error(new TeapotException())))
                .GET("/f/never", request -> seen.background().then(Mono.never()))
                .build();
    }

    static Mono<String> zipped() {
        Mono<String> flight = ReactorScopes.spawn("flight", () -> "flight");
        Mono<String> hotel = ReactorScopes.spawn("hotel", () -> "hotel");
        return Mono.zip(flight, hotel, (a, b) -> a + "+" + b);
    }

    /** What happened, and what lets tasks go on. */
    static class Seen implements ScopeListener {

        final Queue<String> events = new ConcurrentLinkedQueue<>();
        volatile CountDownLatch started;
        volatile CountDownLatch mayEnd;
        volatile Sinks.Empty<Void> mayComplete;

        Seen() {
            reset();
        }

        final void reset() {
            events.clear();
            started = new CountDownLatch(1);
            mayEnd = new CountDownLatch(1);
            mayComplete = Sinks.empty();
        }

        @Override
        public void scopeOpened(Scope scope) {
            events.add("opened " + scope.name());
        }

        @Override
        public void scopeClosed(Scope scope, ScopeOutcome outcome) {
            events.add("closed " + scope.name());
        }

        @Override
        public void taskEnded(Task<?> task, Throwable failure, long runNanos) {
            events.add(task.name() + (task.isCancelled() ? " cancelled" : failure != null ? " failed" : " done"));
        }

        /** Blocks a task until the test lets it go on. */
        String work() throws InterruptedException {
            started.countDown();
            if (!mayEnd.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the test has forgotten the task");
            }
            return "worked";
        }

        /** Spawns a task that nobody joins. */
        Mono<Void> background() {
            return ReactorScopes.current()
                    .doOnNext(scope -> scope.spawn("background", this::work))
                    .then();
        }
    }

    @ResponseStatus(HttpStatus.LOCKED)
    static class LockedException extends RuntimeException {}

    static class TeapotException extends RuntimeException {}

    record Trip(String flight, String hotel) {}

    @FunctionalInterface
    interface Supplier {

        String find(String id);
    }

    @RestController
    static class Web {

        private final Supplier flights = id -> "flight " + id;
        private final Supplier hotels = id -> "hotel " + id;
        private final Seen seen;
        private final Scope request;

        Web(Seen seen, ObjectProvider<Scope> request) {
            this.seen = seen;
            this.request = request.getIfAvailable();
        }

        @GetMapping("/plain")
        Mono<String> plain() {
            return Mono.just("plain");
        }

        @GetMapping("/spawn/{id}")
        Mono<String> spawn() {
            return zipped();
        }

        @GetMapping("/trips/{id}")
        Mono<Trip> trip(@PathVariable String id) {
            Mono<String> flight = ReactorScopes.spawn("flight", () -> flights.find(id));
            Mono<String> hotel = ReactorScopes.spawn("hotel", () -> hotels.find(id));
            return Mono.zip(flight, hotel, Trip::new);
        }

        @GetMapping("/background")
        Mono<String> background() {
            return seen.background().thenReturn("done");
        }

        @GetMapping("/entity")
        Mono<ResponseEntity<Mono<String>>> entity() {
            return seen.background().thenReturn(ResponseEntity.ok(Mono.just("done")));
        }

        @GetMapping("/nothing")
        Mono<Void> nothing() {
            return seen.background();
        }

        @GetMapping("/background-fails")
        Mono<String> backgroundFails() {
            return ReactorScopes.current()
                    .doOnNext(scope -> scope.spawn("background", () -> {
                        throw new LockedException();
                    }))
                    .thenReturn("done");
        }

        @GetMapping("/scope-fails")
        Mono<String> scopeFails() {
            return ReactorScopes.current()
                    .doOnNext(scope -> scope.spawn("background", () -> {
                        throw new LockedException();
                    }))
                    .then(Mono.never());
        }

        @GetMapping("/task-fails")
        Mono<String> taskFails() {
            return seen.background().then(ReactorScopes.spawn("fails", () -> {
                throw new LockedException();
            }));
        }

        @GetMapping("/fails")
        Mono<String> fails() {
            return seen.background().then(Mono.error(new TeapotException()));
        }

        @GetMapping("/throws")
        Mono<String> throwsAtOnce() {
            Scope.requireCurrent().spawn("background", seen::work);
            throw new TeapotException();
        }

        @GetMapping("/never")
        Mono<String> never() {
            return seen.background().then(Mono.<String>never()).doOnCancel(() -> seen.events.add("chain cancelled"));
        }

        @GetMapping("/never-entity")
        Mono<ResponseEntity<Mono<String>>> neverEntity() {
            return seen.background().thenReturn(ResponseEntity.ok(Mono.never()));
        }

        @GetMapping("/two-times")
        Mono<String> twoTimes() {
            return seen.background().then(ReactorScopes.spawn("joined", seen::work));
        }

        @GetMapping(path = "/sse", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
        Flux<String> sse() {
            return Flux.just("first")
                    .concatWith(ReactorScopes.spawn("second", seen::work))
                    .concatWith(seen.mayComplete.asMono().cast(String.class));
        }

        @GetMapping("/flux")
        Flux<String> flux() {
            return seen.background().thenMany(Flux.just("a", "b"));
        }

        @GetMapping("/flux-fails")
        Flux<String> fluxFails() {
            return ReactorScopes.current()
                    .doOnNext(scope -> scope.spawn("background", () -> {
                        seen.work();
                        throw new LockedException();
                    }))
                    .thenMany(Flux.just("a", "b"));
        }

        @GetMapping("/current")
        Mono<String> current() {
            return Mono.fromSupplier(() -> Scope.requireCurrent().name()
                    + (request.id() == Scope.requireCurrent().id()));
        }

        @GetMapping("/hops")
        Mono<String> hops() {
            return Mono.delay(Duration.ofMillis(1))
                    .map(tick -> Scope.requireCurrent().await("task", () -> "hopped"));
        }

        @GetMapping("/injected")
        Mono<String> injected() {
            return Mono.fromSupplier(request::name);
        }

        /** Has a blocking signature: runs on a virtual thread where these are enabled. */
        @GetMapping("/blocking")
        String blocking() {
            Task<String> flight = request.spawn("flight", () -> "flight");
            return flight.join() + " " + Thread.currentThread().getClass().getSimpleName();
        }

        @GetMapping("/blocking-fails")
        String blockingFails() {
            request.spawn("background", seen::work);
            return request.await("fails", () -> {
                throw new TeapotException();
            });
        }

        @GetMapping("/blocking-never")
        String blockingNever() {
            return request.await("background", seen::work);
        }

        @ExceptionHandler
        @ResponseStatus(HttpStatus.I_AM_A_TEAPOT)
        Mono<String> answer(TeapotException failure) {
            seen.events.add("answered");
            return Mono.just("teapot");
        }
    }

    @RestControllerAdvice
    static class Advice {

        @ExceptionHandler
        @ResponseStatus(HttpStatus.GATEWAY_TIMEOUT)
        Mono<String> answer(ScopeTimeoutException failure) {
            return ReactorScopes.spawn("handler", () -> "late");
        }
    }
}
