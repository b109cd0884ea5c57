// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Cancelling one task (T7), and cancelling without an interrupt (T9). */
@Spec({"T7", "T9"})
class TaskCancelTest {

    @EngineTest
    void cancel_running_interruptsItAndDoesNotBubble(ScopeFactory scopes) {
        AtomicReference<Throwable> met = new AtomicReference<>();
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn("task", () -> {
                started.countDown();
                met.set(catchThrowable(Blocking::forever));
            });
            Blocking.await(started);

            assertThat(task.cancel()).isTrue();

            Blocking.until("the task has ended", task::isDone);
            assertThat(task.isCancelled()).isTrue();
            assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
            assertThat(scope.isCancelled()).isFalse();
        });

        assertThat(met.get()).isInstanceOf(InterruptedException.class);
    }

    @EngineTest
    void cancel_severalTimes_interruptsOnce(ScopeFactory scopes) {
        AtomicInteger interrupts = new AtomicInteger();
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn("task", () -> {
                started.countDown();
                while (mayEnd.getCount() > 0) {
                    try {
                        Blocking.await(mayEnd);
                    } catch (InterruptedException e) {
                        interrupts.incrementAndGet();
                    }
                }
            });
            Blocking.await(started);

            assertThat(task.cancel()).isTrue();
            Blocking.until("the interrupt was met", () -> interrupts.get() == 1);
            assertThat(task.cancel()).isFalse();
            assertThat(task.cancel(true)).isFalse();
            assertThat(task.cancel(false)).isFalse();
            scope.cancel();
            assertThat(task.status()).isEqualTo(Task.Status.CANCELLING);
            assertThat(task.isDone()).isFalse();
            mayEnd.countDown();
        });

        assertThat(interrupts).hasValue(1);
    }

    @EngineTest
    void cancel_notStarted_neverRuns(ScopeFactory scopes) {
        AtomicBoolean ran = new AtomicBoolean();
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", s -> s.withMaxConcurrency(1), scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("first", () -> {
                started.countDown();
                return Blocking.await(mayEnd);
            });
            Blocking.await(started);
            Task<?> queued = scope.spawn("queued", () -> ran.set(true));

            assertThat(queued.cancel()).isTrue();
            assertThat(queued.isDone()).isTrue();
            assertThat(queued.isCancelled()).isTrue();
            assertThat(queued.cancel()).isFalse();
            assertThatThrownBy(queued::join).isInstanceOf(CancellationException.class);
            mayEnd.countDown();
        });

        assertThat(ran).isFalse();
    }

    @EngineTest(on = EngineTest.Threads.POOL, pool = 1)
    void cancel_waitingForAThread_neverRuns(ScopeFactory scopes) {
        AtomicBoolean ran = new AtomicBoolean();
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("first", () -> {
                started.countDown();
                return Blocking.await(mayEnd);
            });
            Blocking.await(started);
            Task<?> queued = scope.spawn("queued", () -> ran.set(true));

            assertThat(queued.cancel()).isTrue();
            mayEnd.countDown();
        });

        assertThat(ran).isFalse();
    }

    @EngineTest
    void cancel_ended_doesNothing(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<String> task = scope.spawn("task", () -> "value");
            task.join();

            assertThat(task.cancel()).isFalse();
            assertThat(task.isCancelled()).isFalse();
            assertThat(task.join()).isEqualTo("value");
        });
    }

    @EngineTest
    void cancel_failed_doesNothing(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn(
                    "task",
                    () -> {
                        throw new IllegalStateException("task");
                    },
                    t -> t.withBubble(false));
            Blocking.until("the task has failed", task::isDone);

            assertThat(task.cancel()).isFalse();
            assertThat(task.status()).isEqualTo(Task.Status.FAILED);
        });
    }

    @EngineTest
    void cancel_taskReturnsNevertheless_isCancelled(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<String> task = scope.spawn("task", () -> {
                started.countDown();
                catchThrowable(Blocking::forever);
                return "value";
            });
            Blocking.await(started);
            task.cancel();

            assertThatThrownBy(task::join).isInstanceOf(CancellationException.class);
            assertThatThrownBy(task::get).isInstanceOf(CancellationException.class);
            assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
        });
    }

    @EngineTest
    void join_ofCancelledTask_waitsForItsEnd(ScopeFactory scopes) {
        AtomicBoolean cleaned = new AtomicBoolean();
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            CountDownLatch mayEnd = new CountDownLatch(1);
            Task<?> task = scope.spawn("task", () -> {
                started.countDown();
                catchThrowable(Blocking::forever);
                Blocking.stubbornly(mayEnd);
                cleaned.set(true);
            });
            Blocking.await(started);
            task.cancel();
            assertThat(task.isDone()).isFalse();
            mayEnd.countDown();

            assertThatThrownBy(task::join).isInstanceOf(CancellationException.class);
            assertThat(cleaned).isTrue();
        });
    }

    @EngineTest
    void cancel_failsInItsCleanup_doesNotBubble(ScopeFactory scopes) {
        AtomicReference<Task<?>> task = new AtomicReference<>();
        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            task.set(scope.spawn("task", () -> {
                started.countDown();
                try {
                    return Blocking.forever();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("cleanup");
                }
            }));
            Blocking.await(started);
            task.get().cancel();
            Blocking.until("the task has ended", task.get()::isDone);
            assertThat(scope.isCancelled()).isFalse();
        }));

        assertThat(task.get().status()).isEqualTo(Task.Status.CANCELLED);
        assertThat(thrown).isNull();
    }

    @EngineTest
    void cancel_byTaskItself_meetsInterruptAtItsNextBlockingCall(ScopeFactory scopes) {
        AtomicReference<Task<?>> self = new AtomicReference<>();
        AtomicReference<Throwable> met = new AtomicReference<>();
        scopes.run("run", scope -> {
            CountDownLatch known = new CountDownLatch(1);
            self.set(scope.spawn("task", () -> {
                Blocking.await(known);
                assertThat(self.get().cancel()).isTrue();
                met.set(catchThrowable(Blocking::forever));
                return null;
            }));
            known.countDown();
        });

        assertThat(met.get()).isInstanceOf(InterruptedException.class);
        assertThat(self.get().isCancelled()).isTrue();
    }

    @EngineTest
    void cancel_ofOneTask_othersGoOn(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(2);
            Task<?> one = scope.spawn("one", () -> {
                started.countDown();
                return Blocking.forever();
            });
            Task<?> other = scope.spawn("other", () -> {
                started.countDown();
                return Blocking.await(mayEnd);
            });
            Blocking.await(started);
            one.cancel();
            Blocking.until("the one has ended", one::isDone);
            assertThat(other.isCancelled()).isFalse();
            mayEnd.countDown();
            assertThat(other.join()).isEqualTo(true);
        });
    }

    @EngineTest
    void interruptOnCancelOff_cancelledTaskIsNotInterrupted(ScopeFactory scopes) {
        AtomicBoolean interrupted = new AtomicBoolean();
        AtomicReference<Task<?>> task = new AtomicReference<>();
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            task.set(scope.spawn(
                    "task",
                    () -> {
                        started.countDown();
                        interrupted.set(Blocking.stubbornly(mayEnd));
                    },
                    t -> t.withInterruptOnCancel(false)));
            Blocking.await(started);

            assertThat(task.get().cancel()).isTrue();
            assertThat(task.get().status()).isEqualTo(Task.Status.CANCELLING);
            mayEnd.countDown();
        });

        assertThat(interrupted).isFalse();
        assertThat(task.get().status()).isEqualTo(Task.Status.CANCELLED);
    }

    @EngineTest(pool = 3)
    void interruptOnCancelOff_traiosWaitsThrowNevertheless(ScopeFactory scopes) {
        AtomicReference<Throwable> met = new AtomicReference<>();
        AtomicReference<Thread> waiter = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean(true);
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> slow = scope.spawn("slow", () -> {
                started.countDown();
                return Blocking.await(mayEnd);
            });
            Blocking.await(started);
            Task<?> task = scope.spawn(
                    "task",
                    () -> {
                        waiter.set(Thread.currentThread());
                        met.set(catchThrowable(slow::join));
                        flag.set(Thread.currentThread().isInterrupted());
                    },
                    t -> t.withInterruptOnCancel(false));
            Blocking.until("the task waits", () -> waiter.get() != null);
            Blocking.untilParked(waiter.get());
            task.cancel();
            Blocking.until("the task has ended", task::isDone);
            mayEnd.countDown();
        });

        assertThat(met.get()).isInstanceOf(ScopeCancelledException.class);
        assertThat(flag).isFalse();
    }

    @EngineTest
    void interruptOnCancelOff_scopeCancelled_exitWaitsForTask(ScopeFactory scopes) {
        AtomicBoolean ended = new AtomicBoolean();
        AtomicReference<Task<?>> task = new AtomicReference<>();
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            task.set(scope.spawn(
                    "polls",
                    () -> {
                        started.countDown();
                        Blocking.until(
                                "it is interrupted",
                                () -> task.get() != null && task.get().isCancelled());
                        ended.set(true);
                    },
                    t -> t.withInterruptOnCancel(false)));
            Blocking.await(started);
            scope.cancel();
        });

        assertThat(ended).isTrue();
        assertThat(task.get().status()).isEqualTo(Task.Status.CANCELLED);
    }

    @EngineTest
    void interruptOnCancelOff_scopeOpenedInTheTask_bodyIsNotInterruptedEither(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        AtomicBoolean cancelled = new AtomicBoolean();
        scopes.run("outer", outer -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = outer.spawn(
                    "channel",
                    () -> scopes.run("inner", inner -> {
                        started.countDown();
                        interrupted.set(Blocking.stubbornly(mayEnd)
                                || Thread.currentThread().isInterrupted());
                        cancelled.set(inner.isCancelled());
                    }),
                    t -> t.withInterruptOnCancel(false));
            Blocking.await(started);
            task.cancel();
            mayEnd.countDown();
        });

        assertThat(interrupted).hasValue(false);
        assertThat(cancelled).isTrue();
    }
}
