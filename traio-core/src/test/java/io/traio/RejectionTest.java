// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Executors and thread factories that refuse or misbehave (T11). */
@Spec("T11")
class RejectionTest {

    private final RejectedExecutionException refusal = new RejectedExecutionException("full");

    @AfterEach
    void nothingIsLeftOnThisThread() {
        assertThat(Scope.current()).isEmpty();
        assertThat(Thread.interrupted()).isFalse();
    }

    private static ScopeFactory factory(UnaryOperator<FactoryOptions> options) {
        return ScopeFactory.create(options);
    }

    /** A scope in which the first task to be spawned finds no thread. */
    private static void check(ScopeFactory scopes, Class<? extends Throwable> thrown) {
        AtomicReference<Task<?>> refused = new AtomicReference<>();
        AtomicReference<Scope> opened = new AtomicReference<>();
        AtomicInteger ran = new AtomicInteger();

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    opened.set(scope);
                    refused.set(scope.spawn("refused", ran::incrementAndGet));
                }))
                .isInstanceOf(thrown);

        assertThat(refused.get().status()).isEqualTo(Task.Status.FAILED);
        assertThat(opened.get().state()).isEqualTo(Scope.State.CLOSED);
        assertThat(scopes.scopes()).isEmpty();
        assertThat(ran).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fault04_executorRejects_taskFailsAndErrorIsThrown(boolean helping) {
        Executor executor = command -> {
            throw refusal;
        };
        check(factory(f -> f.withExecutor(executor).withCompensation(helping)), RejectedExecutionException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fault04_executorThrowsError_taskFailsAndErrorIsThrown(boolean helping) {
        Executor executor = command -> {
            throw new OutOfMemoryError("made up: no more threads");
        };
        check(factory(f -> f.withExecutor(executor).withCompensation(helping)), OutOfMemoryError.class);
    }

    @Test
    void fault04_threadFactoryReturnsNull_taskFailsAndErrorIsThrown() {
        check(factory(f -> f.withThreadFactory(command -> null)), RejectedExecutionException.class);
    }

    @Test
    void fault04_threadFactoryThrows_taskFailsAndErrorIsThrown() {
        ThreadFactory threads = command -> {
            throw new IllegalStateException("no threads today");
        };
        check(factory(f -> f.withThreadFactory(threads)), IllegalStateException.class);
    }

    @Test
    void fault04_threadDoesNotStart_taskFailsAndErrorIsThrown() {
        ThreadFactory threads = command -> new Thread(command) {
            @Override
            public void start() {
                throw new OutOfMemoryError("made up: unable to create native thread");
            }
        };
        check(factory(f -> f.withThreadFactory(threads)), OutOfMemoryError.class);
    }

    @Test
    void fault04_threadWasStartedAlready_taskFailsAndErrorIsThrown() throws InterruptedException {
        Thread started = new Thread(() -> {});
        started.start();
        started.join();
        check(factory(f -> f.withThreadFactory(command -> started)), IllegalThreadStateException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void fault04_refusedTaskDoesNotBubble_scopeGoesOn(int maxConcurrency) {
        Executor executor = command -> {
            throw refusal;
        };
        ScopeFactory scopes =
                factory(f -> f.withExecutor(executor).withDefaults(s -> s.withMaxConcurrency(maxConcurrency)));

        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("refused", () -> 1, t -> t.withBubble(false));
            assertThatThrownBy(task::join).isSameAs(refusal);
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @Test
    void fault04_refusedTaskIsAwaited_errorIsTheWaiters() {
        Executor executor = command -> {
            throw refusal;
        };
        ScopeFactory scopes = factory(f -> f.withExecutor(executor));

        scopes.run("run", scope -> {
            assertThatThrownBy(() -> scope.await("refused", () -> 1)).isSameAs(refusal);
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @Test
    void fault04_laterTaskIsRefused_runningOnesAreCancelled() throws InterruptedException {
        AtomicInteger threads = new AtomicInteger();
        AtomicReference<Task<?>> first = new AtomicReference<>();
        AtomicReference<Thread> thread = new AtomicReference<>();
        ScopeFactory scopes = factory(f -> f.withThreadFactory(command -> {
            if (threads.getAndIncrement() > 0) {
                return null;
            }
            thread.set(new Thread(command));
            return thread.get();
        }));

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    CountDownLatch started = new CountDownLatch(1);
                    first.set(scope.spawn("first", () -> {
                        started.countDown();
                        return Blocking.forever();
                    }));
                    Blocking.await(started);
                    scope.spawn("refused", () -> 1);
                }))
                .isInstanceOf(RejectedExecutionException.class);

        assertThat(first.get().isCancelled()).isTrue();
        thread.get().join();
    }

    @Test
    void fault04_boundedPoolIsFull_theTaskThatWasRefusedFails() throws InterruptedException {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1));
        try {
            ScopeFactory scopes = factory(f -> f.withExecutor(pool));
            scopes.run("run", scope -> {
                CountDownLatch started = new CountDownLatch(1);
                CountDownLatch mayEnd = new CountDownLatch(1);
                Task<?> running = scope.spawn("running", () -> {
                    started.countDown();
                    return Blocking.await(mayEnd);
                });
                Blocking.await(started);
                Task<?> queued = scope.spawn("queued", () -> "value");
                Task<?> refused = scope.spawn("refused", () -> "value", t -> t.withBubble(false));

                assertThat(refused.status()).isEqualTo(Task.Status.FAILED);
                assertThat(queued.status()).isEqualTo(Task.Status.QUEUED);
                mayEnd.countDown();
                assertThat(queued.join()).isEqualTo("value");
                assertThat(running.join()).isEqualTo(true);
            });
        } finally {
            pool.shutdown();
            assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fault04_executorRunsAndThenRefuses_outcomeOfTaskStays(boolean helping) {
        Executor executor = command -> {
            command.run();
            throw refusal;
        };
        ScopeFactory scopes = factory(f -> f.withExecutor(executor).withCompensation(helping));

        String value =
                scopes.call("call", scope -> scope.spawn("task", () -> "value").join());

        assertThat(value).isEqualTo("value");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fault04_executorRunsTwice_taskRunsOnce(boolean helping) {
        AtomicInteger ran = new AtomicInteger();
        Executor executor = command -> {
            command.run();
            command.run();
        };
        ScopeFactory scopes = factory(f -> f.withExecutor(executor).withCompensation(helping));

        scopes.run("run", scope -> {
            scope.spawn("task", ran::incrementAndGet);
            scope.spawn("task", ran::incrementAndGet);
        });

        assertThat(ran).hasValue(2);
    }

    @Test
    void fault04_executorDropsCommands_waitingThreadRunsTheTasks() {
        ScopeFactory scopes = factory(f -> f.withExecutor(command -> {}));

        int sum = scopes.call("call", scope -> {
            Task<Integer> one = scope.spawn("one", () -> 1);
            Task<Integer> two =
                    scope.spawn("two", () -> scope.spawn("three", () -> 3).join());
            scope.spawn("nobody joins", () -> 4);
            return one.join() + two.join();
        });

        assertThat(sum).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void directExecutor_runsTasksInSpawn(boolean helping) {
        ScopeFactory scopes = factory(f -> f.withExecutor(Runnable::run).withCompensation(helping));

        String value = scopes.call("outer", outer -> {
            Task<String> task = outer.spawn("task", () -> {
                assertThat(Scope.current()).contains(outer);
                return scopes.<String>call(
                        "inner", inner -> inner.spawn("deep", () -> "value").join());
            });
            assertThat(task.isDone()).isTrue();
            assertThat(Scope.current()).contains(outer);
            return task.join();
        });

        assertThat(value).isEqualTo("value");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void directExecutor_taskFails_scopeThrowsIt(boolean helping) {
        ScopeFactory scopes = factory(f -> f.withExecutor(Runnable::run).withCompensation(helping));
        IllegalStateException failure = new IllegalStateException("task");

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.spawn("task", () -> {
                        throw failure;
                    });
                    assertThat(scope.isCancelled()).isTrue();
                }))
                .isSameAs(failure);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void directExecutor_taskCancelsScope_bodyMeetsTheInterrupt(boolean helping) {
        ScopeFactory scopes = factory(f -> f.withExecutor(Runnable::run).withCompensation(helping));
        AtomicReference<Throwable> inTask = new AtomicReference<>();
        AtomicReference<Throwable> inBody = new AtomicReference<>();

        scopes.run("run", scope -> {
            scope.spawn("task", () -> {
                scope.cancel();
                inTask.set(catchThrowable(Blocking::forever));
            });
            inBody.set(catchThrowable(Blocking::forever));
        });

        assertThat(inTask.get()).isInstanceOf(InterruptedException.class);
        assertThat(inBody.get()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void executorAndThreadFactory_together_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> FactoryOptions.DEFAULT.withExecutor(Runnable::run).withThreadFactory(Thread::new));
    }
}
