// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.EngineTest.Threads;
import io.traio.ScopeOptions.Overflow;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.MDC;

/** What is queued while a thread waits for it runs on a thread of its own, by all rules of tasks (section 3). */
@Spec("Threads")
class LentThreadTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    /** Runs until the test says so, whatever happens; gives whether it was interrupted. */
    private boolean stubborn() {
        started.countDown();
        return Briefly.stubbornly(release);
    }

    // ---- thread and thread locals ----

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void wait_forQueuedTask_doesNotRunItOnTheWaitingThread(Harness harness, ScopeFactory scopes) throws Exception {
        for (Wait wait : Wait.values()) {
            try (OpenScope shared = scopes.openShared("shared", s -> s.withDetached(true));
                    Taken taken = Taken.all(harness)) {
                Task<Thread> task = shared.spawn("task", Thread::currentThread);
                shared.complete();
                wait.on(task);
                assertThat(task.join()).as(wait.name()).isNotSameAs(Thread.currentThread());
            }
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void exit_ofScopeWithQueuedTask_doesNotRunItOnTheOwnersThread(Harness harness, ScopeFactory scopes) {
        AtomicReference<Thread> ran = new AtomicReference<>();
        try (Taken taken = Taken.all(harness)) {
            scopes.run("run", scope -> scope.spawn("task", () -> ran.set(Thread.currentThread())));
        }

        assertThat(ran.get()).isNotNull().isNotSameAs(Thread.currentThread());
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void await_ofCallable_doesNotRunItOnTheWaitingThread(Harness harness, ScopeFactory scopes) {
        try (Taken taken = Taken.all(harness)) {
            Thread ran = scopes.call("run", scope -> scope.await("task", Thread::currentThread));

            assertThat(ran).isNotSameAs(Thread.currentThread());
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void spawn_waitsForPlace_doesNotRunQueuedTaskOnTheWaitingThread(Harness harness, ScopeFactory scopes) {
        try (Taken taken = Taken.all(harness)) {
            scopes.run("run", s -> s.withMaxConcurrency(1).withOverflow(Overflow.BLOCK), scope -> {
                Task<Thread> first = scope.spawn("first", Thread::currentThread);
                Task<Thread> second = scope.spawn("second", Thread::currentThread);
                assertThat(first.join()).isNotSameAs(Thread.currentThread());
                assertThat(second.join()).isNotSameAs(Thread.currentThread());
            });
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void join_ofQueuedTask_threadLocalsOfTheWaiterAreNeitherSeenNorOverwritten(Harness harness, ScopeFactory scopes) {
        AtomicReference<String> seen = new AtomicReference<>("not run");
        MDC.put("key", "waiter");
        try (Taken taken = Taken.all(harness)) {
            scopes.run(
                    "run",
                    scope -> scope.spawn("task", () -> {
                                seen.set(MDC.get("key"));
                                MDC.put("key", "task");
                                MDC.remove("key");
                            })
                            .join());

            assertThat(seen.get()).isNull();
            assertThat(MDC.get("key")).isEqualTo("waiter");
        } finally {
            MDC.remove("key");
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.ONE})
    void join_inTaskUnderMaxConcurrency_threadLocalsOfTheWaiterAreNeitherSeenNorOverwritten(ScopeFactory scopes) {
        ThreadLocal<String> local = new ThreadLocal<>();
        String after = scopes.call(
                "run",
                s -> s.withMaxConcurrency(1),
                scope -> scope.spawn("outer", () -> {
                            local.set("outer");
                            try {
                                String seen = scope.spawn("inner", () -> {
                                            String before = String.valueOf(local.get());
                                            local.remove();
                                            return before;
                                        })
                                        .join();
                                return seen + " " + local.get();
                            } finally {
                                local.remove();
                            }
                        })
                        .join());

        assertThat(after).isEqualTo("null outer");
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void lentThread_ranATaskThatWasCancelled_isCleanForTheNext(Harness harness, ScopeFactory scopes) {
        try (Taken taken = Taken.all(harness)) {
            for (int round = 0; round < 20; round++) {
                boolean flagged = scopes.call("run", scope -> {
                    CountDownLatch runs = new CountDownLatch(1);
                    Task<?> cancelled = scope.spawn("cancelled", () -> {
                        runs.countDown();
                        return Briefly.untilInterrupted();
                    });
                    Aside<?> canceller = Aside.run(harness, () -> {
                        Briefly.await(runs);
                        cancelled.cancel();
                    });
                    assertThatThrownBy(cancelled::join).isInstanceOf(Exception.class);
                    assertThat(canceller.failure()).isNull();
                    return scope.spawn("next", () -> {
                                assertThat(Scope.current()).contains(scope);
                                return Thread.currentThread().isInterrupted();
                            })
                            .join();
                });
                assertThat(flagged).isFalse();
            }
        }
    }

    // ---- how many ----

    @EngineTest(on = {Threads.POOL, Threads.ONE})
    void oneThreadWaits_allThreadsAreTaken_oneTaskRunsAtATime(Harness harness, ScopeFactory scopes) {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        try (Taken taken = Taken.all(harness)) {
            scopes.run("run", scope -> {
                for (int i = 0; i < 10; i++) {
                    scope.spawn(() -> {
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        Thread.yield();
                        running.decrementAndGet();
                        done.incrementAndGet();
                    });
                }
            });
        }

        assertThat(done).hasValue(10);
        assertThat(most).hasValue(1);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void thousandTasks_eachJoinsTheNext_end(ScopeFactory scopes) {
        int sum = scopes.call("run", scope -> chain(scope, 1_000));

        assertThat(sum).isEqualTo(1_000);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void thousandTasks_eachJoinsTheNextUnderMaxConcurrency_end(ScopeFactory scopes) {
        int sum = scopes.call("run", s -> s.withMaxConcurrency(1), scope -> chain(scope, 1_000));

        assertThat(sum).isEqualTo(1_000);
    }

    private static int chain(Scope scope, int length) {
        return length == 0 ? 0 : 1 + scope.spawn(() -> chain(scope, length - 1)).join();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void thousandQueuedTasks_eachJoinsTheOneAfterIt_end(Harness harness, ScopeFactory scopes) {
        int sum = scopes.call("run", scope -> {
            List<Task<Integer>> tasks = new ArrayList<>();
            CountDownLatch all = new CountDownLatch(1);
            try (Taken taken = Taken.all(harness)) {
                for (int i = 0; i < 1_000; i++) {
                    int next = i + 1;
                    tasks.add(scope.spawn(() -> {
                        Briefly.await(all);
                        return 1 + (next < 1_000 ? tasks.get(next).join() : 0);
                    }));
                }
                all.countDown();
                return tasks.get(0).join();
            }
        });

        assertThat(sum).isEqualTo(1_000);
    }

    // ---- options and failures of the task ----

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void task_throwsInterruptedExceptionOfItsOwn_isAFailureLikeOthers(Harness harness, ScopeFactory scopes) {
        InterruptedException own = new InterruptedException("own");
        try (Taken taken = Taken.all(harness)) {
            assertThatThrownBy(() -> scopes.run("run", scope -> {
                        scope.spawn("task", () -> {
                            throw own;
                        });
                    }))
                    .isExactlyInstanceOf(ScopeFailedException.class)
                    .hasCause(own);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void joinedTask_throwsInterruptedExceptionOfItsOwn_isAFailureLikeOthers(Harness harness, ScopeFactory scopes) {
        InterruptedException own = new InterruptedException("own");
        try (Taken taken = Taken.all(harness)) {
            assertThatThrownBy(() -> scopes.run(
                            "run",
                            scope -> scope.spawn("task", () -> {
                                        throw own;
                                    })
                                    .join()))
                    .isExactlyInstanceOf(ScopeFailedException.class)
                    .hasCause(own);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void cancelTimeout_ofTaskThatTheOwnerWaitsFor_holds(Harness harness, TestClock clock) throws InterruptedException {
        Throwable thrown = cancelWhileTheOwnerWaits(
                harness, clock, scope -> scope.spawn("stubborn", this::stubborn, t -> t.withCancelTimeout(SECOND)));

        assertThat(thrown).isInstanceOf(StragglerException.class);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void cancelTimeout_ofTaskThatTheBodyJoins_holds(Harness harness, TestClock clock) throws InterruptedException {
        Throwable thrown = cancelWhileTheOwnerWaits(
                harness,
                clock,
                scope -> scope.spawn("stubborn", this::stubborn, t -> t.withCancelTimeout(SECOND))
                        .join());

        assertThat(thrown).isInstanceOf(StragglerException.class);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void abandonOnCancel_ofTaskThatTheOwnerWaitsFor_holds(Harness harness, TestClock clock)
            throws InterruptedException {
        Throwable thrown = cancelWhileTheOwnerWaits(
                harness, clock, scope -> scope.spawn("stubborn", this::stubborn, t -> t.withAbandonOnCancel(true)));

        assertThat(thrown).isNull();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void abandonOnCancel_ofTaskThatTheBodyJoins_holds(Harness harness, TestClock clock) throws InterruptedException {
        Throwable thrown = cancelWhileTheOwnerWaits(
                harness,
                clock,
                scope -> scope.spawn("stubborn", this::stubborn, t -> t.withAbandonOnCancel(true))
                        .join());

        assertThat(thrown).isNull();
    }

    /** Gives what the exit throws, which must not wait for the task. */
    private Throwable cancelWhileTheOwnerWaits(Harness harness, TestClock clock, ScopeOpener.VoidBody body)
            throws InterruptedException {
        AtomicReference<Scope> opened = new AtomicReference<>();
        try (Taken taken = Taken.all(harness)) {
            Aside<?> owner = Aside.run(
                    harness,
                    () -> harness.scopes().run("run", scope -> {
                        opened.set(scope);
                        body.run(scope);
                    }));
            Briefly.await(started);
            opened.get().cancel();
            clock.advance(SECOND);
            Briefly.until("the owner has left", owner::isDone);
            return owner.failure();
        } finally {
            release.countDown();
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void interruptOnCancelFalse_bodyThatJoinsIsInterrupted_holds(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        AtomicReference<Task<Boolean>> gentle = new AtomicReference<>();
        AtomicReference<Scope> opened = new AtomicReference<>();
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        try (Taken taken = Taken.all(harness)) {
            Aside<?> owner = Aside.run(
                    harness,
                    () -> scopes.run("run", scope -> {
                        opened.set(scope);
                        gentle.set(scope.spawn(
                                "gentle",
                                () -> {
                                    interrupted.set(stubborn());
                                    return true;
                                },
                                t -> t.withInterruptOnCancel(false)));
                        gentle.get().join();
                    }));
            Briefly.await(started);
            opened.get().cancel();
            release.countDown();

            assertThat(owner.failure()).isNull();
        }
        assertThat(interrupted).hasValue(false);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void interruptOnCancelFalse_taskThatJoinsIsCancelled_holds(ScopeFactory scopes) {
        boolean interrupted = scopes.call("run", s -> s.withMaxConcurrency(1), scope -> {
            AtomicReference<Task<Boolean>> gentle = new AtomicReference<>();
            Task<?> waiter = scope.spawn("waiter", () -> {
                gentle.set(scope.spawn("gentle", this::stubborn, t -> t.withInterruptOnCancel(false)));
                return gentle.get().join();
            });
            Briefly.await(started);
            waiter.cancel();
            release.countDown();
            return gentle.get().join();
        });

        assertThat(interrupted).isFalse();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timeout_ofBodyInATaskThatTheOwnerWaitsFor_interruptsTheBody(Harness harness, TestClock clock)
            throws InterruptedException {
        timeOutBodyInTask(harness, clock, task -> {});
        timeOutBodyInTask(harness, clock, Task::join);
    }

    private static void timeOutBodyInTask(Harness harness, TestClock clock, Consumer<Task<?>> wait)
            throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(1);
        try (Taken taken = Taken.all(harness)) {
            ScopeFactory scopes = harness.scopes();
            Aside<Throwable> owner = Aside.call(
                    harness,
                    () -> catchThrowable(() -> scopes.run(
                            "outer",
                            outer -> wait.accept(outer.spawn(
                                    "task",
                                    () -> scopes.run("inner", s -> s.withTimeout(SECOND), inner -> {
                                        runs.countDown();
                                        Briefly.untilInterrupted();
                                    }))))));
            Briefly.await(runs);
            clock.advance(SECOND);

            assertThat(owner.value()).isInstanceOf(ScopeTimeoutException.class).hasMessageContaining("inner");
        }
    }

    /** What the waiter has said of its own interrupts does not hold for the task that it waits for. */
    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timeout_ofBodyInATaskThatAnUninterruptibleTaskJoins_interruptsTheBody(Harness harness, TestClock clock)
            throws InterruptedException {
        ScopeFactory scopes = harness.scopes();
        AtomicReference<Throwable> met = new AtomicReference<>();
        Aside<Throwable> owner = Aside.call(
                harness,
                () -> catchThrowable(() -> scopes.run(
                        "outer",
                        s -> s.withMaxConcurrency(1),
                        outer -> outer.spawn(
                                "waiter",
                                () -> outer.spawn(
                                                "task",
                                                () -> scopes.run("inner", s -> s.withTimeout(SECOND), inner -> {
                                                    started.countDown();
                                                    met.set(catchThrowable(Briefly::untilInterrupted));
                                                }))
                                        .join(),
                                t -> t.withInterruptOnCancel(false)))));
        Briefly.await(started);
        clock.advance(SECOND);

        assertThat(owner.value()).isInstanceOf(ScopeTimeoutException.class).hasMessageContaining("inner");
        assertThat(met.get()).isInstanceOf(InterruptedException.class);
    }
}
