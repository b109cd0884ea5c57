// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.Scope;
import io.traio.spring.boot.request.RequestScopeApp.LockedException;
import io.traio.spring.boot.request.RequestScopeApp.Probe;
import io.traio.spring.boot.request.RequestScopeApp.Probes;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.InputStreamResource;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/** Handler functions that use the scope of their request. */
@Configuration(proxyBeanMethods = false)
class FunctionalHandlers {

    private final Probes probes;

    FunctionalHandlers(Probes probes) {
        this.probes = probes;
    }

    @Bean
    RouterFunction<ServerResponse> functions() {
        return RouterFunctions.route()
                .GET("/fn/left", request -> left(ServerResponse.ok().body("left")))
                .GET("/fn/left-empty", request -> left(ServerResponse.accepted().build()))
                .GET(
                        "/fn/left-resource",
                        request -> left(ServerResponse.ok().body(new ByteArrayResource("left".getBytes()))))
                .GET(
                        "/fn/left-ready",
                        request -> left(ServerResponse.async(CompletableFuture.completedFuture(
                                ServerResponse.ok().body("left")))))
                .GET("/fn/left-async", request -> left(async()))
                .GET("/fn/left-future", request -> left(ServerResponse.ok().body(future("left"))))
                .GET("/fn/fails", request -> fails(ServerResponse.ok().body("never seen")))
                .GET(
                        "/fn/fails-empty",
                        request -> fails(ServerResponse.noContent().build()))
                .GET("/fn/fails-async", request -> fails(async()))
                .GET("/fn/fed", request -> fed())
                .GET("/fn/sse", request -> sse())
                .GET("/fn/stream", this::stream)
                .build();
    }

    private ServerResponse left(ServerResponse response) {
        probes.probe.see().spawn("left", probes.probe::work);
        return response;
    }

    private ServerResponse fails(ServerResponse response) {
        probes.probe.see().spawn("locked", () -> {
            throw new LockedException();
        });
        return response;
    }

    private ServerResponse async() {
        return ServerResponse.async(future(ServerResponse.ok().body("async")));
    }

    /** Completed by a thread that belongs to no scope. */
    private static <T> CompletableFuture<T> future(T value) {
        return CompletableFuture.supplyAsync(() -> value);
    }

    private ServerResponse fed() throws IOException {
        PipedInputStream in = new PipedInputStream(16);
        PipedOutputStream out = new PipedOutputStream(in);
        probes.probe.see().spawn("feed", () -> {
            try (out) {
                out.write("a line that is longer than the pipe".getBytes(StandardCharsets.UTF_8));
            }
            return null;
        });
        return ServerResponse.ok().body(new InputStreamResource(in));
    }

    private ServerResponse sse() {
        Probe probe = probes.probe;
        CompletableFuture<ServerResponse.SseBuilder> events = new CompletableFuture<>();
        probe.see().spawn("events", () -> {
            ServerResponse.SseBuilder sse = events.get();
            sse.send(Scope.current().orElseThrow().name());
            sse.complete();
            return null;
        });
        return ServerResponse.sse(events::complete);
    }

    private ServerResponse stream(ServerRequest request) {
        Probe probe = probes.probe;
        CompletableFuture<ServerResponse.StreamBuilder> stream = new CompletableFuture<>();
        probe.see().spawn("stream", () -> {
            ServerResponse.StreamBuilder builder = stream.get();
            builder.write("streamed".getBytes(StandardCharsets.UTF_8));
            builder.flush();
            builder.complete();
            return null;
        });
        return ServerResponse.ok().stream(stream::complete);
    }
}
