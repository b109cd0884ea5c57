// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeOptions.Overflow;
import io.traio.ScopeTimeoutException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

class ScopeTaskExecutorTest {

    private final ScopeFactory scopes = ScopeFactory.create();
    private final SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor("outside-");
    private final ScopeTaskExecutor executor = ScopeTaskExecutor.refusingOutside(threads);

    @AfterEach
    void close() {
        scopes.close();
        threads.close();
    }

    // ---- inside a scope ----

    @Test
    void execute_inScope_isJoined() {
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<Scope> seen = new AtomicReference<>();
        scopes.run("work", scope -> {
            executor.execute(() -> {
                seen.set(Scope.current().orElseThrow());
                await(mayEnd);
                done.set(true);
            });
            assertThat(scope.snapshot().tasks()).hasSize(1);
            mayEnd.countDown();
        });
        assertThat(done).isTrue();
        assertThat(seen.get().name()).isEqualTo("work");
    }

    @Test
    void execute_failure_cancelsTheScope() {
        IllegalArgumentException failure = new IllegalArgumentException("broken");
        assertThatThrownBy(() -> scopes.run("work", scope -> {
                    executor.execute(() -> {
                        throw failure;
                    });
                    await(new CountDownLatch(1));
                }))
                .isSameAs(failure);
    }

    @Test
    void submit_failure_staysInTheFuture() {
        IllegalArgumentException failure = new IllegalArgumentException("broken");
        scopes.run("work", scope -> {
            Future<?> future = executor.submit((Runnable) () -> {
                throw failure;
            });
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(future::get)
                    .withCause(failure);
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @Test
    void submit_value_isInTheFuture() {
        int answer = scopes.call("work", scope -> executor.submit(() -> 42).get());
        assertThat(answer).isEqualTo(42);
    }

    @Test
    void submit_futureCancelled_interruptsTheTask() {
        CountDownLatch started = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        scopes.run("work", scope -> {
            Future<?> future = executor.submit(() -> {
                started.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    interrupted.set(true);
                    throw e;
                }
                return null;
            });
            started.await();
            assertThat(future.cancel(true)).isTrue();
            assertThat(scope.isCancelled()).isFalse();
        });
        assertThat(interrupted).isTrue();
    }

    @Test
    void submitCompletable_failure_staysInTheFuture() {
        IllegalArgumentException failure = new IllegalArgumentException("broken");
        scopes.run("work", scope -> {
            CompletableFuture<?> future = executor.submitCompletable((Callable<Object>) () -> {
                throw failure;
            });
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(future::join)
                    .withCause(failure);
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void submitCompletable_earlyFailureHandledByAStage_isNotLogged(CapturedOutput output) {
        try (ScopeFactory inline = ScopeFactory.create(f -> f.withExecutor(Runnable::run))) {
            String handled = inline.call(
                    "work",
                    scope -> executor.submitCompletable(() -> {
                                throw new IllegalArgumentException("broken");
                            })
                            .handle((value, failure) -> failure.getMessage())
                            .join());
            assertThat(handled).isEqualTo("broken");
        }
        assertThat(output).doesNotContain("broken");
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void submitCompletable_failureThatNobodyLooksAt_isLogged(CapturedOutput output) {
        CountDownLatch registered = new CountDownLatch(1);
        scopes.run("work", scope -> {
            executor.submitCompletable(() -> {
                await(registered);
                throw new IllegalArgumentException("broken");
            });
            registered.countDown();
        });
        assertThat(output).containsOnlyOnce("IllegalArgumentException: broken");
    }

    @Test
    void submitCompletable_futureCancelled_cancelsTheTask() {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        scopes.run("work", scope -> {
            CompletableFuture<?> future = executor.submitCompletable(() -> {
                started.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    interrupted.countDown();
                }
            });
            started.await();
            future.cancel(true);
            interrupted.await();
        });
        assertThat(interrupted.getCount()).isZero();
    }

    @Test
    void submitCompletable_scopeCancelled_cancelsTheFuture() {
        AtomicReference<CompletableFuture<?>> future = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        scopes.run("work", scope -> {
            future.set(executor.submitCompletable((Callable<Object>) () -> {
                started.countDown();
                return new CountDownLatch(1).await(1, TimeUnit.MINUTES);
            }));
            started.await();
            scope.cancel();
        });
        assertThat(future.get()).isCancelled();
    }

    @Test
    void supplyAsync_inScope_isATaskOfIt() {
        String name = scopes.call(
                "work",
                scope -> CompletableFuture.supplyAsync(
                                () -> Scope.current().orElseThrow().name(), executor)
                        .get());
        assertThat(name).isEqualTo("work");
    }

    @Test
    void supplyAsync_failure_staysInTheFuture() {
        scopes.run("work", scope -> {
            CompletableFuture<Object> future = CompletableFuture.supplyAsync(
                    () -> {
                        throw new IllegalArgumentException("broken");
                    },
                    executor);
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(future::join)
                    .withCauseInstanceOf(IllegalArgumentException.class);
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @Test
    void execute_scopeTimesOut_isInterrupted() {
        AtomicBoolean interrupted = new AtomicBoolean();
        assertThatExceptionOfType(ScopeTimeoutException.class)
                .isThrownBy(() -> scopes.run("work", scope -> {
                    CountDownLatch started = new CountDownLatch(1);
                    executor.execute(() -> {
                        started.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            interrupted.set(true);
                        }
                    });
                    started.await();
                    scope.setTimeout(Duration.ofMillis(50));
                }));
        assertThat(interrupted).isTrue();
    }

    // ---- futures whose tasks never started ----

    @Test
    void supplyAsync_cancelledBeforeItsStart_completesTheFuture() {
        CompletableFuture<CompletableFuture<Boolean>> queued = new CompletableFuture<>();
        assertThatExceptionOfType(ScopeTimeoutException.class)
                .isThrownBy(() -> scopes.run("work", s -> s.withMaxConcurrency(1), scope -> {
                    executor.execute(() -> queued.join().join());
                    queued.complete(
                            CompletableFuture.supplyAsync(ScopeTaskExecutorTest::blockUntilInterrupted, executor));
                    scope.setTimeout(Duration.ofMillis(50));
                    queued.join().join();
                }));
        assertThat(queued.join()).isCompletedWithValue(true);
    }

    @Test
    void supplyAsync_cancelledBeforeItsStart_endsBeforeTheScope() {
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        AtomicReference<Scope> seen = new AtomicReference<>();
        AtomicBoolean ended = new AtomicBoolean();
        scopes.run("work", s -> s.withMaxConcurrency(1), scope -> {
            executor.execute(cancelled::join);
            CompletableFuture.runAsync(
                    () -> {
                        seen.set(Scope.current().orElseThrow());
                        cancelled.join();
                        ended.set(blockUntilInterrupted());
                    },
                    executor);
            scope.cancel();
            cancelled.complete(null);
        });
        assertThat(ended).isTrue();
        assertThat(seen.get().name()).isEqualTo("work");
    }

    @Test
    void futureTask_cancelledBeforeItsStart_isCancelled() {
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        FutureTask<Integer> task = new FutureTask<>(() -> 42);
        scopes.run("work", s -> s.withMaxConcurrency(1), scope -> {
            executor.execute(cancelled::join);
            executor.execute(task);
            scope.cancel();
            cancelled.complete(null);
        });
        assertThatExceptionOfType(CancellationException.class).isThrownBy(task::get);
    }

    @Test
    void supplyAsync_threadsRefuse_completesTheFuture() {
        ThreadPoolTaskExecutor pool = new ThreadPoolTaskExecutor();
        pool.initialize();
        pool.shutdown();
        try (ScopeFactory refusing = ScopeFactory.create(o -> o.withExecutor(pool))) {
            AtomicReference<CompletableFuture<Integer>> future = new AtomicReference<>();
            assertThatExceptionOfType(TaskRejectedException.class)
                    .isThrownBy(() -> refusing.run("work", scope -> {
                        future.set(CompletableFuture.supplyAsync(() -> 42, ScopeTaskExecutor.refusingOutside(pool)));
                    }));
            assertThat(future.get()).isCompletedWithValue(42);
        }
    }

    // ---- refusals ----

    @Test
    void execute_outsideAnyScope_isRefused() {
        assertThatExceptionOfType(TaskRejectedException.class)
                .isThrownBy(() -> executor.execute(() -> {}))
                .withMessageContaining("No scope is current on thread")
                .withMessageContaining("traio.async.outside=fallback");
    }

    @Test
    void submit_outsideAnyScope_isRefused() {
        assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> executor.submit(() -> {}));
        assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> executor.submit(() -> 42));
        assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> executor.submitCompletable(() -> {}));
        assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(() -> executor.submitCompletable(() -> 42));
    }

    @Test
    void execute_outsideWithFallback_runsThere() throws Exception {
        ScopeTaskExecutor fallback = ScopeTaskExecutor.fallingBackTo(threads);
        CompletableFuture<String> ran = new CompletableFuture<>();
        fallback.execute(() -> ran.complete(Thread.currentThread().getName()));
        assertThat(ran.get()).startsWith("outside-");
        assertThat(fallback.submit(() -> Thread.currentThread().getName()).get())
                .startsWith("outside-");
        assertThat(fallback.submitCompletable(() -> Scope.current().isPresent()).get())
                .isFalse();
    }

    @Test
    void execute_scopeEnded_isRefusedNamingIt() {
        OpenScope ended = scopes.openShared("gone");
        ended.close();
        try (Scope.Binding binding = ended.bind()) {
            assertThatExceptionOfType(TaskRejectedException.class)
                    .isThrownBy(() -> executor.execute(() -> {}))
                    .withMessageContaining("'gone'")
                    .withMessageContaining("has ended");
        }
    }

    @Test
    void execute_scopeFull_isRefused() {
        scopes.run("full", s -> s.withMaxConcurrency(1).withOverflow(Overflow.REJECT), scope -> {
            executor.execute(ScopeTaskExecutorTest::blockUntilInterrupted);
            assertThatExceptionOfType(TaskRejectedException.class)
                    .isThrownBy(() -> executor.execute(() -> {}))
                    .withMessageContaining("is full");
            scope.cancel();
        });
    }

    @Test
    void arguments_null_areRefused() {
        scopes.run("work", scope -> {
            assertThatNullPointerException().isThrownBy(() -> executor.execute(null));
            assertThatNullPointerException().isThrownBy(() -> executor.submit((Runnable) null));
            assertThatNullPointerException().isThrownBy(() -> executor.submit((Callable<?>) null));
            assertThatNullPointerException().isThrownBy(() -> executor.submitCompletable((Runnable) null));
            assertThatNullPointerException().isThrownBy(() -> executor.submitCompletable((Callable<?>) null));
            assertThat(scope.snapshot().tasks()).isEmpty();
        });
        assertThatNullPointerException().isThrownBy(() -> ScopeTaskExecutor.refusingOutside(null));
        assertThatNullPointerException().isThrownBy(() -> ScopeTaskExecutor.fallingBackTo(null));
    }

    private static boolean blockUntilInterrupted() {
        try {
            return new CountDownLatch(1).await(1, TimeUnit.HOURS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
