// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Cancelling a scope: who may, what it interrupts, what comes out (S6). */
@Spec("S6")
class CancelTest {

    @EngineTest
    void cancel_byBody_runReturnsSilently(ScopeFactory scopes) {
        AtomicReference<Scope> opened = new AtomicReference<>();

        scopes.run("run", scope -> {
            opened.set(scope);
            scope.spawn("task", Blocking::forever);
            scope.cancel();
            assertThat(scope.isCancelled()).isTrue();
            assertThat(scope.state()).isEqualTo(Scope.State.ENDING);
        });

        assertThat(opened.get().isCancelled()).isTrue();
        assertThat(opened.get().state()).isEqualTo(Scope.State.CLOSED);
    }

    @EngineTest
    void cancel_byTask_interruptsBodyAndRunReturnsSilently(ScopeFactory scopes) {
        AtomicReference<Throwable> met = new AtomicReference<>();

        scopes.run("run", scope -> {
            CountDownLatch blocks = new CountDownLatch(1);
            scope.spawn("canceller", () -> {
                Blocking.await(blocks);
                scope.cancel();
                return null;
            });
            blocks.countDown();
            met.set(catchThrowable(Blocking::forever));
        });

        assertThat(met.get()).isInstanceOf(InterruptedException.class);
    }

    @EngineTest
    void cancel_byOtherThread_interruptsBodyAndTasks(Harness harness, ScopeFactory scopes) {
        AtomicInteger interrupted = new AtomicInteger();

        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(2);
            for (int i = 0; i < 2; i++) {
                scope.spawn(() -> {
                    started.countDown();
                    try {
                        return Blocking.forever();
                    } finally {
                        interrupted.incrementAndGet();
                    }
                });
            }
            harness.helper(() -> {
                Blocking.await(started);
                scope.cancel();
            });
            Blocking.forever();
        });

        assertThat(interrupted).hasValue(2);
    }

    @EngineTest
    void cancel_beforeValue_callThrowsWithNameOfScope(Harness harness, ScopeFactory scopes) {
        assertThatExceptionOfType(ScopeCancelledException.class)
                .isThrownBy(() -> scopes.call("mirror", scope -> {
                    harness.helper(scope::cancel);
                    return Blocking.forever();
                }))
                .withMessageContaining("mirror");
    }

    @EngineTest
    void cancel_byBodyBeforeItsValue_callThrows(ScopeFactory scopes) {
        assertThatExceptionOfType(ScopeCancelledException.class)
                .isThrownBy(() -> scopes.call("call", scope -> {
                    scope.cancel();
                    return "value";
                }));
    }

    @EngineTest
    void cancel_afterValue_callReturnsIt(ScopeFactory scopes) {
        String value = scopes.call("call", scope -> {
            scope.spawn("canceller", () -> {
                Blocking.until("the body has ended", () -> scope.state() == Scope.State.COMPLETING);
                scope.cancel();
            });
            return "value";
        });

        assertThat(value).isEqualTo("value");
    }

    @EngineTest
    void cancel_afterNullValue_callReturnsNull(ScopeFactory scopes) {
        Object value = scopes.call("call", scope -> {
            scope.spawn("canceller", () -> {
                Blocking.until("the body has ended", () -> scope.state() == Scope.State.COMPLETING);
                scope.cancel();
            });
            return null;
        });

        assertThat(value).isNull();
    }

    @EngineTest
    void cancel_withUncheckedCause_exitThrowsSameInstance(ScopeFactory scopes) {
        IllegalArgumentException cause = new IllegalArgumentException("enough");

        assertThatThrownBy(() -> scopes.run("run", scope -> scope.cancel(cause)))
                .isSameAs(cause);
        assertThatThrownBy(() -> scopes.call("call", scope -> {
                    scope.cancel(cause);
                    return "value";
                }))
                .isSameAs(cause);
    }

    @EngineTest
    void cancel_withCheckedCause_exitThrowsItWrapped(ScopeFactory scopes) {
        IOException cause = new IOException("enough");

        assertThatThrownBy(() -> scopes.run("mirror", scope -> scope.cancel(cause)))
                .isExactlyInstanceOf(ScopeFailedException.class)
                .hasMessageContaining("mirror")
                .cause()
                .isSameAs(cause);
    }

    @EngineTest
    void cancel_withCauseAfterValue_isThrown(ScopeFactory scopes) {
        IllegalArgumentException cause = new IllegalArgumentException("enough");

        assertThatThrownBy(() -> scopes.call("call", scope -> {
                    scope.spawn("canceller", () -> {
                        Blocking.until("the body has ended", () -> scope.state() == Scope.State.COMPLETING);
                        scope.cancel(cause);
                    });
                    return "value";
                }))
                .isSameAs(cause);
    }

    @EngineTest
    void cancel_twiceWithCauses_firstWinsSecondIsSuppressed(ScopeFactory scopes) {
        IllegalArgumentException first = new IllegalArgumentException("first");
        IllegalArgumentException second = new IllegalArgumentException("second");

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            scope.cancel(first);
            scope.cancel(second);
            scope.cancel();
        }));

        assertThat(thrown).isSameAs(first);
        assertThat(thrown.getSuppressed()).contains(second);
    }

    @EngineTest
    void cancel_withoutCauseThenWithCause_exitIsSilent(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            scope.cancel();
            scope.cancel(new IllegalArgumentException("too late"));
        });
    }

    @EngineTest
    void cancel_sameCauseTwice_isNotSuppressedInItself(ScopeFactory scopes) {
        IllegalArgumentException cause = new IllegalArgumentException("enough");

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            scope.cancel(cause);
            scope.cancel(cause);
        }));

        assertThat(thrown).isSameAs(cause);
        assertThat(thrown.getSuppressed()).doesNotContain(cause);
    }

    @EngineTest
    void cancel_afterEnd_changesNothing(ScopeFactory scopes) {
        Scope scope = scopes.call("call", s -> s);

        scope.cancel();
        scope.cancel(new IllegalStateException("too late"));

        assertThat(scope.isCancelled()).isFalse();
        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
    }

    @EngineTest
    void fault01_cancelWithNull_isRefused(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            assertThatNullPointerException().isThrownBy(() -> scope.cancel((Throwable) null));
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void cancel_bodyDoesNotBlock_noInterruptIsLeft(Harness harness, ScopeFactory scopes) {
        scopes.run("run", scope -> {
            harness.helper(scope::cancel);
            while (!scope.isCancelled()) {
                Thread.onSpinWait();
            }
        });

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @EngineTest
    void cancel_byBodyItself_meetsInterruptAtNextBlockingCall(ScopeFactory scopes) {
        AtomicReference<Throwable> met = new AtomicReference<>();

        scopes.run("run", scope -> {
            scope.cancel();
            met.set(catchThrowable(Blocking::forever));
        });

        assertThat(met.get()).isInstanceOf(InterruptedException.class);
    }

    @EngineTest
    void join_inCancelledBody_throwsEachTime(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);

        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> stubborn = scope.spawn("stubborn", () -> {
                started.countDown();
                return Blocking.stubbornly(mayEnd);
            });
            Blocking.await(started);
            scope.cancel();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(stubborn::join).isInstanceOf(ScopeCancelledException.class);
                assertThatThrownBy(stubborn::get).isInstanceOf(ScopeCancelledException.class);
            }
            mayEnd.countDown();
        });
    }

    @EngineTest
    void join_inCancelledTask_throwsEachTime(ScopeFactory scopes) {
        AtomicInteger thrown = new AtomicInteger();
        CountDownLatch mayEnd = new CountDownLatch(1);

        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> stubborn = scope.spawn("stubborn", () -> {
                started.countDown();
                return Blocking.stubbornly(mayEnd);
            });
            Blocking.await(started);
            Task<?> cancelled = scope.spawn("cancelled", () -> {
                assertThatThrownBy(Blocking::forever).isInstanceOf(InterruptedException.class);
                for (int i = 0; i < 3; i++) {
                    assertThatThrownBy(stubborn::join).isInstanceOf(ScopeCancelledException.class);
                    thrown.incrementAndGet();
                }
                mayEnd.countDown();
            });
            Blocking.until("the task runs", () -> cancelled.status() == Task.Status.RUNNING);
            cancelled.cancel();
            Blocking.await(mayEnd);
        });

        assertThat(thrown).hasValue(3);
    }

    @EngineTest
    void join_ofDoneTaskInCancelledScope_givesItsResult(ScopeFactory scopes) {
        AtomicBoolean read = new AtomicBoolean();

        scopes.run("run", scope -> {
            Task<String> done = scope.spawn("done", () -> "value");
            done.join();
            scope.cancel();
            assertThat(done.join()).isEqualTo("value");
            assertThat(done.get()).isEqualTo("value");
            assertThat(done.toCompletableFuture().getNow("none")).isEqualTo("value");
            read.set(true);
        });

        assertThat(read).isTrue();
    }

    @EngineTest
    void await_inCancelledScope_isRefused(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            scope.cancel();
            assertThatIllegalStateException().isThrownBy(() -> scope.await("late", () -> 1));
        });
    }

    @EngineTest
    void open_inCancelledScope_isRefused(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            outer.cancel();
            assertThatIllegalStateException()
                    .isThrownBy(() -> scopes.run("inner", inner -> {}))
                    .withMessageContaining("outer");
        });
    }

    @EngineTest
    void cancel_bodyLetsInterruptPass_isSwallowed(ScopeFactory scopes) {
        List<Exception> signals = List.of(
                new InterruptedIOException("interrupted while reading"),
                new ClosedByInterruptException(),
                new IllegalStateException("wrapped", new InterruptedException()),
                new RuntimeException(new IOException("twice", new ClosedByInterruptException())));

        for (Exception signal : signals) {
            scopes.run("run", scope -> {
                scope.cancel();
                throw signal;
            });
        }
    }

    @EngineTest
    void cancel_bodyLetsCancellationPass_isSwallowed(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", Blocking::forever);
            scope.cancel();
            task.join();
        });
    }

    @EngineTest
    void cancel_bodyLetsRealFailurePass_comesOut(ScopeFactory scopes) {
        IllegalArgumentException real = new IllegalArgumentException("real");

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.cancel();
                    throw real;
                }))
                .isSameAs(real);
        assertThatThrownBy(() -> scopes.call("call", scope -> {
                    scope.cancel();
                    throw real;
                }))
                .isSameAs(real);
    }

    @EngineTest
    void cancel_bodyLetsCheckedFailurePass_comesOutWrapped(ScopeFactory scopes) {
        IOException real = new IOException("real");

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.cancel();
                    throw real;
                }))
                .isExactlyInstanceOf(ScopeFailedException.class)
                .hasCause(real);
    }

    @EngineTest
    void cancel_cleanupOfTaskFails_isSuppressedInCause(ScopeFactory scopes) {
        IllegalArgumentException cause = new IllegalArgumentException("enough");
        IllegalStateException ofCleanup = new IllegalStateException("cleanup");
        AtomicReference<Task<?>> task = new AtomicReference<>();

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            task.set(spawnWithFailingCleanup(scope, ofCleanup));
            scope.cancel(cause);
        }));

        assertThat(thrown).isSameAs(cause);
        assertThat(thrown.getSuppressed()).contains(ofCleanup);
        assertThat(task.get().status()).isEqualTo(Task.Status.CANCELLED);
    }

    @EngineTest
    void cancel_cleanupOfTaskFailsAndCallThrows_isSuppressed(ScopeFactory scopes) {
        IllegalStateException ofCleanup = new IllegalStateException("cleanup");

        Throwable thrown = catchThrowable(() -> scopes.call("call", scope -> {
            spawnWithFailingCleanup(scope, ofCleanup);
            scope.cancel();
            return "value";
        }));

        assertThat(thrown).isInstanceOf(ScopeCancelledException.class);
        assertThat(thrown.getSuppressed()).contains(ofCleanup);
    }

    @EngineTest
    void cancel_cancelledTaskLetsInterruptPass_nothingIsSuppressed(ScopeFactory scopes) {
        IllegalArgumentException cause = new IllegalArgumentException("enough");

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("task", () -> {
                started.countDown();
                try {
                    return Blocking.forever();
                } catch (InterruptedException e) {
                    throw new RuntimeException("as libraries do", e);
                }
            });
            Blocking.await(started);
            scope.cancel(cause);
        }));

        assertThat(thrown.getSuppressed()).extracting(Throwable::getMessage).doesNotContain("as libraries do");
    }

    private static Task<?> spawnWithFailingCleanup(Scope scope, RuntimeException ofCleanup)
            throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        Task<?> task = scope.spawn("task", () -> {
            started.countDown();
            try {
                return Blocking.forever();
            } catch (InterruptedException e) {
                throw ofCleanup;
            }
        });
        Blocking.await(started);
        return task;
    }

    @EngineTest
    void socketTimeout_inBody_isAFailureAndNoInterrupt(ScopeFactory scopes) {
        SocketTimeoutException failure = new SocketTimeoutException("read timed out");

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    throw failure;
                }))
                .isExactlyInstanceOf(ScopeFailedException.class)
                .hasCause(failure);

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @EngineTest
    void socketTimeout_inTask_isAFailure(ScopeFactory scopes) {
        SocketTimeoutException failure = new SocketTimeoutException("read timed out");

        assertThatThrownBy(() -> scopes.run(
                        "run",
                        scope -> scope.spawn("task", () -> {
                            throw failure;
                        })))
                .isExactlyInstanceOf(ScopeFailedException.class)
                .hasCause(failure);
    }

    @EngineTest
    void failure_withCauseThatIsItsOwnCause_comesOut(ScopeFactory scopes) {
        IllegalStateException a = new IllegalStateException("a");
        IllegalStateException b = new IllegalStateException("b", a);
        a.initCause(b);

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.cancel();
                    throw a;
                }))
                .isSameAs(a);
    }

    @EngineTest
    void cancel_scopesBelow_areCancelledToo(ScopeFactory scopes) {
        AtomicReference<Throwable> ofInner = new AtomicReference<>();
        AtomicReference<Task<?>> deep = new AtomicReference<>();

        scopes.run("outer", outer -> {
            ofInner.set(catchThrowable(() -> scopes.run("inner", inner -> {
                CountDownLatch started = new CountDownLatch(1);
                deep.set(inner.spawn("deep", () -> {
                    started.countDown();
                    return Blocking.forever();
                }));
                Blocking.await(started);
                outer.cancel();
                assertThat(inner.isCancelled()).isTrue();
            })));
        });

        assertThat(ofInner.get()).isInstanceOf(ScopeCancelledException.class);
        assertThat(deep.get().status()).isEqualTo(Task.Status.CANCELLED);
    }

    @EngineTest
    void cancel_ofInnerScope_outerGoesOn(ScopeFactory scopes) {
        String value = scopes.call("outer", outer -> {
            scopes.run("inner", inner -> {
                inner.spawn("deep", Blocking::forever);
                inner.cancel();
            });
            assertThat(outer.isCancelled()).isFalse();
            return outer.spawn("still works", () -> "value").join();
        });

        assertThat(value).isEqualTo("value");
    }

    @EngineTest
    void spawn_afterInterruptOfCancelWasMet_isRefused(Harness harness, ScopeFactory scopes) {
        AtomicReference<Throwable> inOuter = new AtomicReference<>();

        scopes.run("outer", outer -> {
            harness.helper(() -> {
                Blocking.until(
                        "the inner scope is open",
                        () -> !outer.snapshot().children().isEmpty());
                outer.cancel();
            });
            // The signal is swallowed here: the code after it is to meet the cancellation nevertheless.
            catchThrowable(() -> scopes.run("inner", inner -> Blocking.forever()));
            inOuter.set(catchThrowable(() -> outer.spawn("late", () -> 1)));
        });

        assertThat(inOuter.get()).isInstanceOf(IllegalStateException.class);
    }

    @EngineTest
    void master_endsBeforeTheValue_callReturnsIt(ScopeFactory scopes) {
        Integer value = scopes.call("call", scope -> {
            Task<Integer> master = scope.spawn("master", () -> 5, t -> t.withMaster(true));
            Blocking.spinUntil("the scope is cancelled", scope::isCancelled);
            return master.join();
        });

        assertThat(value).isEqualTo(5);
    }

    @EngineTest
    void master_isJoinedForTheValue_callReturnsIt(ScopeFactory scopes) {
        for (int round = 0; round < 200; round++) {
            int expected = round;
            assertThat(scopes.<Integer>call(
                            "call",
                            scope -> scope.spawn("master", () -> expected, t -> t.withMaster(true))
                                    .join()))
                    .isEqualTo(expected);
        }
    }

    @EngineTest
    void cancel_byBodyBeforeItsValueWithAMaster_callThrows(ScopeFactory scopes) {
        assertThatExceptionOfType(ScopeCancelledException.class)
                .isThrownBy(() -> scopes.call("call", scope -> {
                    Task<?> master = scope.spawn("master", Blocking::forever, t -> t.withMaster(true));
                    scope.cancel();
                    return master.isDone();
                }))
                .withMessageContaining("'call'");
    }
}
