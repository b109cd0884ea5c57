// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.Scope;
import io.traio.spring.boot.request.RequestScopeApp.KnownException;
import io.traio.spring.boot.request.RequestScopeApp.Probe;
import io.traio.spring.boot.request.RequestScopeApp.Probes;
import jakarta.servlet.http.HttpServletRequest;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** More asynchronous handlers: what fails, what ends by itself, and what runs on {@code scopeTaskExecutor}. */
@RestController
class AsynchronousHandlers {

    static class Work {

        @Async("scopeTaskExecutor")
        public CompletableFuture<String> where() {
            return CompletableFuture.completedFuture(here());
        }

        @Async("scopeTaskExecutor")
        public void left(Probe probe) throws InterruptedException {
            probe.work();
        }
    }

    private final Probes probes;
    private final Work work;
    private final AsyncTaskExecutor executor;

    AsynchronousHandlers(Probes probes, Work work, @Qualifier("scopeTaskExecutor") AsyncTaskExecutor executor) {
        this.probes = probes;
        this.work = work;
        this.executor = executor;
    }

    private static String here() {
        return Scope.current().map(Scope::name).orElse("nowhere") + " on "
                + Thread.currentThread().getName().replaceAll("[0-9]", "");
    }

    // ---- failures ----

    @GetMapping("/deferred-error")
    DeferredResult<String> deferredError() {
        Probe probe = probes.probe;
        DeferredResult<String> result = new DeferredResult<>(20_000L);
        probe.see().spawn("left", probe::work);
        probe.see().spawn("error", () -> {
            probe.started.await();
            result.setErrorResult(new KnownException());
            return null;
        });
        return result;
    }

    @GetMapping("/callable-throws")
    Callable<String> callableThrows() {
        Probe probe = probes.probe;
        return () -> {
            probe.see().spawn("left", probe::work);
            probe.started.await();
            throw new KnownException();
        };
    }

    // ---- ends ----

    @GetMapping("/emitter-completes")
    SseEmitter emitterCompletes() {
        Probe probe = probes.probe;
        SseEmitter emitter = new SseEmitter(20_000L);
        probe.see().spawn("left", probe::work);
        probe.see().spawn("events", () -> {
            emitter.send("one");
            emitter.complete();
            return null;
        });
        return emitter;
    }

    @GetMapping("/attributes-async")
    Callable<String> attributes(HttpServletRequest request) {
        request.setAttribute("x", "there");
        return () -> Scope.current()
                .orElseThrow()
                .await(() -> RequestContextHolder.currentRequestAttributes()
                        .getAttribute("x", RequestAttributes.SCOPE_REQUEST)
                        .toString());
    }

    // ---- scopeTaskExecutor ----

    @GetMapping("/executor-async")
    String async() {
        return work.where().join();
    }

    @GetMapping("/executor-async-returned")
    CompletableFuture<String> asyncReturned() {
        return work.where();
    }

    @GetMapping("/executor-supply")
    CompletableFuture<String> supply() {
        return CompletableFuture.supplyAsync(AsynchronousHandlers::here, executor);
    }

    @GetMapping("/executor-task")
    WebAsyncTask<String> task() {
        return new WebAsyncTask<>(20_000L, "scopeTaskExecutor", AsynchronousHandlers::here);
    }

    @GetMapping("/executor-left")
    String left() throws InterruptedException {
        probes.probe.see();
        work.left(probes.probe);
        return "left";
    }
}
