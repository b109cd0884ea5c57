// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.EngineTest.Threads;
import io.traio.Started.Ready;
import io.traio.test.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@code start} waits until a task says that it is ready (B2). The names carry the numbers of the cases. */
@Spec("B2")
class StartTest {

    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicBoolean ended = new AtomicBoolean();

    /** Is never ready; says when it runs, and when it has ended. */
    private <V> void neverReady(Ready<V> ready) throws Exception {
        running.countDown();
        try {
            Blocking.forever();
        } finally {
            ended.set(true);
        }
    }

    /** Is ready at once, runs on until it is cancelled or released, and says when it has ended. */
    private void server(Ready<String> ready) throws Exception {
        try {
            ready.ready("up");
            Blocking.await(release);
        } finally {
            ended.set(true);
        }
    }

    @EngineTest
    void start_returnsTheValueAndScopeWaitsForTheRest_case01(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Started<String> started = scope.start("server", this::server);

            assertThat(started.value()).isEqualTo("up");
            assertThat(started.task().isDone()).isFalse();
            release.countDown();
        });

        assertThat(ended).isTrue();
    }

    @EngineTest
    void start_readyWithNull_returnsNull_case01(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Started<@Nullable String> started = scope.start("server", ready -> ready.ready(null));

            assertThat(started.value()).isNull();
        });
    }

    @EngineTest
    void start_readyTwice_isAnErrorInTheTask_case02(ScopeFactory scopes) {
        AtomicReference<Started<String>> started = new AtomicReference<>();

        assertThatThrownBy(() -> scopes.run(
                        "run",
                        scope -> started.set(scope.start("server", ready -> {
                            ready.ready("first");
                            Blocking.spinUntil("start has returned", () -> started.get() != null);
                            ready.ready("second");
                        }))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("task 'server'")
                .hasMessageContaining("said before");
        assertThat(started.get().value()).isEqualTo("first");
    }

    @EngineTest
    void start_failsBeforeReady_case03(ScopeFactory scopes) {
        for (boolean bubble : new boolean[] {true, false}) {
            IOException failure = new IOException("port taken");
            scopes.run("run", scope -> {
                assertThatThrownBy(() -> scope.start(
                                "server",
                                ready -> {
                                    throw failure;
                                },
                                t -> t.withBubble(bubble).withMaster(true)))
                        .isInstanceOf(ScopeFailedException.class)
                        .hasCause(failure)
                        .hasMessageContaining("task 'server'");

                assertThat(scope.isCancelled()).isFalse();
            });
        }
    }

    @EngineTest
    void start_failsAfterReady_isTheScopes_case03(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("later");

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.start("server", ready -> {
                        ready.ready("up");
                        throw failure;
                    });
                    Blocking.forever();
                }))
                .isSameAs(failure);
    }

    @EngineTest
    void start_endsWithoutReady_case04(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            assertThatThrownBy(() -> scope.start("server", ready -> {}, t -> t.withMaster(true)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("task 'server'")
                    .hasMessageContaining("without saying that it is ready");

            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void start_inClosedOrEndingScope_isRefusedAtOnce_case05(ScopeFactory scopes) {
        AtomicReference<Scope> closed = new AtomicReference<>();
        scopes.run("closed", closed::set);
        try (OpenScope ending = scopes.openShared("ending")) {
            ending.cancel();
            for (Scope scope : new Scope[] {closed.get(), ending}) {
                assertThatThrownBy(() -> scope.start("server", this::server))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("'" + scope.name() + "'");
            }
        }
        assertThat(ended).isFalse();
    }

    @EngineTest
    void start_callerCancelledBeforeReady_throwsOnceTheTaskHasEnded_case06(Harness harness, ScopeFactory scopes) {
        RuntimeException crash = new IllegalStateException("crash");
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (OpenScope target = scopes.openShared("target")) {
            scopes.run("caller", s -> s.withDetached(true), caller -> {
                harness.helper(() -> {
                    Blocking.await(running);
                    caller.cancel();
                });
                thrown.set(catchThrowable(() -> target.start("server", ready -> {
                    try {
                        neverReady(ready);
                    } catch (InterruptedException e) {
                        ready.ready("too late");
                        throw crash;
                    }
                })));
                assertThat(ended).isTrue();
            });

            assertThat(thrown.get()).isInstanceOf(ScopeCancelledException.class).hasSuppressedException(crash);
            assertThat(target.isCancelled()).isFalse();
        }
    }

    @EngineTest
    void start_callerInterruptedBeforeReady_throwsOnceTheTaskHasEnded_case06(Harness harness, ScopeFactory scopes) {
        try (OpenScope target = scopes.openShared("target")) {
            Thread caller = Thread.currentThread();
            harness.helper(() -> {
                Blocking.await(running);
                caller.interrupt();
            });

            assertThatThrownBy(() -> target.start("server", this::neverReady))
                    .isInstanceOf(ScopeInterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(ended).isTrue();
            assertThat(target.isCancelled()).isFalse();
        }
    }

    @EngineTest
    void start_callerGivesUpOnStraggler_doesNotWaitForIt_case06(Harness harness, ScopeFactory scopes) {
        try (OpenScope target = scopes.openShared("target")) {
            assertThatThrownBy(() ->
                            scopes.run("caller", s -> s.withDetached(true).withTimeout(Duration.ofMillis(50)), c -> {
                                target.start(
                                        "server",
                                        ready -> Blocking.stubbornly(release),
                                        t -> t.withCancelTimeout(Duration.ofMillis(50)));
                            }))
                    .isInstanceOf(ScopeTimeoutException.class);
            release.countDown();
            Blocking.until(
                    "the straggler has ended", () -> target.snapshot().tasks().isEmpty());
        }
    }

    @EngineTest
    void start_targetCancelledBeforeReady_endsTheTaskAndItsChildren_case07(Harness harness, ScopeFactory scopes) {
        AtomicBoolean childEnded = new AtomicBoolean();
        try (OpenScope target = scopes.openShared("target")) {
            harness.helper(() -> {
                Blocking.await(running);
                target.cancel();
            });

            assertThatThrownBy(() -> target.start(
                            "server",
                            ready -> scopes.run("child", child -> {
                                try {
                                    neverReady(ready);
                                } finally {
                                    childEnded.set(true);
                                }
                            })))
                    .isInstanceOf(ScopeCancelledException.class);
            assertThat(childEnded).isTrue();
        }
    }

    @EngineTest
    void start_targetCancelledAfterReady_endsTheTaskAndItsChildren_case07(ScopeFactory scopes) {
        try (OpenScope target = scopes.openShared("target")) {
            Started<String> started = target.start("server", ready -> scopes.run("child", child -> server(ready)));
            target.cancel();

            assertThat(started.value()).isEqualTo("up");
            assertThatThrownBy(started.task()::join).isInstanceOf(ScopeCancelledException.class);
            assertThat(ended).isTrue();
        }
    }

    @EngineTest
    void start_cancelRacesReady_hasOneOutcome_case07(Harness harness, ScopeFactory scopes) throws Exception {
        int rounds = 300;
        AtomicReference<@Nullable OpenScope> target = new AtomicReference<>();
        var barrier = harness.eachRound(
                rounds, () -> Objects.requireNonNull(target.get()).cancel());
        for (int round = 0; round < rounds; round++) {
            try (OpenScope open = scopes.openShared("target")) {
                target.set(open);
                Blocking.await(barrier);
                try {
                    assertThat(open.start("server", this::server).value()).isEqualTo("up");
                } catch (ScopeCancelledException | IllegalStateException e) {
                    assertThat(open.isCancelled()).isTrue();
                }
                Blocking.await(barrier);
            }
        }
    }

    @EngineTest
    void start_pending_keepsTheTargetOpenAfterItsBody_case08(Harness harness, ScopeFactory scopes) throws Exception {
        AtomicReference<Started<String>> started = new AtomicReference<>();
        CountDownLatch bodyEnded = new CountDownLatch(1);
        AtomicReference<Scope> target = new AtomicReference<>();
        harness.helper(() -> {
            Blocking.spinUntil("the target is open", () -> target.get() != null);
            started.set(target.get()
                    .start(
                            "server",
                            ready -> {
                                running.countDown();
                                Blocking.await(release);
                                ready.ready("up");
                                Blocking.forever();
                            },
                            t -> t.withAwaited(false)));
        });
        harness.helper(() -> {
            Blocking.await(bodyEnded);
            Blocking.until("the body has ended", () -> target.get().state() == Scope.State.COMPLETING);
            release.countDown();
        });

        scopes.run("target", scope -> {
            target.set(scope);
            Blocking.await(running);
            bodyEnded.countDown();
        });

        Blocking.until("start has returned", () -> started.get() != null);
        assertThat(started.get().value()).isEqualTo("up");
    }

    @EngineTest
    void start_siblingFails_cancelsIt_case09(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("sibling");
        AtomicReference<Throwable> thrown = new AtomicReference<>();

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.spawn("sibling", () -> {
                        Blocking.await(running);
                        throw failure;
                    });
                    thrown.set(catchThrowable(() -> scope.start("server", this::neverReady)));
                }))
                .isSameAs(failure);

        assertThat(thrown.get()).isInstanceOf(ScopeCancelledException.class);
        assertThat(ended).isTrue();
    }

    @EngineTest
    void start_onlyInnerScopeOfCallerCancelled_leavesTheTargetUntouched_case10(Harness harness, ScopeFactory scopes) {
        scopes.run("target", target -> {
            scopes.run("inner", inner -> {
                harness.helper(() -> {
                    Blocking.await(running);
                    inner.cancel();
                });
                target.start("server", this::neverReady);
            });

            assertThat(ended).isTrue();
            assertThat(target.isCancelled()).isFalse();
            assertThat(target.await("still open", () -> "yes")).isEqualTo("yes");
        });
    }

    @EngineTest
    void start_withTimeoutAround_timesOut_case11(TestClock clock, ScopeFactory scopes) {
        scopes.run("target", target -> {
            assertThatThrownBy(() -> scopes.run("limit", s -> s.withTimeout(Duration.ofSeconds(1)), limit -> {
                        target.start("server", ready -> {
                            clock.advance(Duration.ofSeconds(1));
                            neverReady(ready);
                        });
                    }))
                    .isInstanceOf(ScopeTimeoutException.class)
                    .hasMessageContaining("'limit'");

            assertThat(ended).isTrue();
        });
    }

    @EngineTest
    void start_handle_keepsTheValueAndCancelsTheTask_case12(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Started<String> started = scope.start("server", this::server);

            assertThat(started.task().cancel()).isTrue();
            assertThatThrownBy(started.task()::join).isInstanceOf(CancellationException.class);
            assertThat(ended).isTrue();
            assertThat(started.value()).isEqualTo("up");
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void start_sameCode_runsWithoutIt_case13(ScopeFactory scopes) {
        release.countDown();

        scopes.run("run", scope -> scope.spawn("server", () -> server(value -> {})));

        assertThat(ended).isTrue();
    }

    @EngineTest
    void start_pending_isShownAsStarting_case14(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Started<String> started = scope.start("server", ready -> {
                ScopeSnapshot.TaskSnapshot shown = scope.snapshot().tasks().get(0);
                assertThat(shown.status()).isEqualTo(Task.Status.STARTING);
                server(ready);
            });

            assertThat(started.task().status()).isEqualTo(Task.Status.RUNNING);
            release.countDown();
        });
    }

    @EngineTest(on = Threads.DEFAULT)
    void start_failsItself_leavesNothingCounted_case15(Harness harness) {
        ScopeFactory refusing = harness.scopes(o -> o.withExecutor(command -> {
            throw new RejectedExecutionException("full");
        }));
        ScopeFactory broken = harness.scopes(o -> o.withPropagator(() -> {
            throw new IllegalArgumentException("broken");
        }));
        for (ScopeFactory scopes : new ScopeFactory[] {refusing, broken}) {
            scopes.run("run", scope -> {
                assertThatThrownBy(() -> scope.start("server", this::server))
                        .isInstanceOfAny(RejectedExecutionException.class, IllegalArgumentException.class);
                assertThatThrownBy(() -> scope.start("server", null)).isInstanceOf(NullPointerException.class);

                assertThat(scope.snapshot().tasks()).isEmpty();
                assertThat(scope.isCancelled()).isFalse();
            });
        }
        assertThat(ended).isFalse();
    }

    @EngineTest(on = Threads.ONE)
    void start_onPoolOfOneThread_returnsAtReadiness_case16(ScopeFactory scopes) {
        scopes.run(
                "run",
                scope -> scope.await("caller", () -> {
                    Started<String> started = scope.start("server", this::server);

                    assertThat(started.value()).isEqualTo("up");
                    assertThat(started.task().isDone()).isFalse();
                    release.countDown();
                    return null;
                }));

        assertThat(ended).isTrue();
    }

    @EngineTest(on = Threads.ONE)
    void start_onPoolOfOneThread_withMaxConcurrency_doesNotHang_case16(ScopeFactory scopes) {
        scopes.run(
                "run",
                s -> s.withMaxConcurrency(1),
                scope -> scope.await("caller", () -> {
                    Started<String> started = scope.start("server", this::server);
                    release.countDown();
                    return started.value();
                }));

        assertThat(ended).isTrue();
    }
}
