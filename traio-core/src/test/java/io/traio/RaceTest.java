// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.spi.CancelReason;
import io.traio.spi.ScopeOutcome;
import io.traio.test.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** {@code race} and {@code firstCompleted} (B3). */
@Spec("B3")
class RaceTest {

    private static final IllegalArgumentException FIRST = new IllegalArgumentException("first");

    private static Callable<String> failing(Exception failure) {
        return () -> {
            throw failure;
        };
    }

    private static String forever() throws InterruptedException {
        Blocking.forever();
        return "never";
    }

    @EngineTest
    void race_oneIsFaster_returnsItsValue(ScopeFactory scopes) {
        assertThat(Operators.on(scopes).race(RaceTest::forever, () -> "fast")).isEqualTo("fast");
    }

    @EngineTest
    void race_firstSuccessIsNull_returnsNull(ScopeFactory scopes) {
        assertThat(Operators.on(scopes).<Object>race(RaceTest::forever, () -> null))
                .isNull();
    }

    @EngineTest
    void race_losers_areCancelledAndWaitedFor(ScopeFactory scopes) {
        CountDownLatch runs = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        String winner = Operators.on(scopes)
                .race(
                        () -> {
                            try {
                                runs.countDown();
                                return forever();
                            } finally {
                                Blocking.spin(100_000);
                                ended.set(true);
                            }
                        },
                        () -> {
                            Blocking.await(runs);
                            return "winner";
                        });

        assertThat(winner).isEqualTo("winner");
        assertThat(ended).isTrue();
    }

    @EngineTest
    void race_oneFails_anotherMayStillWin(ScopeFactory scopes) {
        CountDownLatch failed = new CountDownLatch(1);
        String winner = Operators.on(scopes)
                .race(
                        () -> {
                            failed.countDown();
                            throw FIRST;
                        },
                        () -> {
                            Blocking.await(failed);
                            return "winner";
                        });

        assertThat(winner).isEqualTo("winner");
    }

    @EngineTest
    void race_allFail_throwsTheFirstWithTheRestSuppressed(ScopeFactory scopes) {
        Exception first = new IllegalArgumentException("first");
        Exception second = new IllegalStateException("second");
        Operators oneAfterTheOther = Operators.on(scopes).withOptions(s -> s.withMaxConcurrency(1));

        assertThatThrownBy(() -> oneAfterTheOther.race(failing(first), failing(second)))
                .isSameAs(first)
                .satisfies(e -> assertThat(e.getSuppressed()).contains(second));
    }

    @EngineTest
    void race_allFailWithCheckedExceptions_wrapsTheFirst(ScopeFactory scopes) {
        IOException failure = new IOException("unreachable");
        assertThatExceptionOfType(ScopeFailedException.class)
                .isThrownBy(() -> Operators.on(scopes).race(failing(failure)))
                .withCause(failure)
                .withMessageContaining("'race'");
    }

    @EngineTest
    void race_error_endsItAtOnce(ScopeFactory scopes) {
        AssertionError error = new AssertionError("broken");
        assertThatThrownBy(() -> Operators.on(scopes).race(RaceTest::forever, () -> {
                    throw error;
                }))
                .isSameAs(error);
    }

    @EngineTest
    void race_ended_leavesNoInterruptFlag(ScopeFactory scopes) {
        for (int i = 0; i < 200; i++) {
            Operators.on(scopes).race(() -> "a", () -> "b");
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    @EngineTest
    void race_outerScopeCancelled_throwsScopeCancelled(ScopeFactory scopes) {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        scopes.run("outer", outer -> {
            CountDownLatch runs = new CountDownLatch(1);
            outer.spawn("canceller", () -> {
                Blocking.await(runs);
                outer.cancel();
            });
            thrown.set(catchThrowable(() -> Operators.onCurrent().race(() -> {
                runs.countDown();
                return forever();
            })));
        });

        assertThat(thrown.get()).isInstanceOf(ScopeCancelledException.class);
    }

    @EngineTest
    void race_cancelledByItself_throwsScopeCancelled(ScopeFactory scopes) {
        assertThatExceptionOfType(ScopeCancelledException.class)
                .isThrownBy(() -> Operators.on(scopes).race(() -> {
                    Scope.requireCurrent().cancel("no more quotes");
                    return forever();
                }))
                .withMessageContainingAll("race", "no more quotes");
    }

    @EngineTest
    void race_timeout_throwsScopeTimeout(ScopeFactory scopes, TestClock clock) {
        CountDownLatch runs = new CountDownLatch(1);
        Operators racing = Operators.on(scopes).withOptions(s -> s.withTimeout(Duration.ofSeconds(1)));
        assertThatExceptionOfType(ScopeTimeoutException.class)
                .isThrownBy(() -> racing.race(
                        () -> {
                            runs.countDown();
                            return forever();
                        },
                        () -> {
                            Blocking.await(runs);
                            clock.advance(Duration.ofSeconds(1));
                            return forever();
                        }));
    }

    @EngineTest
    void race_loserStraggles_throwsStraggler(ScopeFactory scopes) {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch runs = new CountDownLatch(1);
        Operators racing = Operators.on(scopes).withOptions(s -> s.withCancelTimeout(Duration.ofMillis(50)));
        try {
            assertThatExceptionOfType(StragglerException.class)
                    .isThrownBy(() -> racing.race(
                            () -> {
                                runs.countDown();
                                return Blocking.stubbornly(release);
                            },
                            () -> Blocking.await(runs)));
        } finally {
            release.countDown();
        }
    }

    @EngineTest
    void race_eachTaskCancelled_throwsCancellation(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withListener(Watcher.onTaskSpawned(Task::cancel)));
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> Operators.on(scopes).race(RaceTest::forever, RaceTest::forever));
    }

    @EngineTest
    void race_failuresOfAWonRace_areNotLogged(Harness harness) {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));
        Operators oneAfterTheOther = Operators.on(scopes).withOptions(s -> s.withMaxConcurrency(1));

        assertThat(oneAfterTheOther.race(failing(FIRST), () -> "winner")).isEqualTo("winner");
        assertThat(log.messages(Level.WARN)).isEmpty();
    }

    @EngineTest
    void race_won_isASuccessForListeners(Harness harness) {
        AtomicReference<ScopeOutcome> outcome = new AtomicReference<>();
        ScopeFactory scopes = harness.scopes(f -> f.withListener(Watcher.onScopeClosed(outcome::set)));
        Operators.on(scopes).race(RaceTest::forever, () -> "winner");

        assertThat(outcome.get().kind()).isEqualTo(ScopeOutcome.Kind.SUCCESS);
        assertThat(outcome.get().reason()).isEqualTo(CancelReason.POLICY);
    }

    @EngineTest
    void race_whileItRuns_showsAsWhatItIs(ScopeFactory scopes) {
        AtomicReference<ScopeSnapshot> snapshot = new AtomicReference<>();
        scopes.run(
                "outer",
                outer -> Operators.onCurrent().withName("quotes").race(() -> {
                    snapshot.set(outer.snapshot());
                    return 1;
                }));

        assertThat(snapshot.get().kind()).isEqualTo("scope");
        assertThat(snapshot.get().children()).singleElement().satisfies(race -> {
            assertThat(race.name()).isEqualTo("quotes");
            assertThat(race.kind()).isEqualTo("race");
        });
    }

    @EngineTest
    void race_onAGivenScope_isItsChild(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            Scope parent = scopes.call(
                    "detached",
                    s -> s.withDetached(true),
                    detached -> Operators.on(outer)
                            .race(() -> Scope.requireCurrent().parent().orElseThrow()));
            assertThat(parent).isSameAs(outer);
        });
    }

    @Test
    void race_empty_isRefused() {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Operators.on(scopes).race(List.of()))
                    .withMessageContaining("race");
        }
    }

    @Test
    void race_nullTask_isRefused() {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            assertThatNullPointerException()
                    .isThrownBy(() -> Operators.on(scopes).race(Arrays.asList(() -> "a", null)));
        }
    }

    @Test
    void onCurrent_outsideOfScopes_isRefused() {
        assertThatThrownBy(Operators::onCurrent).isInstanceOf(IllegalStateException.class);
    }

    // ---- firstCompleted ----

    @EngineTest
    void firstCompleted_successFirst_returnsIt(ScopeFactory scopes) {
        assertThat(Operators.on(scopes).firstCompleted(RaceTest::forever, () -> "fast"))
                .isEqualTo("fast");
    }

    @EngineTest
    void firstCompleted_failureFirst_throwsIt(ScopeFactory scopes) {
        Exception failure = new IllegalArgumentException("first");
        assertThatThrownBy(() -> Operators.on(scopes).firstCompleted(RaceTest::forever, failing(failure)))
                .isSameAs(failure);
    }

    @EngineTest
    void firstCompleted_empty_isRefused(ScopeFactory scopes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.on(scopes).firstCompleted(List.of()));
    }
}
