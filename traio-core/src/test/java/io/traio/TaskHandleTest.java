// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.test.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** The handle on a task (T1), and that who waits takes the error (T2, T3). */
@Spec({"T1", "T2", "T3"})
class TaskHandleTest {

    private static final IllegalStateException FAILURE = new IllegalStateException("task");

    private static Object fail() {
        throw FAILURE;
    }

    @EngineTest
    void handle_ofSucceededTask_hasResult(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<String> task = scope.spawn("task", () -> "value");

            assertThat(task.join()).isEqualTo("value");
            assertThat(task.get()).isEqualTo("value");
            assertThat(task.get(0, TimeUnit.SECONDS)).isEqualTo("value");
            assertThat(task.isDone()).isTrue();
            assertThat(task.isCancelled()).isFalse();
            assertThat(task.status()).isEqualTo(Task.Status.SUCCEEDED);
            assertThat(task.scope()).isSameAs(scope);
            assertThat(task.name()).isEqualTo("task");
            assertThat(task.options()).isEqualTo(TaskOptions.DEFAULT);
            assertThat(task.toCompletableFuture()).isCompletedWithValue("value");
        });
    }

    @EngineTest
    void handle_ofTaskThatReturnsNull_hasNull(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<String> task = scope.spawn("task", () -> null);

            assertThat(task.join()).isNull();
            assertThat(task.toCompletableFuture()).isCompletedWithValue(null);
        });
    }

    @EngineTest
    void handle_ofAction_hasNull(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Action action = () -> {};
            assertThat(scope.spawn(action).join()).isNull();
            assertThat(scope.spawn("named", action).join()).isNull();
            assertThat(scope.spawn("named", action, t -> t.withMaster(false)).join())
                    .isNull();
        });
    }

    @EngineTest
    void handle_ofFailedTask_tellsItsFailure(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", TaskHandleTest::fail, t -> t.withBubble(false));
            Blocking.until("the task has ended", task::isDone);

            assertThatThrownBy(task::join).isSameAs(FAILURE);
            assertThatThrownBy(task::get).isInstanceOf(ExecutionException.class).hasCause(FAILURE);
            assertThat(task.status()).isEqualTo(Task.Status.FAILED);
            assertThat(task.isCancelled()).isFalse();
            assertThat(task.toCompletableFuture()).isCompletedExceptionally();
        });
    }

    @EngineTest
    void handle_ofRunningTask_isNotDone(ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> {
                started.countDown();
                return Blocking.await(mayEnd);
            });
            Blocking.await(started);

            assertThat(task.status()).isEqualTo(Task.Status.RUNNING);
            assertThat(task.isDone()).isFalse();
            assertThat(task.toCompletableFuture()).isNotDone();
            mayEnd.countDown();
        });
    }

    @EngineTest
    void handle_worksAsFuture(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Future<String> future = scope.spawn("task", () -> "value");
            assertThat(future.get(20, TimeUnit.SECONDS)).isEqualTo("value");
            assertThat(future.cancel(true)).isFalse();
        });
    }

    @EngineTest
    void join_byTaskItself_isRefused(ScopeFactory scopes) {
        AtomicReference<Task<?>> self = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        scopes.run("run", scope -> {
            self.set(scope.spawn("task", () -> {
                Blocking.await(known);
                assertThatIllegalStateException().isThrownBy(() -> self.get().join());
                assertThatIllegalStateException().isThrownBy(() -> self.get().get());
                return null;
            }));
            known.countDown();
        });
    }

    @EngineTest
    void join_fromAnotherTask_waits(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        String value = scopes.call("call", scope -> {
            Task<String> first = scope.spawn("first", () -> {
                Blocking.await(mayEnd);
                return "value";
            });
            Task<String> second = scope.spawn("second", first::join);
            mayEnd.countDown();
            return second.join();
        });

        assertThat(value).isEqualTo("value");
    }

    @EngineTest
    void join_fromOutsideOfAnyScope_waits(ScopeFactory scopes) {
        try (OpenScope shared = scopes.openShared("shared")) {
            assertThat(shared.spawn("task", () -> "value").join()).isEqualTo("value");
        }
    }

    // ---- who waits takes the error ----

    @EngineTest
    void failure_nobodyWaits_bubbles(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("run", scope -> scope.spawn("task", TaskHandleTest::fail)))
                .isSameAs(FAILURE);
    }

    @EngineTest
    void failure_noBubble_isKeptInHandleOnly(ScopeFactory scopes) {
        AtomicReference<Task<?>> task = new AtomicReference<>();
        scopes.run("run", scope -> {
            task.set(scope.spawn("task", TaskHandleTest::fail, t -> t.withBubble(false)));
        });

        assertThat(task.get().status()).isEqualTo(Task.Status.FAILED);
        assertThatThrownBy(() -> task.get().join()).isSameAs(FAILURE);
    }

    @EngineTest
    void failure_somebodyJoins_doesNotBubble(ScopeFactory scopes) {
        Thread waiter = Thread.currentThread();
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> {
                if (Thread.currentThread() != waiter) {
                    Blocking.untilParked(waiter);
                }
                throw FAILURE;
            });

            assertThatThrownBy(task::join).isSameAs(FAILURE);
            assertThat(scope.isCancelled()).isFalse();
            assertThat(scope.spawn("still works", () -> 1).join()).isEqualTo(1);
        });
    }

    @EngineTest
    void failure_somebodyGets_doesNotBubble(ScopeFactory scopes) {
        Thread waiter = Thread.currentThread();
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> {
                if (Thread.currentThread() != waiter) {
                    Blocking.untilParked(waiter);
                }
                throw FAILURE;
            });

            assertThatThrownBy(() -> task.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(FAILURE);
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void failure_callbackIsPut_doesNotBubble(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        Queue<Task.Status> notified = new ConcurrentLinkedQueue<>();
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> {
                Blocking.await(mayEnd);
                throw FAILURE;
            });
            task.onDone(done -> notified.add(done.status()));
            mayEnd.countDown();
            Blocking.until("the callback has run", () -> !notified.isEmpty());
            assertThat(scope.isCancelled()).isFalse();
        });

        assertThat(notified).containsExactly(Task.Status.FAILED);
    }

    @EngineTest
    void failure_completableFutureIsTaken_doesNotBubble(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> {
                Blocking.await(mayEnd);
                throw FAILURE;
            });
            CompletableFuture<?> future = task.toCompletableFuture();
            mayEnd.countDown();

            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(future::join)
                    .withCause(FAILURE);
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void await_taskFailsAtOnce_doesNotBubble(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            for (int i = 0; i < 100; i++) {
                assertThatThrownBy(() -> scope.await("task", TaskHandleTest::fail))
                        .isSameAs(FAILURE);
                assertThatThrownBy(() -> scope.await(TaskHandleTest::fail)).isSameAs(FAILURE);
            }
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void await_taskFailsChecked_throwsWrapper(ScopeFactory scopes) {
        IOException failure = new IOException("task");
        scopes.run("run", scope -> {
            assertThatThrownBy(() -> scope.await("task", () -> {
                        throw failure;
                    }))
                    .isExactlyInstanceOf(ScopeFailedException.class)
                    .hasCause(failure);
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void await_taskSucceeds_returnsItsResult(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            assertThat(scope.<String>await("task", () -> "value")).isEqualTo("value");
            assertThat(scope.<String>await(() -> "value")).isEqualTo("value");
        });
    }

    @EngineTest
    void timedGet_givesUp_errorBubblesAgain(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicReference<Throwable> ofGet = new AtomicReference<>();
        harness.helper(() -> {
            clock.awaitAlarms(1);
            clock.advance(Duration.ofSeconds(1));
        });

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    Task<?> task = scope.spawn("task", () -> {
                        started.countDown();
                        Blocking.await(mayEnd);
                        throw FAILURE;
                    });
                    Blocking.await(started);
                    ofGet.set(catchThrowable(() -> task.get(1, TimeUnit.SECONDS)));
                    mayEnd.countDown();
                }))
                .isSameAs(FAILURE);

        assertThat(ofGet.get()).isInstanceOf(TimeoutException.class);
        assertThat(clock.pendingAlarms()).isZero();
    }

    @EngineTest
    void timedGet_givesUpWhileAnotherWaits_errorIsTheOthers(Harness harness, ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicReference<Throwable> ofOther = new AtomicReference<>();
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> {
                started.countDown();
                Blocking.await(mayEnd);
                throw FAILURE;
            });
            Blocking.await(started);
            Thread other = harness.helper(() -> ofOther.set(catchThrowable(task::join)));
            Blocking.untilParked(other);
            assertThatThrownBy(() -> task.get(1, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            mayEnd.countDown();
            other.join();
            assertThat(scope.isCancelled()).isFalse();
        });

        assertThat(ofOther.get()).isSameAs(FAILURE);
    }

    @EngineTest
    void interruptedJoin_errorBubblesAgain(Harness harness, ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    Task<?> task = scope.spawn("task", () -> {
                        started.countDown();
                        Blocking.await(mayEnd);
                        throw FAILURE;
                    });
                    Blocking.await(started);
                    AtomicReference<Throwable> given = new AtomicReference<>();
                    Thread other = harness.helper(() -> given.set(catchThrowable(task::get)));
                    Blocking.untilParked(other);
                    other.interrupt();
                    other.join();
                    assertThat(given.get()).isInstanceOf(InterruptedException.class);
                    mayEnd.countDown();
                }))
                .isSameAs(FAILURE);
    }

    @EngineTest
    void timedGet_zeroTime_doesNotWait(ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> {
                started.countDown();
                return Blocking.await(mayEnd);
            });
            Blocking.await(started);
            assertThatThrownBy(() -> task.get(0, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> task.get(-1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> task.get(Long.MIN_VALUE, TimeUnit.DAYS)).isInstanceOf(TimeoutException.class);
            mayEnd.countDown();
            assertThat(task.get(Long.MAX_VALUE, TimeUnit.DAYS)).isEqualTo(true);
        });
    }

    @EngineTest
    void timedGet_ofTaskThatHasNotStarted_keepsItsTime(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> Blocking.await(mayEnd));
            assertThatThrownBy(() -> task.get(1, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            mayEnd.countDown();
        });
    }

    // ---- callbacks and futures ----

    @EngineTest
    void toCompletableFuture_ofDoneTask_isDone(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            for (int round = 0; round < 300; round++) {
                Task<String> task = scope.spawn("task", () -> "value");
                task.join();
                assertThat(task.isDone()).isTrue();
                assertThat(task.toCompletableFuture()).isCompletedWithValue("value");
            }
        });
    }

    @EngineTest
    void onDone_beforeEnd_runsOnce(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        Queue<Object> notified = new ConcurrentLinkedQueue<>();
        scopes.run("run", scope -> {
            Task<String> task = scope.spawn("task", () -> {
                Blocking.await(mayEnd);
                return "value";
            });
            task.onDone(done -> notified.add(done.join()));
            mayEnd.countDown();
        });

        assertThat(notified).containsExactly("value");
    }

    @EngineTest
    void onDone_afterEnd_runsHereAndNow(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<String> task = scope.spawn("task", () -> "value");
            task.join();
            AtomicReference<Thread> ran = new AtomicReference<>();
            task.onDone(done -> ran.set(Thread.currentThread()));
            assertThat(ran.get()).isSameAs(Thread.currentThread());
        });
    }

    @EngineTest
    void onDone_callbackThrows_scopeIsNotHarmed(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch ran = new CountDownLatch(2);
        String value = scopes.call("call", scope -> {
            Task<String> task = scope.spawn("task", () -> {
                Blocking.await(mayEnd);
                return "value";
            });
            task.onDone(done -> {
                ran.countDown();
                throw new IllegalStateException("callback");
            });
            task.onDone(done -> {
                ran.countDown();
                throw new StackOverflowError("made up");
            });
            mayEnd.countDown();
            Blocking.await(ran);
            return task.join();
        });

        assertThat(value).isEqualTo("value");
    }

    @EngineTest
    void onDone_ofCancelledTask_runs(ScopeFactory scopes) {
        Queue<Task.Status> notified = new ConcurrentLinkedQueue<>();
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", Blocking::forever);
            task.onDone(done -> notified.add(done.status()));
            task.cancel();
        });

        assertThat(notified).containsExactly(Task.Status.CANCELLED);
    }

    @EngineTest
    void toCompletableFuture_cancelled_taskGoesOn(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> Blocking.await(mayEnd));
            task.toCompletableFuture().cancel(true);
            assertThat(task.isCancelled()).isFalse();
            mayEnd.countDown();
            assertThat(task.join()).isEqualTo(true);
        });
    }

    @EngineTest
    void toCompletableFuture_ofCancelledTask_isCancelled(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", Blocking::forever);
            CompletableFuture<?> future = task.toCompletableFuture();
            task.cancel();

            assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
            assertThat(future.isCancelled()).isTrue();
        });
    }

    @EngineTest
    void toCompletableFuture_givesNewOneEachTime(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<String> task = scope.spawn("task", () -> "value");
            CompletableFuture<String> one = task.toCompletableFuture();
            one.complete("mine");
            assertThat(task.toCompletableFuture().get(20, TimeUnit.SECONDS)).isEqualTo("value");
        });
    }

    @EngineTest
    void fault01_onDoneNull_isRefused(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> 1);
            assertThatNullPointerException().isThrownBy(() -> task.onDone(null));
            assertThatNullPointerException().isThrownBy(() -> task.get(1, null));
        });
    }

    @EngineTest
    void timedGet_racesTheFailure_errorComesToOneOfThem(ScopeFactory scopes) {
        for (int round = 0; round < 500; round++) {
            AtomicBoolean mayFail = new AtomicBoolean();
            AtomicReference<Throwable> given = new AtomicReference<>();

            Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
                CountDownLatch started = new CountDownLatch(1);
                Task<?> task = scope.spawn("task", () -> {
                    started.countDown();
                    while (!mayFail.get()) {
                        Thread.onSpinWait();
                    }
                    throw FAILURE;
                });
                Blocking.await(started);
                mayFail.set(true);
                given.set(catchThrowable(() -> task.get(1, TimeUnit.NANOSECONDS)));
            }));

            assertThat(given.get() instanceof ExecutionException || thrown == FAILURE)
                    .as("given %s, thrown %s", given.get(), thrown)
                    .isTrue();
        }
    }

    /** Without helping: the thread that waits must not be in the task when it is interrupted. */
    @EngineTest
    void await_interrupted_errorBubblesAgain(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withCompensation(false));
        AtomicReference<Throwable> given = new AtomicReference<>();

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    CountDownLatch started = new CountDownLatch(1);
                    CountDownLatch mayFail = new CountDownLatch(1);
                    Thread other = harness.helper(() -> {
                        given.set(catchThrowable(() -> scope.await("task", () -> {
                            started.countDown();
                            Blocking.await(mayFail);
                            throw FAILURE;
                        })));
                        assertThat(Thread.interrupted()).isTrue();
                    });
                    Blocking.await(started);
                    Blocking.untilParked(other);
                    other.interrupt();
                    other.join();
                    mayFail.countDown();
                }))
                .isSameAs(FAILURE);
        assertThat(given.get()).isInstanceOf(ScopeInterruptedException.class);
    }
}
