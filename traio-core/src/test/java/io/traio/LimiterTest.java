// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.EngineTest.Threads;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Several scopes share the permits of one limiter (B11). */
@Spec("B11")
class LimiterTest {

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final CountDownLatch release = new CountDownLatch(1);

    private static UnaryOperator<ScopeOptions> with(Limiter limiter) {
        return s -> s.withLimiter(limiter);
    }

    /** A permit is given back just after the end of a task. */
    private static void assertUnused(Limiter limiter) {
        Blocking.until("all permits are given back", () -> limiter.inUse() == 0);
        assertThat(limiter.queued()).isZero();
    }

    private void work() {
        most.accumulateAndGet(running.incrementAndGet(), Math::max);
        Thread.yield();
        running.decrementAndGet();
        done.incrementAndGet();
    }

    private void spawnGates(Scope scope, int n) {
        for (int i = 0; i < n; i++) {
            scope.spawn("gate-" + i, () -> {
                running.incrementAndGet();
                return Blocking.await(release);
            });
        }
    }

    @EngineTest(
            pool = 8,
            on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.CALLER_RUNS})
    void limiter_tasksOfSeveralScopes_neverMoreThanItsPermitsRun(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        Limiter limiter = Limiter.of("shared", 3);
        List<Thread> owners = new CopyOnWriteArrayList<>();
        for (int owner = 0; owner < 4; owner++) {
            owners.add(harness.helper(() -> scopes.run("run", with(limiter), scope -> {
                for (int i = 0; i < 200; i++) {
                    scope.spawn(this::work);
                }
            })));
        }
        for (Thread owner : owners) {
            owner.join();
        }

        assertThat(done).hasValue(800);
        assertThat(most.get()).isBetween(1, 3);
        assertUnused(limiter);
        assertThat(limiter.queued()).isZero();
        assertThat(limiter.granted()).isEqualTo(800);
    }

    @EngineTest(pool = 8)
    void limiter_withMaxConcurrency_bothHold(ScopeFactory scopes) {
        Limiter limiter = Limiter.of("shared", 3);
        AtomicInteger inFirst = new AtomicInteger();
        AtomicInteger mostInFirst = new AtomicInteger();
        scopes.run(
                "first",
                s -> s.withLimiter(limiter).withMaxConcurrency(2),
                first -> scopes.run("second", with(limiter), second -> {
                    for (int i = 0; i < 200; i++) {
                        first.spawn(() -> {
                            mostInFirst.accumulateAndGet(inFirst.incrementAndGet(), Math::max);
                            work();
                            inFirst.decrementAndGet();
                        });
                        second.spawn(this::work);
                    }
                }));

        assertThat(done).hasValue(400);
        assertThat(most.get()).isBetween(1, 3);
        assertThat(mostInFirst.get()).isBetween(1, 2);
        assertUnused(limiter);
    }

    @EngineTest(pool = 4)
    void statistics_sayWhatRunsAndWaits(ScopeFactory scopes) {
        Limiter limiter = Limiter.of("database", 2);
        scopes.run("run", with(limiter), scope -> {
            spawnGates(scope, 5);
            Blocking.until("two run", () -> running.get() == 2);

            assertThat(limiter.inUse()).isEqualTo(2);
            assertThat(limiter.queued()).isEqualTo(3);
            assertThat(limiter.granted()).isEqualTo(2);
            assertThat(limiter.name()).isEqualTo("database");
            assertThat(limiter).hasToString("limiter 'database' 2/2");
            assertThat(scope.snapshot().tasks())
                    .filteredOn(t -> t.status() == Task.Status.QUEUED)
                    .hasSize(3);
            release.countDown();
        });
    }

    @EngineTest(pool = 4)
    void resize_grown_letsWaitingTasksRun(ScopeFactory scopes) {
        Limiter limiter = Limiter.of("shared", 1);
        scopes.run("run", with(limiter), scope -> {
            spawnGates(scope, 3);
            Blocking.until("one runs", () -> running.get() == 1);
            limiter.resize(3);
            Blocking.until("all run", () -> running.get() == 3);
            assertThat(limiter.permits()).isEqualTo(3);
            release.countDown();
        });
    }

    @EngineTest(pool = 4)
    void resize_shrunk_holdsForTheNextTasks(ScopeFactory scopes) {
        Limiter limiter = Limiter.of("shared", 2);
        scopes.run("run", with(limiter), scope -> {
            spawnGates(scope, 2);
            Blocking.until("both run", () -> running.get() == 2);
            limiter.resize(1);
            assertThat(limiter.inUse()).isEqualTo(2);
            release.countDown();
        });
        running.set(0);
        scopes.run("run", with(limiter), scope -> {
            for (int i = 0; i < 50; i++) {
                scope.spawn(this::work);
            }
        });

        assertThat(most).hasValue(1);
    }

    @EngineTest(
            pool = 2,
            on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void limiter_ofOnePermit_scopesNestThreeDeep(ScopeFactory scopes) {
        Limiter limiter = Limiter.of("shared", 1);
        scopes.run(
                "one",
                with(limiter),
                one -> one.spawn(
                        "a",
                        () -> scopes.run("two", with(limiter), two -> {
                            two.spawn(
                                    "b",
                                    () -> scopes.run("three", with(limiter), three -> {
                                        three.spawn(this::work);
                                        three.spawn(this::work).join();
                                    }));
                            two.spawn("c", this::work);
                        })));

        assertThat(done).hasValue(3);
        assertUnused(limiter);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void limiter_withMaxConcurrencyInside_nests(ScopeFactory scopes) {
        Limiter limiter = Limiter.of("shared", 1);
        scopes.run(
                "one",
                with(limiter),
                one -> one.spawn(
                        "a",
                        () -> scopes.run("two", s -> s.withLimiter(limiter).withMaxConcurrency(1), two -> {
                            for (int i = 0; i < 20; i++) {
                                two.spawn(this::work);
                            }
                        })));

        assertThat(done).hasValue(20);
        assertThat(most).hasValue(1);
    }

    @EngineTest
    void limiter_waitingTasksCancelled_permitGoesToOthers(TestClock clock, ScopeFactory scopes) {
        Limiter limiter = Limiter.of("shared", 1);
        scopes.run("other", with(limiter), other -> {
            spawnGates(other, 1);
            Blocking.until("it runs", () -> running.get() == 1);
            assertThatThrownBy(() -> scopes.run(
                            "timed", s -> s.withLimiter(limiter).withTimeout(Duration.ofSeconds(1)), timed -> {
                                for (int i = 0; i < 3; i++) {
                                    timed.spawn(this::work);
                                }
                                clock.advance(Duration.ofSeconds(1));
                            }))
                    .isInstanceOf(ScopeTimeoutException.class)
                    .hasMessageContaining("never started");
            assertThat(limiter.queued()).isZero();
            other.spawn(this::work);
            release.countDown();
        });

        assertThat(done).hasValue(1);
        assertUnused(limiter);
    }

    @EngineTest(on = Threads.DEFAULT)
    void limiter_executorRefuses_permitIsGivenBack(Harness harness) {
        Limiter limiter = Limiter.of("shared", 1);
        ScopeFactory refusing = harness.scopes(o -> o.withExecutor(command -> {
            throw new RejectedExecutionException("full");
        }));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> refusing.run("run", with(limiter), scope -> scope.spawn(this::work)))
                    .isInstanceOf(RejectedExecutionException.class);
        }

        assertUnused(limiter);
    }

    @Test
    void limiter_badInput_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Limiter.of("none", 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Limiter.of("one", 1).resize(-1));
        assertThatThrownBy(() -> Limiter.of(null, 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> ScopeOptions.DEFAULT.withLimiter(null)).isInstanceOf(NullPointerException.class);
    }
}
