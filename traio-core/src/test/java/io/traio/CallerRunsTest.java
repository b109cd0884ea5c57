// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.EngineTest.Threads;
import io.traio.spi.ScopeListener;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** Executors that run what they are given on the thread that gives it (section 3). */
@Spec("Threads")
class CallerRunsTest {

    /** The pool's thread and queue are taken by tasks that wait for what the body does after the spawn. */
    @EngineTest(on = Threads.CALLER_RUNS)
    void spawn_executorIsFull_callerRunsTheSpawnedTaskAndNoOther(ScopeFactory scopes) {
        CountDownLatch go = new CountDownLatch(1);
        AtomicReference<Thread> second = new AtomicReference<>();
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("first", () -> {
                started.countDown();
                return Briefly.await(go);
            });
            Briefly.await(started);
            scope.spawn("second", () -> {
                second.set(Thread.currentThread());
                return Briefly.await(go);
            });

            Task<Thread> third = scope.spawn("third", Thread::currentThread);

            assertThat(third.isDone()).isTrue();
            assertThat(third.join()).isSameAs(Thread.currentThread());
            go.countDown();
        });

        assertThat(second.get()).isNotNull().isNotSameAs(Thread.currentThread());
    }

    @EngineTest(on = Threads.CALLER_RUNS)
    void spawn_executorIsFullUnderMaxConcurrency_callerRunsNoOtherTask(ScopeFactory scopes) {
        CountDownLatch go = new CountDownLatch(1);
        AtomicReference<Thread> second = new AtomicReference<>();
        scopes.run("run", s -> s.withMaxConcurrency(3), scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("first", () -> {
                started.countDown();
                return Briefly.await(go);
            });
            Briefly.await(started);
            scope.spawn("second", () -> {
                second.set(Thread.currentThread());
                return Briefly.await(go);
            });
            scope.spawn("third", () -> 3);
            go.countDown();
        });

        assertThat(second.get()).isNotNull().isNotSameAs(Thread.currentThread());
    }

    @EngineTest(on = Threads.CALLER_RUNS)
    void spawn_inATask_executorIsFull_callerRunsNoOtherTask(ScopeFactory scopes) {
        CountDownLatch go = new CountDownLatch(1);
        AtomicReference<Thread> queued = new AtomicReference<>();
        scopes.run(
                "run",
                scope -> scope.spawn("first", () -> {
                    scope.spawn("second", () -> {
                        queued.set(Thread.currentThread());
                        return Briefly.await(go);
                    });
                    Task<Integer> third = scope.spawn("third", () -> 3);
                    go.countDown();
                    assertThat(third.join()).isEqualTo(3);
                }));

        assertThat(queued.get()).isNotNull();
    }

    @EngineTest(on = Threads.DEFAULT)
    void directExecutor_taskJoinsTaskUnderMaxConcurrencyOne_ends(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withExecutor(Runnable::run));

        int value = scopes.call(
                "run",
                s -> s.withMaxConcurrency(1),
                scope -> scope.spawn(
                                "outer", () -> scope.spawn("inner", () -> 1).join())
                        .join());

        assertThat(value).isEqualTo(1);
    }

    @EngineTest(on = Threads.DEFAULT)
    void directExecutor_tasksNested_runInTheCallerInOrder(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withExecutor(Runnable::run));
        Thread caller = Thread.currentThread();

        scopes.run("run", scope -> {
            Task<Thread> outer = scope.spawn("outer", () -> {
                Task<Thread> inner = scope.spawn("inner", Thread::currentThread);
                assertThat(inner.isDone()).isTrue();
                return inner.join();
            });
            assertThat(outer.isDone()).isTrue();
            assertThat(outer.join()).isSameAs(caller);
        });
    }

    /** The caller is in the body, and the interrupt of the task is not the body's. */
    @EngineTest(on = Threads.DEFAULT)
    void directExecutor_taskIsCancelled_bodyGoesOn(Harness harness) {
        AtomicReference<Task<?>> spawned = new AtomicReference<>();
        ScopeFactory scopes = harness.scopes(f -> f.withExecutor(Runnable::run).withListener(new ScopeListener() {
            @Override
            public void taskSpawned(Task<?> task) {
                spawned.set(task);
            }
        }));
        scopes.run("run", scope -> {
            CountDownLatch runs = new CountDownLatch(1);
            Aside<?> canceller = Aside.run(harness, () -> {
                Briefly.await(runs);
                spawned.get().cancel();
            });
            Task<?> task = scope.spawn("task", () -> {
                runs.countDown();
                return Briefly.untilInterrupted();
            });

            assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
            assertThat(canceller.failure()).isNull();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThat(scope.isCancelled()).isFalse();
        });
    }
}
