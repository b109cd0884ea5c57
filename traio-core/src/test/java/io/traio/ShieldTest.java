// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.EngineTest.Threads;
import io.traio.ScopeOpener.Body;
import io.traio.ScopeOpener.VoidBody;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A shielded scope is not reached by what happens around it (B1). The names carry the numbers of the cases. */
@Spec("B1")
class ShieldTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final UnaryOperator<ScopeOptions> SHIELD =
            s -> s.withShielded(true).withTimeout(LIMIT);

    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicBoolean cleaned = new AtomicBoolean();
    private final AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();

    /** Blocks for a moment, in code of the application: an interrupt would end it. */
    private void cleanUp() throws InterruptedException {
        Thread.sleep(20);
        cleaned.set(true);
    }

    private void shield(ScopeFactory scopes, VoidBody body) {
        scopes.run("shield", SHIELD, body);
    }

    /** Runs the code in each kind of code that can be cancelled. */
    private void inEach(ScopeFactory scopes, CancelledCode.Code code) {
        for (CancelledCode kind : CancelledCode.values()) {
            cleaned.set(false);
            Throwable failure = catchThrowable(() -> kind.run(scopes, code));
            assertThat(failure).as(kind.name()).isNull();
            assertThat(cleaned).as(kind.name()).isTrue();
        }
    }

    // ---- 1 to 5: what it protects from, and what not ----

    @EngineTest(pool = 4)
    void shield_outerCancelledBefore_runsToItsEnd_case01(ScopeFactory scopes) {
        inEach(scopes, cancel -> {
            cancel.run();
            shield(scopes, scope -> cleanUp());
        });
    }

    @EngineTest(pool = 4)
    void shield_outerCancelledDuring_runsToItsEnd_case01(ScopeFactory scopes) {
        inEach(
                scopes,
                cancel -> shield(scopes, scope -> {
                    cancel.run();
                    cleanUp();
                    assertThat(scope.await("a wait", () -> "yes")).isEqualTo("yes");
                }));
    }

    @EngineTest(pool = 4)
    void shield_outerCancelledWhileItBlocks_isNotWoken_case01(Harness harness, ScopeFactory scopes) {
        inEach(
                scopes,
                cancel -> shield(scopes, scope -> {
                    CountDownLatch cancelled = new CountDownLatch(1);
                    Thread owner = Thread.currentThread();
                    harness.helper(() -> {
                        Blocking.untilParked(owner);
                        cancel.run();
                        cancelled.countDown();
                    });
                    Blocking.await(cancelled);
                    assertThat(owner.isInterrupted()).isFalse();
                    cleanUp();
                }));
    }

    @EngineTest
    void shield_cancelledItself_ends_case02(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            outer.cancel();
            shield(scopes, scope -> {
                scope.cancel();
                thrown.set(catchThrowable(Blocking::forever));
            });
        });

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }

    @EngineTest
    void shield_scopeInsideCancelled_ends_case02(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> shield(scopes, scope -> {
                    outer.cancel();
                    scopes.run("inside", within -> {
                        within.cancel();
                        thrown.set(catchThrowable(Blocking::forever));
                    });
                    cleanUp();
                }));

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(cleaned).isTrue();
    }

    @EngineTest
    void shield_itsOwnDeadlinePasses_timesOut_case03(TestClock clock, ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            outer.cancel();
            assertThatThrownBy(() -> shield(scopes, scope -> {
                        clock.advance(LIMIT);
                        Blocking.forever();
                    }))
                    .isInstanceOf(ScopeTimeoutException.class)
                    .hasMessageContaining("'shield'");
        });
    }

    @EngineTest
    void shield_withoutLimit_isRefused_case03(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("shield", s -> s.withShielded(true), scope -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeout");
        scopes.run("shield", s -> s.withShielded(true).withTimeout(ScopeOptions.FOREVER), scope -> cleanUp());
        assertThat(cleaned).isTrue();
    }

    @EngineTest
    void shield_outerDeadlinePasses_goesOn_case04(TestClock clock, ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("outer", s -> s.withTimeout(Duration.ofSeconds(5)), outer -> {
                    assertThat(outer.remaining()).contains(Duration.ofSeconds(5));
                    shield(scopes, scope -> {
                        assertThat(scope.remaining()).contains(LIMIT);
                        scopes.run(
                                "inner",
                                s -> s.withTimeout(Duration.ofSeconds(19)),
                                inner -> assertThat(inner.remaining()).contains(Duration.ofSeconds(19)));
                        clock.advance(Duration.ofSeconds(6));
                        cleanUp();
                        assertThat(scope.remaining()).contains(LIMIT.minusSeconds(6));
                    });
                    assertThat(outer.remaining()).contains(Duration.ZERO);
                }))
                .isInstanceOf(ScopeTimeoutException.class)
                .hasMessageContaining("'outer'");
        assertThat(cleaned).isTrue();
    }

    @EngineTest(pool = 4)
    void shield_leftNormally_returnsItsValueAndTheNextWaitThrows_case05(ScopeFactory scopes) {
        inEach(scopes, cancel -> {
            Body<String> body = scope -> {
                cancel.run();
                cleanUp();
                return "value";
            };
            assertThat(scopes.call("shield", SHIELD, body)).isEqualTo("value");
            thrown.set(catchThrowable(Blocking::forever));
            assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        });
    }

    // ---- 6, 7: interrupts ----

    @EngineTest(pool = 4)
    void shield_checkpointInside_isANoOp_theOneAfterThrows_case05(ScopeFactory scopes) {
        inEach(scopes, cancel -> {
            cancel.run();
            shield(scopes, shield -> {
                Scope.checkCancelled();
                shield.spawn("task", Scope::checkCancelled).join();
                cleanUp();
            });
            assertThat(catchThrowable(Scope::checkCancelled)).isInstanceOf(ScopeCancelledException.class);
        });
    }

    @EngineTest
    void shield_cancelledItself_checkpointInsideThrows_case02(ScopeFactory scopes) {
        shield(scopes, shield -> {
            assertThat(catchThrowable(() -> scopes.run("inner", inner -> {
                        shield.cancel();
                        Scope.checkCancelled();
                    })))
                    .isInstanceOf(ScopeCancelledException.class);
            assertThat(catchThrowable(Scope::checkCancelled)).isInstanceOf(ScopeCancelledException.class);
        });
    }

    @EngineTest(pool = 4)
    void shield_ourInterruptPending_isParkedAndPutBack_case06(ScopeFactory scopes) {
        inEach(scopes, cancel -> {
            cancel.run();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            shield(scopes, scope -> {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                cleanUp();
            });
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
    }

    @EngineTest
    void shield_interruptedFromOutsideBefore_meetsIt_case07(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> shield(scopes, scope -> Blocking.forever()))
                    .isInstanceOf(ScopeInterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
        });
    }

    @EngineTest
    void shield_interruptedFromOutsideInside_meetsItAndKeepsIt_case07(Harness harness, ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("outer", outer -> {
                    outer.cancel();
                    Thread owner = Thread.currentThread();
                    shield(scopes, scope -> {
                        harness.helper(() -> {
                            Blocking.untilParked(owner);
                            owner.interrupt();
                        });
                        Blocking.forever();
                    });
                }))
                .isInstanceOf(ScopeInterruptedException.class);

        assertThat(Thread.interrupted()).isTrue();
    }

    // ---- 8: taken away and given again ----

    @EngineTest
    void shield_removed_deliversAtOnceToBodyAndTasks_case08(Harness harness, ScopeFactory scopes) {
        AtomicReference<@Nullable Throwable> inTask = new AtomicReference<>();
        scopes.run("outer", outer -> {
            outer.cancel();
            shield(scopes, scope -> {
                scope.spawn("task", () -> {
                    inside.countDown();
                    inTask.set(catchThrowable(Blocking::forever));
                });
                Thread owner = Thread.currentThread();
                harness.helper(() -> {
                    Blocking.await(inside);
                    Blocking.untilParked(owner);
                    scope.setShielded(false);
                });
                thrown.set(catchThrowable(Blocking::forever));
            });
        });

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(inTask.get()).isInstanceOf(InterruptedException.class);
    }

    @EngineTest
    void shield_removedBeforeTheOuterIsCancelled_protectsNoMore_case08(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> shield(scopes, scope -> {
                    scope.setShielded(false);
                    outer.cancel();
                    thrown.set(catchThrowable(Blocking::forever));
                }));

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }

    @EngineTest
    void shield_removedAndSetAgain_protects_case08(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            shield(scopes, scope -> {
                scope.setShielded(false);
                scope.setShielded(true);
                outer.cancel();
                cleanUp();
            });
            thrown.set(catchThrowable(Blocking::forever));
        });

        assertThat(cleaned).isTrue();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }

    @EngineTest
    void shield_setLater_protects_case08(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> scopes.run("plain", scope -> {
                    scope.setShielded(true);
                    outer.cancel();
                    cleanUp();
                }));

        assertThat(cleaned).isTrue();
    }

    @EngineTest
    void setShielded_ofScopeThatHasEnded_isRefused_case08(ScopeFactory scopes) {
        AtomicReference<Scope> ended = new AtomicReference<>();
        scopes.run("shield", SHIELD, ended::set);

        assertThatThrownBy(() -> ended.get().setShielded(false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'shield'");
    }

    // ---- 9 to 12: what is around it ----

    @EngineTest(pool = 4)
    void shield_whileACancellationPropagates_theOuterStillCatchesIt_case09(ScopeFactory scopes) {
        inEach(scopes, cancel -> {
            try {
                cancel.run();
                Blocking.forever();
            } finally {
                shield(scopes, scope -> cleanUp());
            }
        });
    }

    @EngineTest(pool = 4)
    void shield_cancellationDeliveredBefore_standsAndLaterWaitsAreFine_case10(ScopeFactory scopes) {
        inEach(scopes, cancel -> {
            cancel.run();
            assertThatThrownBy(Blocking::forever).isInstanceOf(InterruptedException.class);
            shield(scopes, scope -> {
                cleanUp();
                scope.spawn("task", this::cleanUp).join();
            });
        });
    }

    @EngineTest
    void shield_twoCancelledScopesAround_waitsInBothThrow_case11(ScopeFactory scopes) {
        List<Throwable> all = new CopyOnWriteArrayList<>();
        scopes.run("outer", outer -> {
            Throwable middle = catchThrowable(() -> scopes.run("middle", m -> {
                shield(
                        scopes,
                        first -> shield(scopes, second -> {
                            m.cancel();
                            outer.cancel();
                            cleanUp();
                        }));
                all.add(catchThrowable(Blocking::forever));
            }));
            assertThat(middle).isNull();
            all.add(catchThrowable(Blocking::forever));
        });

        assertThat(cleaned).isTrue();
        assertThat(all).hasSize(2).allMatch(InterruptedException.class::isInstance);
    }

    @EngineTest
    void shield_nestedWithCodeBetween_protectsEach_case11(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> shield(scopes, first -> {
                    scopes.run("middle", middle -> {
                        shield(scopes, second -> {
                            outer.cancel();
                            middle.cancel();
                            cleanUp();
                        });
                        thrown.set(catchThrowable(Blocking::forever));
                    });
                    // The outer shield holds still.
                    Thread.sleep(1);
                }));

        assertThat(cleaned).isTrue();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }

    @EngineTest
    void shield_itAndTheOuterCancelled_itsOwnCancelEndsOnlyIt_case12(ScopeFactory scopes) {
        AtomicBoolean after = new AtomicBoolean();
        scopes.run("outer", outer -> {
            shield(scopes, scope -> {
                outer.cancel();
                scope.cancel();
                Blocking.forever();
            });
            after.set(true);
            thrown.set(catchThrowable(Blocking::forever));
        });

        assertThat(after).isTrue();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }

    // ---- 13 to 17 ----

    @EngineTest
    void shield_itsTasks_areProtected_theParentsAreNot_case13(ScopeFactory scopes) {
        CountDownLatch parentsTaskRuns = new CountDownLatch(1);
        scopes.run("outer", outer -> {
            outer.spawn("of the parent", () -> {
                parentsTaskRuns.countDown();
                thrown.set(catchThrowable(Blocking::forever));
            });
            Blocking.await(parentsTaskRuns);
            shield(scopes, scope -> {
                Task<?> task = scope.spawn("of the shield", () -> {
                    Blocking.await(release);
                    cleanUp();
                });
                outer.cancel();
                Blocking.until("the parent's task has ended", () -> thrown.get() != null);
                assertThat(task.isCancelled()).isFalse();
                release.countDown();
                task.join();
            });
        });

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(cleaned).isTrue();
    }

    @EngineTest
    void shield_spawnAndOpenInside_areAllowed_case14(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            outer.cancel();
            shield(scopes, scope -> {
                scope.spawn("task", () -> scopes.run("in a task", s -> cleanUp()))
                        .join();
                assertThat(scopes.<String>call("inner", inner -> inner.await("task", () -> "yes")))
                        .isEqualTo("yes");
            });
        });

        assertThat(cleaned).isTrue();
    }

    @EngineTest
    void shield_failureInside_isRealAndComesOut_case15(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("cleanup failed");

        assertThatThrownBy(() -> scopes.run("outer", outer -> {
                    outer.cancel();
                    shield(
                            scopes,
                            scope -> scope.await("task", () -> {
                                throw failure;
                            }));
                }))
                .isSameAs(failure);
    }

    @EngineTest
    void shield_cancelPending_isFalseInsideAndTrueAfter_case16(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            outer.cancel();
            shield(scopes, scope -> {
                assertThat(Scope.current().map(Scope::isCancelled)).isEqualTo(Optional.of(false));
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            });
            assertThat(Scope.current().map(Scope::isCancelled)).isEqualTo(Optional.of(true));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
    }

    @EngineTest
    void shield_inFinallyAndTwiceInARow_theTaskIsCancelled_case17(ScopeFactory scopes) {
        AtomicInteger times = new AtomicInteger();
        scopes.run("outer", outer -> {
            Task<?> task = outer.spawn("task", () -> {
                try {
                    inside.countDown();
                    Blocking.forever();
                } finally {
                    for (int i = 0; i < 2; i++) {
                        shield(scopes, scope -> {
                            cleanUp();
                            times.incrementAndGet();
                        });
                    }
                }
            });
            Blocking.await(inside);
            task.cancel();
            catchThrowable(task::join);
            assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
        });

        assertThat(times).hasValue(2);
    }

    @EngineTest(pool = 4)
    void shield_twiceInARowWithInterruptPending_keepsIt_case17(ScopeFactory scopes) {
        inEach(scopes, cancel -> {
            cancel.run();
            shield(scopes, scope -> cleanUp());
            shield(scopes, scope -> cleanUp());
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
    }

    // ---- 18 to 20 ----

    @EngineTest
    void shield_outerExit_waitsForItsTasksWithoutGrace_case18(TestClock clock, Harness harness, ScopeFactory scopes) {
        Duration grace = Duration.ofMillis(100);
        scopes.run("outer", s -> s.withCancelTimeout(grace), outer -> {
            outer.spawn(
                    "host",
                    () -> shield(scopes, scope -> {
                        inside.countDown();
                        Blocking.await(release);
                        cleanUp();
                    }));
            Blocking.await(inside);
            outer.cancel();
            for (int i = 0; i < 5; i++) {
                clock.advance(grace);
            }
            assertThat(outer.snapshot().tasks()).extracting(t -> t.status()).containsOnly(Task.Status.CANCELLING);
            release.countDown();
        });

        assertThat(cleaned).isTrue();
    }

    @EngineTest
    void shield_left_theGraceOfItsHostBeginsThen_case18(TestClock clock, ScopeFactory scopes) {
        Duration grace = Duration.ofMillis(400);
        CountDownLatch left = new CountDownLatch(1);
        scopes.run("outer", s -> s.withCancelTimeout(grace), outer -> {
            Task<?> host = outer.spawn("host", () -> {
                shield(scopes, scope -> {
                    inside.countDown();
                    Blocking.await(release);
                });
                left.countDown();
                Blocking.stubbornly(new CountDownLatch(0));
                Blocking.spinUntil(
                        "it is reported",
                        () -> Task.Status.STRAGGLING
                                == outer.snapshot().tasks().get(0).status());
            });
            Blocking.await(inside);
            outer.cancel();
            clock.advance(grace.multipliedBy(3));
            release.countDown();
            Blocking.stubbornly(left);
            assertThat(host.status()).isEqualTo(Task.Status.CANCELLING);
            clock.advance(grace.minusMillis(1));
            assertThat(host.status()).isEqualTo(Task.Status.CANCELLING);
            clock.advance(Duration.ofMillis(1));
            Blocking.spinUntil("the host has ended", host::isDone);
        });
    }

    @EngineTest
    void shield_limitPasses_whileTheOuterExitWaits_case18(TestClock clock, ScopeFactory scopes) {
        AtomicReference<@Nullable Throwable> ofShield = new AtomicReference<>();
        scopes.run("outer", outer -> {
            outer.spawn("host", () -> {
                ofShield.set(catchThrowable(() -> shield(scopes, scope -> {
                    inside.countDown();
                    Blocking.forever();
                })));
            });
            Blocking.await(inside);
            outer.cancel();
            clock.advance(LIMIT);
        });

        assertThat(ofShield.get()).isInstanceOf(ScopeTimeoutException.class);
    }

    @EngineTest
    void shield_setAtOpening_showsInSnapshots_case19(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> shield(scopes, scope -> {
                    assertThat(outer.snapshot().shielded()).isFalse();
                    assertThat(outer.snapshot().children().get(0).shielded()).isTrue();
                    scope.setShielded(false);
                    assertThat(scope.snapshot().shielded()).isFalse();
                }));
    }

    @EngineTest
    void shield_shared_protectsItsTasks_case19(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            OpenScope shared = scopes.openShared("shared", SHIELD);
            shared.spawn("task", () -> {
                Blocking.await(release);
                cleanUp();
            });
            outer.cancel();
            assertThat(shared.isCancelled()).isFalse();
            shared.complete();
            release.countDown();
        });

        assertThat(cleaned).isTrue();
    }

    @EngineTest
    void shield_taskInStart_isProtected_case19(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> shield(scopes, scope -> {
                    Started<String> started = scope.start("server", ready -> {
                        outer.cancel();
                        cleanUp();
                        ready.ready("up");
                    });
                    assertThat(started.value()).isEqualTo("up");
                }));

        assertThat(cleaned).isTrue();
    }

    @EngineTest(on = Threads.ONE)
    void shield_onPoolOfOneThread_runsItsTasks_case20(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            outer.spawn("host", () -> {
                outer.cancel();
                shield(
                        scopes,
                        scope -> scope.spawn(
                                        "cleanup",
                                        () -> scopes.run(
                                                "deeper",
                                                d -> d.spawn("c", this::cleanUp).join()))
                                .join());
                thrown.set(catchThrowable(Blocking::forever));
            });
        });

        assertThat(cleaned).isTrue();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }

    @EngineTest
    void shield_factoryCloses_itIsWaitedFor_case20(Harness harness, ScopeFactory scopes) throws Exception {
        ScopeFactory closing = harness.scopes();
        harness.helper(() -> {
            Blocking.await(inside);
            closing.close();
        });
        assertThatThrownBy(() -> scopes.run(
                        "outer",
                        outer -> shield(scopes, scope -> {
                            inside.countDown();
                            Blocking.until("the factory closes", outer::isCancelled);
                            cleanUp();
                        })))
                .isInstanceOf(ScopeCancelledException.class);

        assertThat(cleaned).isTrue();
        Thread.interrupted();
    }

    @EngineTest
    void shield_hostIsAStraggler_isWaitedForWithinItsLimit_case20(ScopeFactory scopes) {
        Throwable failure =
                catchThrowable(() -> scopes.run("outer", s -> s.withCancelTimeout(Duration.ofMillis(50)), outer -> {
                    outer.spawn("host", () -> {
                        inside.countDown();
                        Blocking.stubbornly(release);
                        shield(scopes, scope -> cleanUp());
                    });
                    Blocking.await(inside);
                    outer.cancel();
                }));

        assertThat(failure).isInstanceOf(StragglerException.class);
        release.countDown();
        Blocking.until("it has cleaned up", cleaned::get);
    }

    @EngineTest
    void shield_itsTaskStraggles_isReportedByIt_case20(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            outer.cancel();
            assertThatThrownBy(() -> scopes.run(
                            "shield",
                            s -> s.withShielded(true)
                                    .withTimeout(Duration.ofHours(1))
                                    .withCancelTimeout(Duration.ofMillis(50)),
                            scope -> {
                                CountDownLatch started = new CountDownLatch(1);
                                scope.spawn("stubborn", () -> {
                                    started.countDown();
                                    Blocking.stubbornly(release);
                                });
                                Blocking.await(started);
                                scope.setTimeout(Duration.ofMillis(1));
                            }))
                    .isInstanceOf(StragglerException.class);
            release.countDown();
        });
    }
}
