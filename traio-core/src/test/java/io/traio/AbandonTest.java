// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.EngineTest.Threads;
import io.traio.spi.ScopeListener;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Tasks whose thread is left to itself when they are cancelled (T9). */
@Spec("T9")
class AbandonTest {

    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final CountDownLatch started = new CountDownLatch(1);

    private Task<?> spawnUninterruptible(Scope scope) throws InterruptedException {
        Task<?> task = scope.spawn(
                "uninterruptible",
                () -> {
                    started.countDown();
                    return Blocking.stubbornly(mayEnd);
                },
                t -> t.withAbandonOnCancel(true));
        Blocking.await(started);
        return task;
    }

    @EngineTest
    void cancel_endsHandleAtOnceAndThreadRunsOn(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<?> task = spawnUninterruptible(scope);
            assertThat(scopes.abandoned()).isZero();

            assertThat(task.cancel()).isTrue();

            assertThat(task.isDone()).isTrue();
            assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
            assertThat(scopes.abandoned()).isEqualTo(1);
            assertThat(task.cancel()).isFalse();
            assertThatThrownBy(task::join).isInstanceOf(CancellationException.class);
        });
        mayEnd.countDown();

        Blocking.until("the thread is free", () -> scopes.abandoned() == 0);
    }

    @EngineTest
    void scopeCancelled_exitDoesNotWait(ScopeFactory scopes) {
        AtomicReference<Task<?>> task = new AtomicReference<>();

        scopes.run("run", scope -> {
            task.set(spawnUninterruptible(scope));
            scope.cancel();
        });

        assertThat(task.get().isDone()).isTrue();
        assertThat(scopes.abandoned()).isEqualTo(1);
        assertThat(scopes.scopes()).isEmpty();
        mayEnd.countDown();
    }

    @EngineTest
    void scopeFails_exitThrowsFailureOnly(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("task");

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    spawnUninterruptible(scope);
                    scope.spawn("failing", () -> {
                        throw failure;
                    });
                }))
                .isSameAs(failure);

        assertThat(scopes.abandoned()).isEqualTo(1);
        mayEnd.countDown();
    }

    @EngineTest
    void notCancelled_isWaitedForAndHasItsResult(ScopeFactory scopes) {
        AtomicReference<Task<?>> task = new AtomicReference<>();
        mayEnd.countDown();

        scopes.run("run", scope -> task.set(spawnUninterruptible(scope)));

        assertThat(task.get().status()).isEqualTo(Task.Status.SUCCEEDED);
        assertThat(task.get().join()).isEqualTo(false);
        assertThat(scopes.abandoned()).isZero();
    }

    @EngineTest
    void cancelledBeforeStart_neverRunsAndIsNotAbandoned(ScopeFactory scopes) {
        AtomicBoolean ran = new AtomicBoolean();
        scopes.run("run", s -> s.withMaxConcurrency(1), scope -> {
            scope.spawn("first", () -> {
                started.countDown();
                return Blocking.await(mayEnd);
            });
            Blocking.await(started);
            Task<?> queued = scope.spawn("queued", () -> ran.set(true), t -> t.withAbandonOnCancel(true));

            assertThat(queued.cancel()).isTrue();
            assertThat(scopes.abandoned()).isZero();
            mayEnd.countDown();
        });

        assertThat(ran).isFalse();
    }

    @EngineTest
    void abandonedTask_failsLater_harmsNobody(ScopeFactory scopes) {
        AtomicReference<Task<?>> task = new AtomicReference<>();
        scopes.run("run", scope -> {
            task.set(scope.spawn(
                    "failing",
                    () -> {
                        started.countDown();
                        Blocking.stubbornly(mayEnd);
                        throw new IllegalStateException("long after");
                    },
                    t -> t.withAbandonOnCancel(true)));
            Blocking.await(started);
            task.get().cancel();
        });
        mayEnd.countDown();

        Blocking.until("the thread is free", () -> scopes.abandoned() == 0);
        assertThat(task.get().status()).isEqualTo(Task.Status.CANCELLED);
        assertThatThrownBy(() -> task.get().join()).isInstanceOf(CancellationException.class);
    }

    @EngineTest
    void abandonedTask_spawnsInItsDeadScope_isRefused(ScopeFactory scopes) {
        AtomicBoolean refused = new AtomicBoolean();
        scopes.run("run", scope -> {
            scope.spawn(
                    "late spawner",
                    () -> {
                        started.countDown();
                        Blocking.stubbornly(mayEnd);
                        assertThatIllegalStateException().isThrownBy(() -> scope.spawn("late", () -> 1));
                        refused.set(true);
                    },
                    t -> t.withAbandonOnCancel(true));
            Blocking.await(started);
            scope.cancel();
        });
        mayEnd.countDown();

        Blocking.until("the thread is free", () -> scopes.abandoned() == 0);
        assertThat(refused).isTrue();
    }

    @EngineTest
    void abandonedTask_isInterruptedOnce(ScopeFactory scopes) {
        AtomicBoolean interrupted = new AtomicBoolean();
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn(
                    "task",
                    () -> {
                        started.countDown();
                        interrupted.set(Blocking.stubbornly(mayEnd));
                    },
                    t -> t.withAbandonOnCancel(true));
            Blocking.await(started);
            task.cancel();
        });
        mayEnd.countDown();

        Blocking.until("the thread is free", () -> scopes.abandoned() == 0);
        assertThat(interrupted).isTrue();
    }

    @EngineTest
    void abandonedAndNotInterrupted_isLeftAlone(ScopeFactory scopes) {
        AtomicBoolean interrupted = new AtomicBoolean(true);
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn(
                    "task",
                    () -> {
                        started.countDown();
                        interrupted.set(Blocking.stubbornly(mayEnd));
                    },
                    t -> t.withAbandonOnCancel(true).withInterruptOnCancel(false));
            Blocking.await(started);
            task.cancel();
            assertThat(task.isDone()).isTrue();
        });
        mayEnd.countDown();

        Blocking.until("the thread is free", () -> scopes.abandoned() == 0);
        assertThat(interrupted).isFalse();
    }

    @EngineTest
    void abandonedMaster_endsScope(ScopeFactory scopes) {
        AtomicReference<Scope> opened = new AtomicReference<>();
        scopes.run("run", scope -> {
            opened.set(scope);
            Task<?> task = scope.spawn(
                    "master",
                    () -> {
                        started.countDown();
                        return Blocking.stubbornly(mayEnd);
                    },
                    t -> t.withAbandonOnCancel(true).withMaster(true));
            Blocking.await(started);
            task.cancel();
        });
        mayEnd.countDown();

        assertThat(opened.get().isCancelled()).isTrue();
    }

    @EngineTest
    void abandonedTask_opensScope_childEndsWithIt(ScopeFactory scopes) {
        AtomicReference<Throwable> met = new AtomicReference<>();
        scopes.run("run", scope -> {
            scope.spawn(
                    "late opener",
                    () -> {
                        started.countDown();
                        Blocking.stubbornly(mayEnd);
                        try {
                            scopes.run("late", late -> {});
                        } catch (IllegalStateException e) {
                            met.set(e);
                        }
                    },
                    t -> t.withAbandonOnCancel(true));
            Blocking.await(started);
            scope.cancel();
        });
        mayEnd.countDown();

        Blocking.until("the thread is free", () -> scopes.abandoned() == 0);
        assertThat(met.get()).isInstanceOf(IllegalStateException.class);
    }

    /** The harness looks after the order: a task is reported as abandoned before its end is reported. */
    @EngineTest
    void cancel_racesTheEndOfTheThread_isReportedFirstAndCountIsNeverNegative(Harness harness, ScopeFactory scopes) {
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger negative = new AtomicInteger();
        harness.helper(() -> {
            while (!over.get()) {
                if (scopes.abandoned() < 0) {
                    negative.incrementAndGet();
                }
            }
        });
        for (int round = 0; round < 1_000; round++) {
            scopes.run("run", scope -> {
                CountDownLatch started = new CountDownLatch(1);
                Task<?> task = scope.spawn(
                        "abandoned",
                        () -> {
                            started.countDown();
                            while (!Thread.currentThread().isInterrupted()) {
                                Thread.onSpinWait();
                            }
                        },
                        t -> t.withAbandonOnCancel(true));
                Blocking.await(started);
                task.cancel();
            });
        }
        over.set(true);

        assertThat(negative).hasValue(0);
    }

    /** From then on the thread may end, and counts itself out. */
    @EngineTest(on = Threads.FACTORY)
    void cancel_whenTheThreadIsInterrupted_itIsCounted(Harness harness) {
        AtomicReference<ScopeFactory> scopes = new AtomicReference<>();
        AtomicInteger counted = new AtomicInteger();
        scopes.set(harness.scopes(f -> f.withThreadFactory(command -> new Thread(command) {
            @Override
            public void interrupt() {
                counted.set(scopes.get().abandoned());
                super.interrupt();
            }
        })));
        scopes.get().run("run", scope -> {
            spawnUninterruptible(scope).cancel();
            mayEnd.countDown();
        });

        assertThat(counted).hasValue(1);
    }

    @EngineTest
    void taskAbandoned_listenerIsSlow_abandonedEndedIsReportedAfterIt(Harness harness) {
        Queue<String> notified = new ConcurrentLinkedQueue<>();
        CountDownLatch threadHasEnded = new CountDownLatch(1);
        ScopeFactory scopes = harness.scopes(f -> f.withListener(new ScopeListener() {
            @Override
            public void taskAbandoned(Task<?> task) {
                Blocking.stubbornly(threadHasEnded);
                notified.add("abandoned");
            }

            @Override
            public void abandonedEnded(Task<?> task) {
                notified.add("ended");
            }
        }));
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn(
                    "task",
                    () -> {
                        started.countDown();
                        return Blocking.forever();
                    },
                    t -> t.withAbandonOnCancel(true));
            Blocking.await(started);
            harness.helper(() -> {
                Blocking.until(
                        "the task is cancelled and its thread has ended",
                        () -> task.isDone() && scopes.abandoned() == 0);
                threadHasEnded.countDown();
            });
            task.cancel();
        });

        assertThat(notified).containsExactly("abandoned", "ended");
    }
}
