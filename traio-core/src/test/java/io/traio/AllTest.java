// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.test.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** {@code all} (B3). */
@Spec("B3")
class AllTest {

    private record Trip(String flight, int price) {}

    @EngineTest
    void all_two_keepsTheirTypes(ScopeFactory scopes) {
        Trip trip = Operators.on(scopes).all(() -> "flight", () -> 7, Trip::new);
        assertThat(trip).isEqualTo(new Trip("flight", 7));
    }

    @EngineTest
    void all_threeToFive_keepTheirTypesAndOrder(ScopeFactory scopes) {
        Operators on = Operators.on(scopes);
        String three = on.all(() -> "a", () -> 1, () -> 2L, (a, b, c) -> a.concat("") + b.intValue() + c.longValue());
        String four =
                on.all(() -> "a", () -> 1, () -> 2L, () -> 'c', (a, b, c, d) -> a.concat("") + b + c + d.charValue());
        String five = on.all(
                () -> "a",
                () -> 1,
                () -> 2L,
                () -> 'c',
                () -> true,
                (a, b, c, d, e) -> a.concat("") + b + c + d + e.booleanValue());
        assertThat(List.of(three, four, five)).containsExactly("a12", "a12c", "a12ctrue");
    }

    @EngineTest
    void all_collection_keepsTheOrder(ScopeFactory scopes) {
        List<Callable<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int value = i;
            tasks.add(() -> value);
        }
        assertThat(Operators.on(scopes).all(tasks)).hasSize(20).isSorted();
    }

    @EngineTest
    void all_nullResult_isKept(ScopeFactory scopes) {
        List<Callable<String>> tasks = List.of(() -> "a", () -> null);
        assertThat(Operators.on(scopes).all(tasks)).containsExactly("a", null);
    }

    @EngineTest
    void all_empty_givesAnEmptyList(ScopeFactory scopes) {
        List<String> none = Operators.on(scopes).all(List.<Callable<String>>of());
        assertThat(none).isEmpty();
    }

    @EngineTest
    void all_oneFails_throwsTheSameInstanceAndCancelsTheOthers(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("failed");
        assertThatThrownBy(() -> Operators.on(scopes)
                        .all(
                                Blocking::forever,
                                () -> {
                                    throw failure;
                                },
                                (a, b) -> a))
                .isSameAs(failure);
    }

    @EngineTest
    void all_oneFailsWithACheckedException_wrapsIt(ScopeFactory scopes) {
        IOException failure = new IOException("failed");
        assertThatExceptionOfType(ScopeFailedException.class)
                .isThrownBy(() -> Operators.on(scopes)
                        .all(
                                () -> 1,
                                () -> {
                                    throw failure;
                                },
                                (a, b) -> a))
                .withCause(failure)
                .withMessageContaining("'all'");
    }

    @EngineTest
    void all_oneFails_keepsUnstartedOnesFromStarting(ScopeFactory scopes) {
        AtomicBoolean started = new AtomicBoolean();
        Operators oneAfterTheOther = Operators.on(scopes).withOptions(s -> s.withMaxConcurrency(1));
        assertThatThrownBy(() -> oneAfterTheOther.all(
                        () -> {
                            throw new IllegalStateException("failed");
                        },
                        () -> started.getAndSet(true),
                        (a, b) -> a))
                .isInstanceOf(IllegalStateException.class);
        assertThat(started).isFalse();
    }

    @EngineTest
    void all_cancelledByItself_throwsScopeCancelled(ScopeFactory scopes) {
        assertThatExceptionOfType(ScopeCancelledException.class)
                .isThrownBy(() -> Operators.on(scopes)
                        .all(
                                () -> 1,
                                () -> {
                                    Scope.requireCurrent().cancel();
                                    return 2;
                                },
                                Integer::sum));
    }

    @EngineTest
    void all_oneTaskCancelledByItself_throwsCancellation(ScopeFactory scopes) {
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> Operators.on(scopes)
                        .all(
                                () -> 1,
                                () -> {
                                    Task.current().orElseThrow().cancel();
                                    return Blocking.forever();
                                },
                                (a, b) -> a));
    }

    @EngineTest
    void all_timeout_throwsScopeTimeout(ScopeFactory scopes, TestClock clock) {
        Operators timed = Operators.on(scopes).withOptions(s -> s.withTimeout(Duration.ofSeconds(1)));
        CountDownLatch runs = new CountDownLatch(1);
        assertThatExceptionOfType(ScopeTimeoutException.class)
                .isThrownBy(() -> timed.all(
                        () -> {
                            runs.countDown();
                            return Blocking.forever();
                        },
                        () -> {
                            Blocking.await(runs);
                            clock.advance(Duration.ofSeconds(1));
                            return Blocking.forever();
                        },
                        (a, b) -> a));
    }

    @EngineTest
    void all_defaultsOfTheFactory_doNotChangeWhatItIs(Harness harness) {
        ScopeFactory scopes =
                harness.scopes(f -> f.withDefaults(s -> s.withPolicy(ScopePolicy.anySuccessfulOrThrow())));
        assertThat(Operators.on(scopes).all(() -> 1, () -> 2, Integer::sum)).isEqualTo(3);
    }

    @EngineTest
    void all_combineThrows_throwsThat(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("cannot combine");
        assertThatThrownBy(() -> Operators.on(scopes).all(() -> 1, () -> 2, (a, b) -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    @Test
    void all_null_isRefused() {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            Operators on = Operators.on(scopes);
            assertThatNullPointerException().isThrownBy(() -> on.all(() -> 1, null, (a, b) -> a));
            assertThatNullPointerException().isThrownBy(() -> on.all(Arrays.asList(() -> 1, null)));
            assertThatNullPointerException().isThrownBy(() -> Operators.on((ScopeOpener) null));
            assertThatNullPointerException().isThrownBy(() -> on.withName(null));
            assertThatNullPointerException().isThrownBy(() -> on.withOptions(null));
        }
    }
}
