// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;

/** Futures that pass their cancellation and their timeout on to their task (B12). */
@Spec("B12")
class CancellingFutureTest {

    private static final IllegalStateException FAILURE = new IllegalStateException("task");

    /** Starts the JDK's thread for timeouts of futures, which lives on. */
    @BeforeAll
    static void startTheTimer() {
        new CompletableFuture<>().orTimeout(1, TimeUnit.DAYS).complete(null);
    }

    /** Completes the future of a running task in some way, and asserts that the task is interrupted and the scope goes on. */
    private static void assertCancels(ScopeFactory scopes, Consumer<CompletableFuture<Object>> complete) {
        CountDownLatch running = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        String value = scopes.call("call", scope -> {
            Task<Object> task = scope.spawn("task", () -> {
                running.countDown();
                try {
                    return Blocking.forever();
                } catch (InterruptedException e) {
                    interrupted.set(true);
                    throw e;
                }
            });
            Blocking.await(running);
            complete.accept(task.toCancellingFuture());
            task.awaitEnd();
            assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
            assertThat(scope.isCancelled()).isFalse();
            return "value";
        });
        assertThat(value).isEqualTo("value");
        assertThat(interrupted).isTrue();
    }

    @EngineTest
    void cancel_ofTheFuture_cancelsTheTask(ScopeFactory scopes) {
        assertCancels(scopes, future -> {
            assertThat(future.cancel(false)).isTrue();
            assertThat(future).isCancelled();
        });
    }

    @EngineTest
    void orTimeout_passes_cancelsTheTask(ScopeFactory scopes) {
        assertCancels(
                scopes,
                future -> assertThatThrownBy(() ->
                                future.orTimeout(10, TimeUnit.MILLISECONDS).join())
                        .isInstanceOf(CompletionException.class)
                        .hasCauseInstanceOf(TimeoutException.class));
    }

    @EngineTest
    void orTimeout_beforeOtherStages_cancelsTheTask(ScopeFactory scopes) {
        assertCancels(
                scopes,
                future -> assertThat(future.orTimeout(10, TimeUnit.MILLISECONDS)
                                .thenApply(value -> "none")
                                .exceptionally(timeout -> "late")
                                .join())
                        .isEqualTo("late"));
    }

    @EngineTest
    void completeOnTimeout_passes_cancelsTheTask(ScopeFactory scopes) {
        assertCancels(
                scopes,
                future -> assertThat(future.completeOnTimeout("default", 10, TimeUnit.MILLISECONDS)
                                .join())
                        .isEqualTo("default"));
    }

    @EngineTest
    void complete_byOtherCode_cancelsTheTask(ScopeFactory scopes) {
        assertCancels(scopes, future -> future.complete("mine"));
        assertCancels(scopes, future -> future.completeExceptionally(FAILURE));
        assertCancels(scopes, future -> future.completeAsync(() -> "mine", Runnable::run));
    }

    @EngineTest
    void task_endsFirst_givesItsOutcome(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<String> task = scope.spawn("task", () -> "value");
            assertThat(task.toCancellingFuture().orTimeout(20, TimeUnit.SECONDS).join())
                    .isEqualTo("value");
            assertThat(task.status()).isEqualTo(Task.Status.SUCCEEDED);
        });
    }

    @EngineTest
    void future_ofATaskThatHasEnded_isDone(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<String> task = scope.spawn("task", () -> "value");
            task.join();
            assertThat(task.toCancellingFuture()).isCompletedWithValue("value");
            assertThat(task.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void failure_ofTheTask_isTheFutures(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<Object> task = scope.spawnToJoin("task", () -> {
                throw FAILURE;
            });
            assertThatThrownBy(() -> task.toCancellingFuture().join()).hasCause(FAILURE);
            assertThat(scope.isCancelled()).isFalse();
            assertThat(task.status()).isEqualTo(Task.Status.FAILED);
        });
    }

    @EngineTest
    void task_isCancelled_cancelsTheFuture(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<Object> task = scope.spawn("task", Blocking::forever);
            CompletableFuture<Object> future = task.toCancellingFuture();
            task.cancel();
            assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        });
    }

    @EngineTest
    void cancel_ofADerivedStage_doesNotReachTheTask(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            Task<Boolean> task = scope.spawn("task", () -> Blocking.await(mayEnd));
            task.toCancellingFuture().thenApply(value -> value).cancel(true);
            assertThat(task.isCancelled()).isFalse();
            mayEnd.countDown();
            assertThat(task.join()).isTrue();
        });
    }

    @EngineTest
    void cancel_ofTheFutureOfAQueuedTask_keepsItFromRunning(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicBoolean ran = new AtomicBoolean();
        scopes.run("run", s -> s.withMaxConcurrency(1), scope -> {
            scope.spawn("first", () -> Blocking.await(mayEnd));
            Task<?> queued = scope.spawn("queued", () -> ran.set(true));
            queued.toCancellingFuture().cancel(true);
            mayEnd.countDown();
        });
        assertThat(ran).isFalse();
    }
}
