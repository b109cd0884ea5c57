// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Timeouts of a scope (S4) and the deadlines that scopes inherit (S5). */
@Spec({"S4", "S5"})
class TimeoutTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @EngineTest
    void timeout_tasksUnfinished_namesScopeTimeoutAndTasks(ScopeFactory scopes, TestClock clock) {
        ScopeTimeoutException thrown = catchThrowableOfType(
                ScopeTimeoutException.class,
                () -> scopes.run("quotes", s -> s.withTimeout(SECOND), scope -> {
                    scope.spawn("done", () -> 1).join();
                    CountDownLatch started = new CountDownLatch(2);
                    for (String name : new String[] {"alpha", "beta"}) {
                        scope.spawn(name, () -> {
                            started.countDown();
                            return Blocking.forever();
                        });
                    }
                    Blocking.await(started);
                    clock.advance(SECOND);
                }));

        assertThat(thrown.scopeName()).isEqualTo("quotes");
        assertThat(thrown.timeout()).isEqualTo(SECOND);
        assertThat(thrown.unfinished()).containsExactlyInAnyOrder("alpha", "beta");
        assertThat(thrown)
                .hasMessageContaining("quotes")
                .hasMessageContaining("alpha")
                .hasMessageContaining("beta");
    }

    @EngineTest
    void timeout_bodyBlocks_interruptsIt(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch blocks = new CountDownLatch(1);
        harness.helper(() -> {
            Blocking.await(blocks);
            clock.advance(SECOND);
        });
        AtomicReference<Throwable> met = new AtomicReference<>();

        assertThatThrownBy(() -> scopes.run("run", s -> s.withTimeout(SECOND), scope -> {
                    blocks.countDown();
                    met.set(catchThrowable(Blocking::forever));
                }))
                .isInstanceOf(ScopeTimeoutException.class);

        assertThat(met.get()).isInstanceOf(InterruptedException.class);
    }

    @EngineTest
    void timeout_afterBodyReturnedValue_isThrown(Harness harness, ScopeFactory scopes, TestClock clock) {
        assertThatThrownBy(() -> scopes.call("call", s -> s.withTimeout(SECOND), scope -> {
                    scope.spawn("slow", Blocking::forever);
                    harness.helper(() -> {
                        Blocking.until("the body has ended", () -> scope.state() == Scope.State.COMPLETING);
                        clock.advance(SECOND);
                    });
                    return "value";
                }))
                .isInstanceOf(ScopeTimeoutException.class);
    }

    @EngineTest
    void timeout_bodySwallowsInterrupt_isThrown(ScopeFactory scopes, TestClock clock) {
        assertThatThrownBy(() -> scopes.call("call", s -> s.withTimeout(SECOND), scope -> {
                    clock.advance(SECOND);
                    assertThat(Thread.interrupted()).isTrue();
                    return "value";
                }))
                .isInstanceOf(ScopeTimeoutException.class);
    }

    @EngineTest
    void timeout_realFailureOfBody_comesOutWithTimeoutOrOverIt(ScopeFactory scopes, TestClock clock) {
        IllegalStateException failure = new IllegalStateException("cleanup of the body");

        Throwable thrown = catchThrowable(() -> scopes.run("run", s -> s.withTimeout(SECOND), scope -> {
            clock.advance(SECOND);
            throw failure;
        }));

        // What came first is primary.
        assertThat(thrown).isInstanceOf(ScopeTimeoutException.class);
        assertThat(thrown.getSuppressed()).contains(failure);
    }

    @EngineTest
    void timeout_notOver_scopeEndsByItselfAndAlarmIsRemoved(ScopeFactory scopes, TestClock clock) {
        scopes.run("run", s -> s.withTimeout(SECOND), scope -> {
            assertThat(clock.pendingAlarms()).isEqualTo(1);
            clock.advance(SECOND.minusNanos(1));
            assertThat(scope.isCancelled()).isFalse();
        });

        assertThat(clock.pendingAlarms()).isZero();
    }

    @EngineTest
    void timeout_isOver_alarmsAreRemoved(ScopeFactory scopes, TestClock clock) {
        assertThatThrownBy(() -> scopes.run("run", s -> s.withTimeout(SECOND), scope -> {
                    scope.spawn("slow", Blocking::forever);
                    clock.advance(SECOND);
                }))
                .isInstanceOf(ScopeTimeoutException.class);

        assertThat(clock.pendingAlarms()).isZero();
    }

    @EngineTest
    void timeout_changedToLess_endsScopeThen(ScopeFactory scopes, TestClock clock) {
        ScopeTimeoutException thrown = catchThrowableOfType(
                ScopeTimeoutException.class,
                () -> scopes.run("run", s -> s.withTimeout(SECOND.multipliedBy(10)), scope -> {
                    scope.setTimeout(SECOND);
                    assertThat(scope.remaining()).contains(SECOND);
                    assertThat(clock.pendingAlarms()).isEqualTo(1);
                    clock.advance(SECOND);
                    Blocking.forever();
                }));

        assertThat(thrown.timeout()).isEqualTo(SECOND);
    }

    @EngineTest
    void timeout_changedToMore_countsFromThen(ScopeFactory scopes, TestClock clock) {
        assertThatThrownBy(() -> scopes.run("run", s -> s.withTimeout(SECOND), scope -> {
                    clock.advance(Duration.ofMillis(500));
                    scope.setTimeout(SECOND.multipliedBy(2));
                    clock.advance(Duration.ofMillis(1_999));
                    assertThat(scope.isCancelled()).isFalse();
                    clock.advance(Duration.ofMillis(1));
                    assertThat(scope.isCancelled()).isTrue();
                    Blocking.forever();
                }))
                .isInstanceOf(ScopeTimeoutException.class);
    }

    @EngineTest
    void timeout_changedToForever_neverEndsScope(ScopeFactory scopes, TestClock clock) {
        scopes.run("run", s -> s.withTimeout(SECOND), scope -> {
            scope.setTimeout(ScopeOptions.FOREVER);
            clock.advance(Duration.ofDays(36_500));
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void timeout_setInTask_endsScope(ScopeFactory scopes, TestClock clock) {
        assertThatThrownBy(() -> scopes.run(
                        "run",
                        scope -> scope.spawn("task", () -> {
                            scope.setTimeout(SECOND);
                            clock.advance(SECOND);
                            return Blocking.forever();
                        })))
                .isInstanceOf(ScopeTimeoutException.class);
    }

    @EngineTest
    void timeout_onDeadScope_isRefusedWithItsName(ScopeFactory scopes) {
        Scope dead = scopes.call("mirror", scope -> scope);

        assertThatIllegalStateException()
                .isThrownBy(() -> dead.setTimeout(SECOND))
                .withMessageContaining("mirror");
    }

    @EngineTest
    void timeout_onDyingScope_isRefused(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            scope.cancel();
            assertThatIllegalStateException().isThrownBy(() -> scope.setTimeout(SECOND));
        });
    }

    @EngineTest
    void timeout_ofSharedScope_endsIt(ScopeFactory scopes, TestClock clock) {
        try (OpenScope scope = scopes.openShared("shared", s -> s.withTimeout(SECOND))) {
            Task<?> task = scope.spawn("slow", Blocking::forever);
            clock.advance(SECOND);

            assertThatThrownBy(scope::awaitDone).isInstanceOf(ScopeTimeoutException.class);
            assertThat(task.isCancelled()).isTrue();
        }
    }

    @EngineTest
    void timeout_ofSharedScopeWithoutTasks_endsIt(ScopeFactory scopes, TestClock clock) {
        try (OpenScope scope = scopes.openShared("shared", s -> s.withTimeout(SECOND))) {
            clock.advance(SECOND);

            ScopeTimeoutException thrown = catchThrowableOfType(ScopeTimeoutException.class, scope::awaitDone);
            assertThat(thrown.unfinished()).isEmpty();
        }
    }

    @EngineTest
    void timeout_ofOpenedScope_interruptsTheThreadAndIsThrownByJoin(ScopeFactory scopes, TestClock clock) {
        try (OpenScope scope = scopes.open("open", s -> s.withTimeout(SECOND))) {
            scope.spawn("slow", Blocking::forever);
            clock.advance(SECOND);
            assertThatThrownBy(Blocking::forever).isInstanceOf(InterruptedException.class);

            assertThatThrownBy(scope::join).isInstanceOf(ScopeTimeoutException.class);
        }
    }

    @EngineTest
    void timeout_afterCancel_isNotThrown(ScopeFactory scopes, TestClock clock) {
        scopes.run("run", s -> s.withTimeout(SECOND), scope -> {
            scope.cancel();
            clock.advance(SECOND);
        });
    }

    @EngineTest
    void timeout_manyTasksUnfinished_namesOnlySome(ScopeFactory scopes, TestClock clock) {
        ScopeTimeoutException thrown = catchThrowableOfType(
                ScopeTimeoutException.class,
                () -> scopes.run("run", s -> s.withTimeout(SECOND), scope -> {
                    for (int i = 0; i < 100; i++) {
                        scope.spawn("task " + i, Blocking::forever);
                    }
                    clock.advance(SECOND);
                }));

        assertThat(thrown.unfinished()).hasSize(32);
    }

    @EngineTest
    void timeout_taskInChildUnfinished_isNamed(ScopeFactory scopes, TestClock clock) {
        ScopeTimeoutException thrown = catchThrowableOfType(
                ScopeTimeoutException.class,
                () -> scopes.run(
                        "outer",
                        s -> s.withTimeout(SECOND),
                        outer -> scopes.run("inner", inner -> {
                            inner.spawn("deep", Blocking::forever);
                            clock.advance(SECOND);
                        })));

        assertThat(thrown.unfinished()).containsExactly("deep");
    }

    @EngineTest
    void timeout_onSystemClock_interruptsTasks(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("run", s -> s.withTimeout(Duration.ofMillis(50)), scope -> {
                    scope.spawn("slow", Blocking::forever);
                }))
                .isInstanceOf(ScopeTimeoutException.class);
    }

    @EngineTest
    void timeout_ofOneNanosecond_endsScope(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("run", s -> s.withTimeout(Duration.ofNanos(1)), scope -> {
                    Blocking.forever();
                }))
                .isInstanceOf(ScopeTimeoutException.class);
    }

    @EngineTest
    void timeout_ofFactory_holdsForItsScopes(Harness harness, TestClock clock) {
        ScopeFactory scopes = harness.scopes(f -> f.withDefaults(s -> s.withTimeout(SECOND)));

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    clock.advance(SECOND);
                    Blocking.forever();
                }))
                .isInstanceOf(ScopeTimeoutException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT-0.000000001S"})
    void fault11_timeoutZeroOrNegative_isRefused(String duration) {
        Duration value = Duration.parse(duration);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScopeOptions.DEFAULT.withTimeout(value))
                .withMessageContaining("timeout must be positive")
                .withMessageNotContaining("PT");
        assertThatIllegalArgumentException().isThrownBy(() -> ScopeOptions.DEFAULT.withCancelTimeout(value));
        assertThatIllegalArgumentException().isThrownBy(() -> TaskOptions.DEFAULT.withCancelTimeout(value));
        try (ScopeFactory scopes = ScopeFactory.create()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> scopes.run("run", s -> s.withTimeout(value), scope -> {}));
            scopes.run("run", scope -> {
                assertThatIllegalArgumentException().isThrownBy(() -> scope.setTimeout(value));
                assertThat(scope.remaining()).isEmpty();
            });
            assertThat(scopes.scopes()).isEmpty();
        }
    }

    @Test
    void fault01_timeoutNull_isRefused() {
        assertThatNullPointerException().isThrownBy(() -> ScopeOptions.DEFAULT.withTimeout(null));
        assertThatNullPointerException().isThrownBy(() -> ScopeOptions.DEFAULT.withCancelTimeout(null));
        try (ScopeFactory scopes = ScopeFactory.create()) {
            scopes.run("run", scope -> assertThatNullPointerException().isThrownBy(() -> scope.setTimeout(null)));
        }
    }

    @EngineTest
    void fault11_timeoutLongMaxSeconds_doesNotOverflow(ScopeFactory scopes) {
        Duration longest = Duration.ofSeconds(Long.MAX_VALUE);

        String value = scopes.call("call", s -> s.withTimeout(longest).withCancelTimeout(longest), scope -> {
            Task<String> task = scope.spawn("task", () -> "value");
            scope.remaining().ifPresent(left -> assertThat(left).isGreaterThan(Duration.ofDays(36_500)));
            scope.setTimeout(longest);
            scope.remaining().ifPresent(left -> assertThat(left).isGreaterThan(Duration.ofDays(36_500)));
            return task.join();
        });

        assertThat(value).isEqualTo("value");
    }

    @EngineTest
    void fault11_timeoutLongMaxNanos_doesNotOverflow(ScopeFactory scopes, TestClock clock) {
        clock.advance(Duration.ofDays(1));

        scopes.run("run", s -> s.withTimeout(Duration.ofNanos(Long.MAX_VALUE)), scope -> {
            scope.remaining().ifPresent(left -> assertThat(left).isGreaterThan(Duration.ofDays(36_500)));
            clock.advance(Duration.ofDays(1));
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void fault11_parentTimeoutLongMax_deadlineOfChildHolds(ScopeFactory scopes, TestClock clock) {
        scopes.run("outer", s -> s.withTimeout(Duration.ofSeconds(Long.MAX_VALUE)), outer -> {
            assertThatThrownBy(() -> scopes.run("inner", s -> s.withTimeout(SECOND), inner -> {
                        assertThat(inner.remaining()).contains(SECOND);
                        clock.advance(SECOND);
                        Blocking.forever();
                    }))
                    .isInstanceOf(ScopeTimeoutException.class);
        });
    }

    @EngineTest
    void remaining_noTimeout_isEmpty(ScopeFactory scopes) {
        scopes.run("run", scope -> assertThat(scope.remaining()).isEmpty());
    }

    @EngineTest
    void remaining_timePasses_shrinksToZero(ScopeFactory scopes, TestClock clock) {
        catchThrowable(() -> scopes.run("run", s -> s.withTimeout(SECOND), scope -> {
            assertThat(scope.remaining()).contains(SECOND);
            clock.advance(Duration.ofMillis(400));
            assertThat(scope.remaining()).contains(Duration.ofMillis(600));
            clock.advance(Duration.ofMillis(700));
            assertThat(scope.remaining()).contains(Duration.ZERO);
        }));
    }

    @EngineTest
    void deadline_parentIsEarlier_isTheParents(ScopeFactory scopes) {
        scopes.run("outer", s -> s.withTimeout(Duration.ofMinutes(1)), outer -> {
            scopes.run(
                    "inner",
                    s -> s.withTimeout(Duration.ofMinutes(5)),
                    inner -> assertThat(inner.remaining().orElseThrow()).isLessThanOrEqualTo(Duration.ofMinutes(1)));
            scopes.run(
                    "without",
                    inner -> assertThat(inner.remaining().orElseThrow()).isLessThanOrEqualTo(Duration.ofMinutes(1)));
        });
    }

    @EngineTest
    void deadline_ofGrandparentChanged_isSeenBelow(ScopeFactory scopes, TestClock clock) {
        scopes.run(
                "outer",
                outer -> scopes.run(
                        "middle",
                        middle -> scopes.run("inner", inner -> {
                            assertThat(inner.remaining()).isEmpty();
                            outer.setTimeout(SECOND);
                            assertThat(inner.remaining()).contains(SECOND);
                        })));
    }

    @EngineTest
    void deadline_detachedScope_isItsOwn(ScopeFactory scopes) {
        scopes.run(
                "outer",
                s -> s.withTimeout(Duration.ofMinutes(1)),
                outer -> scopes.run(
                        "detached",
                        s -> s.withDetached(true),
                        inner -> assertThat(inner.remaining()).isEmpty()));
    }

    @EngineTest
    void deadline_ofParentPasses_parentReportsAndChildIsCancelled(ScopeFactory scopes, TestClock clock) {
        AtomicReference<Throwable> ofInner = new AtomicReference<>();

        ScopeTimeoutException ofOuter = catchThrowableOfType(
                ScopeTimeoutException.class,
                () -> scopes.run("outer", s -> s.withTimeout(SECOND), outer -> {
                    ofInner.set(catchThrowable(() ->
                            scopes.run("inner", s -> s.withTimeout(SECOND.multipliedBy(5)), inner -> {
                                inner.spawn("slow", Blocking::forever);
                                clock.advance(SECOND);
                                Blocking.forever();
                            })));
                }));

        assertThat(ofOuter.scopeName()).isEqualTo("outer");
        assertThat(ofInner.get()).isInstanceOf(ScopeCancelledException.class);
    }

    @EngineTest
    void deadline_bothPassAtOnce_outerReports(ScopeFactory scopes, TestClock clock) {
        AtomicReference<Throwable> ofInner = new AtomicReference<>();

        ScopeTimeoutException ofOuter = catchThrowableOfType(
                ScopeTimeoutException.class,
                () -> scopes.run("outer", s -> s.withTimeout(SECOND), outer -> {
                    ofInner.set(catchThrowable(() -> scopes.run("inner", s -> s.withTimeout(SECOND), inner -> {
                        clock.advance(SECOND);
                        Blocking.forever();
                    })));
                }));

        assertThat(ofOuter.scopeName()).isEqualTo("outer");
        assertThat(ofInner.get()).isInstanceOf(ScopeCancelledException.class);
    }

    @EngineTest
    void deadline_ofChildIsEarlier_childReportsAndParentGoesOn(ScopeFactory scopes, TestClock clock) {
        String value = scopes.call("outer", s -> s.withTimeout(SECOND.multipliedBy(5)), outer -> {
            ScopeTimeoutException ofInner = catchThrowableOfType(
                    ScopeTimeoutException.class,
                    () -> scopes.run("inner", s -> s.withTimeout(SECOND), inner -> {
                        clock.advance(SECOND);
                        Blocking.forever();
                    }));
            assertThat(ofInner.scopeName()).isEqualTo("inner");
            assertThat(outer.isCancelled()).isFalse();
            return outer.spawn("still works", () -> "value").join();
        });

        assertThat(value).isEqualTo("value");
    }

    @EngineTest
    void deadline_ofParentPasses_taskInGrandchildIsInterrupted(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch deep = new CountDownLatch(1);
        harness.helper(() -> {
            Blocking.await(deep);
            clock.advance(SECOND);
        });
        AtomicReference<Throwable> met = new AtomicReference<>();

        assertThatThrownBy(() -> scopes.run(
                        "outer",
                        s -> s.withTimeout(SECOND),
                        outer -> outer.spawn(
                                "task",
                                () -> scopes.run(
                                        "inner",
                                        inner -> inner.spawn("deep", () -> {
                                            deep.countDown();
                                            met.set(catchThrowable(Blocking::forever));
                                        })))))
                .isInstanceOf(ScopeTimeoutException.class);

        assertThat(met.get()).isInstanceOf(InterruptedException.class);
    }
}
