// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.propagation.MicrometerContextPropagator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/** The context of stages of a {@code CompletableFuture}, which are spawned by whoever completes the stage before. */
class StageContextTest {

    private final ScopeFactory scopes = ScopeFactory.create(f -> f.withPropagator(new MicrometerContextPropagator(
            new ContextRegistry(), List.of(new Slf4jThreadLocalAccessor()), List.of())));
    private final ScopeTaskExecutor executor = ScopeTaskExecutor.refusingOutside(new SimpleAsyncTaskExecutor("late-"));

    private static String seen() {
        return MDC.get("user") + " in " + Scope.requireCurrent().name();
    }

    @Test
    void stage_addedBeforeTheOneBeforeEnds_hasItsContext() {
        CountDownLatch added = new CountDownLatch(1);
        try (MDC.MDCCloseable entry = MDC.putCloseable("user", "ada")) {
            String seen = scopes.call("work", scope -> {
                CompletableFuture<String> stage = CompletableFuture.supplyAsync(
                                () -> {
                                    await(added);
                                    return null;
                                },
                                executor)
                        .thenApplyAsync(nothing -> seen(), executor);
                added.countDown();
                return stage.get();
            });
            assertThat(seen).isEqualTo("ada in work");
        }
    }

    @Test
    void stage_addedAfterTheOneBeforeHasEnded_hasTheContextOfTheCodeThatAddsIt() {
        try (MDC.MDCCloseable entry = MDC.putCloseable("user", "ada")) {
            String seen = scopes.call("work", scope -> {
                CompletableFuture<Void> before = CompletableFuture.runAsync(() -> {}, executor);
                before.get();
                MDC.put("user", "bob");
                return before.thenApplyAsync(nothing -> seen(), executor).get();
            });
            assertThat(seen).isEqualTo("bob in work");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
