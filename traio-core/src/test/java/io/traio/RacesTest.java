// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.EngineTest.Threads;
import io.traio.spi.ScopeListener;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Two things at the same moment, many times: exactly one outcome, and no interrupt is left (T7, T10, T14). */
@Spec({"T7", "T10", "T14"})
class RacesTest {

    private static final int ROUNDS = 1_000;
    private static final Duration SECOND = Duration.ofSeconds(1);

    @EngineTest
    void fault09_completionRacesCancel_exactlyOneWins(Harness harness, ScopeFactory scopes) throws Exception {
        Task<?>[] task = new Task<?>[1];
        boolean[] cancelled = new boolean[1];
        CyclicBarrier barrier = harness.eachRound(ROUNDS, () -> cancelled[0] = task[0].cancel());
        try (OpenScope scope = scopes.openShared("races")) {
            for (int round = 0; round < ROUNDS; round++) {
                AtomicInteger ends = new AtomicInteger();
                AtomicBoolean go = new AtomicBoolean();
                task[0] = scope.spawn(() -> {
                    while (!go.get()) {
                        Thread.yield();
                    }
                });
                task[0].onDone(done -> ends.incrementAndGet());
                Blocking.await(barrier);
                go.set(true);
                Blocking.await(barrier);
                Blocking.until("the task has ended and reported that", () -> ends.get() > 0);

                assertThat(task[0].status()).isEqualTo(cancelled[0] ? Task.Status.CANCELLED : Task.Status.SUCCEEDED);
                assertThat(ends).hasValue(1);
            }
        }
    }

    @EngineTest
    void cancelOfTask_racesTheEndOfItsScope_isNoFailure(Harness harness, ScopeFactory scopes) throws Exception {
        Task<?>[] task = new Task<?>[1];
        boolean[] cancelled = new boolean[1];
        CyclicBarrier barrier = harness.eachRound(ROUNDS, () -> cancelled[0] = task[0].cancel());
        for (int round = 0; round < ROUNDS; round++) {
            scopes.run("outer", outer -> {
                CountDownLatch inside = new CountDownLatch(1);
                task[0] = outer.spawn(() -> scopes.run("inner", inner -> {
                    inside.countDown();
                    Blocking.forever();
                }));
                Blocking.await(inside);
                Blocking.await(barrier);
                Blocking.await(barrier);
            });
            assertThat(cancelled[0]).isTrue();
            assertThat(task[0].status()).isEqualTo(Task.Status.CANCELLED);
        }
    }

    @EngineTest
    void fault09_startRacesCancel_ranOrNeverWill(Harness harness, ScopeFactory scopes) throws Exception {
        Task<?>[] queued = new Task<?>[1];
        boolean[] cancelled = new boolean[1];
        CyclicBarrier barrier = harness.eachRound(ROUNDS, () -> cancelled[0] = queued[0].cancel());
        for (int round = 0; round < ROUNDS; round++) {
            AtomicInteger ran = new AtomicInteger();
            AtomicBoolean go = new AtomicBoolean();
            try (OpenScope scope = scopes.openShared("races", s -> s.withMaxConcurrency(1))) {
                scope.spawn(() -> {
                    while (!go.get()) {
                        Thread.yield();
                    }
                });
                queued[0] = scope.spawn(ran::incrementAndGet);
                Blocking.await(barrier);
                go.set(true);
                Blocking.await(barrier);
                scope.join();
            }
            assertThat(queued[0].status()).isEqualTo(cancelled[0] ? Task.Status.CANCELLED : Task.Status.SUCCEEDED);
            assertThat(ran.get()).isBetween(cancelled[0] ? 0 : 1, 1);
        }
    }

    @EngineTest
    void fault10_spawnRacesCancel_refusedOrCancelledOrRun(Harness harness) throws Exception {
        Random random = new Random(10);
        // Makes the time longer in which a task has been counted in and is not in the list yet.
        ScopeFactory scopes = harness.scopes(f -> f.withListener(new ScopeListener() {
            @Override
            public void taskSpawned(Task<?> task) {
                Blocking.spin(random.nextInt(500));
            }
        }));
        OpenScope[] scope = new OpenScope[1];
        CyclicBarrier barrier = harness.eachRound(ROUNDS, () -> scope[0].cancel());
        for (int round = 0; round < ROUNDS; round++) {
            scope[0] = scopes.openShared("races");
            AtomicInteger running = new AtomicInteger();
            Blocking.await(barrier);
            // It ends only if the cancellation comes to it.
            boolean taken = scope[0].trySpawn(
                            "task",
                            () -> {
                                running.incrementAndGet();
                                try {
                                    return Blocking.forever();
                                } finally {
                                    running.decrementAndGet();
                                }
                            },
                            t -> t)
                    .isPresent();
            Blocking.await(barrier);

            scope[0].awaitDone();
            assertThat(running).hasValue(0);
            assertThat(scope[0].state()).isEqualTo(Scope.State.CLOSED);
            assertThat(scope[0].trySpawn("late", () -> 1, t -> t)).isEmpty();
            assertThat(taken || scope[0].isCancelled()).isTrue();
        }
    }

    /** The listener is called when the task has been counted in, and is not in the list that a canceller walks. */
    @EngineTest
    void fault10_scopeIsCancelledWhileItTakesATaskIn_taskIsCancelled(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withListener(new ScopeListener() {
            @Override
            public void taskSpawned(Task<?> task) {
                task.scope().cancel();
            }
        }));
        OpenScope scope = scopes.openShared("scope");
        Task<?> task = scope.spawn("task", Blocking::forever);

        scope.awaitDone();
        assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
    }

    /** What is taken in before the scope is completed is waited for, and nothing is after that: the scope is over then. */
    @EngineTest
    void complete_racesSpawn_taskIsRefusedOrRuns(Harness harness, ScopeFactory scopes) throws Exception {
        Random random = new Random(11);
        OpenScope[] scope = new OpenScope[1];
        AtomicBoolean go = new AtomicBoolean();
        CyclicBarrier barrier = harness.eachRound(ROUNDS, () -> {
            Blocking.spinUntil("the other is ready", go::get);
            scope[0].complete();
        });
        for (int round = 0; round < ROUNDS; round++) {
            scope[0] = scopes.openShared("races");
            go.set(false);
            Blocking.await(barrier);
            go.set(true);
            Blocking.spin(random.nextInt(30));
            Optional<Task<Integer>> task = scope[0].trySpawn("task", () -> 1, t -> t);
            Blocking.await(barrier);

            scope[0].awaitDone();
            assertThat(task.map(Task::status).orElse(Task.Status.SUCCEEDED)).isEqualTo(Task.Status.SUCCEEDED);
            assertThat(scope[0].state()).isEqualTo(Scope.State.CLOSED);
        }
    }

    @EngineTest
    void lastAwaitedTaskEnds_racesSpawn_lateTaskIsRefusedOrRuns(ScopeFactory scopes) {
        for (int round = 0; round < ROUNDS; round++) {
            AtomicInteger ran = new AtomicInteger();
            AtomicReference<Optional<Task<Integer>>> late = new AtomicReference<>();
            Scope ended = scopes.call("call", scope -> {
                AtomicBoolean go = new AtomicBoolean();
                CountDownLatch started = new CountDownLatch(1);
                scope.spawn(
                        "background",
                        () -> {
                            started.countDown();
                            while (!go.get()) {
                                Thread.onSpinWait();
                            }
                            late.set(scope.trySpawn("late", ran::incrementAndGet, t -> t));
                        },
                        t -> t.withAwaited(false).withInterruptOnCancel(false));
                Blocking.await(started);
                scope.spawn("last", () -> go.set(true));
                return scope;
            });

            assertThat(ended.state()).isEqualTo(Scope.State.CLOSED);
            if (late.get().isPresent()) {
                assertThat(late.get().get().status()).isEqualTo(Task.Status.SUCCEEDED);
                assertThat(ran).hasValue(1);
            } else {
                assertThat(ran).hasValue(0);
            }
        }
    }

    @EngineTest
    void cancelOfTaskWithAnOpenScope_twiceAtOnce_isTrueForOne(Harness harness, ScopeFactory scopes) throws Exception {
        Task<?>[] task = new Task<?>[1];
        boolean[] second = new boolean[1];
        CyclicBarrier barrier = harness.eachRound(ROUNDS, () -> second[0] = task[0].cancel());
        for (int round = 0; round < ROUNDS; round++) {
            scopes.run("outer", outer -> {
                CountDownLatch inside = new CountDownLatch(1);
                task[0] = outer.spawn(() -> scopes.run("inner", inner -> {
                    inside.countDown();
                    Blocking.forever();
                }));
                Blocking.await(inside);
                Blocking.await(barrier);
                boolean first = task[0].cancel();
                Blocking.await(barrier);
                assertThat(first).isNotEqualTo(second[0]);
            });
        }
    }

    /** The thread is looked at when the canceller has returned: whatever interrupts it sends have been sent. */
    @EngineTest(on = Threads.FACTORY)
    void completionRacesCancel_noInterruptComesAfterTheEnd(Harness harness) {
        AtomicReference<CountDownLatch> cancelled = new AtomicReference<>();
        AtomicInteger late = new AtomicInteger();
        ScopeFactory scopes = harness.scopes(f -> f.withThreadFactory(command -> harness.thread(() -> {
            command.run();
            Blocking.spinUntil(
                    "the canceller has returned", () -> cancelled.get().getCount() == 0);
            if (Thread.interrupted()) {
                late.incrementAndGet();
            }
        })));
        for (int round = 0; round < ROUNDS; round++) {
            CountDownLatch returned = new CountDownLatch(1);
            cancelled.set(returned);
            scopes.run("run", scope -> {
                AtomicBoolean go = new AtomicBoolean();
                CountDownLatch started = new CountDownLatch(1);
                Task<?> task = scope.spawn("task", () -> {
                    started.countDown();
                    while (!go.get()) {
                        Thread.onSpinWait();
                    }
                });
                Blocking.await(started);
                go.set(true);
                task.cancel();
                returned.countDown();
            });
        }

        assertThat(late).hasValue(0);
    }

    @EngineTest
    void fault12_timeoutRacesEndOfJoin_oneOutcomeAndNoInterruptIsLeft(
            Harness harness, ScopeFactory scopes, TestClock clock) throws Exception {
        CyclicBarrier barrier = harness.eachRound(ROUNDS, () -> clock.advance(SECOND));
        for (int round = 0; round < ROUNDS; round++) {
            Throwable thrown = catchThrowable(() -> {
                try (OpenScope scope = scopes.open("races", s -> s.withTimeout(SECOND))) {
                    scope.spawn(() -> 1);
                    catchThrowable(() -> barrier.await());
                    scope.join();
                }
            });
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            if (thrown != null) {
                assertThat(thrown).isInstanceOf(ScopeTimeoutException.class);
            }
            Blocking.await(barrier);
        }
        assertThat(clock.pendingAlarms()).isZero();
    }

    @EngineTest
    void happensBefore_plainFields_areSeenAcrossSpawnJoinCallbackAndExit(ScopeFactory scopes) {
        for (int round = 0; round < ROUNDS; round++) {
            int[] plain = new int[4];
            int expected = round + 1;
            plain[0] = expected;
            AtomicInteger seenByCallback = new AtomicInteger();
            scopes.run("run", scope -> {
                Task<Integer> task = scope.spawn(() -> {
                    plain[1] = expected;
                    return plain[0];
                });
                assertThat(task.join()).isEqualTo(expected);
                assertThat(plain[1]).isEqualTo(expected);
                scope.spawn(() -> plain[2] = expected).onDone(done -> seenByCallback.set(plain[2]));
                scope.spawn(() -> plain[3] = expected);
            });
            assertThat(seenByCallback).hasValue(expected);
            assertThat(plain).containsOnly(expected);
        }
    }

    @EngineTest
    void cancel_rightAfterSpawn_alwaysCancels(ScopeFactory scopes) {
        for (int round = 0; round < 2_000; round++) {
            scopes.run("scope", scope -> {
                Task<?> task = scope.spawn("task", Blocking::forever);
                assertThat(task.cancel()).isTrue();
            });
        }
    }
}
