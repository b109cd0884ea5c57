// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.test.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A race with a delay between the starts (B3). */
@Spec("B3")
class HedgeTest {

    private static final Duration DELAY = Duration.ofMillis(100);

    private final AtomicInteger started = new AtomicInteger();

    private Callable<String> fast(String value) {
        return () -> {
            started.incrementAndGet();
            return value;
        };
    }

    private Callable<String> slow() {
        return () -> {
            started.incrementAndGet();
            Blocking.forever();
            return "never";
        };
    }

    @EngineTest
    void hedge_firstIsFast_startsNoOther(ScopeFactory scopes, TestClock clock) {
        assertThat(Operators.on(scopes).hedge(DELAY, fast("first"), fast("second")))
                .isEqualTo("first");
        assertThat(started).hasValue(1);
    }

    @EngineTest
    void hedge_firstIsSlow_startsTheNextAfterTheDelay(Harness harness, ScopeFactory scopes, TestClock clock) {
        harness.helper(() -> {
            Blocking.until("the delay is waited for", () -> clock.pendingAlarms() > 0);
            assertThat(started).hasValueLessThanOrEqualTo(1);
            clock.advance(DELAY);
        });

        assertThat(Operators.on(scopes).hedge(DELAY, slow(), fast("second"))).isEqualTo("second");
    }

    @EngineTest
    void hedge_firstFails_startsTheNextAtOnce(ScopeFactory scopes, TestClock clock) {
        Callable<String> fails = () -> {
            throw new IllegalStateException("first");
        };
        assertThat(Operators.on(scopes).hedge(DELAY, fails, fast("second"))).isEqualTo("second");
    }

    @EngineTest
    void hedge_allFail_throwsTheFirst(ScopeFactory scopes, TestClock clock) {
        List<Exception> failures = List.of(new IllegalStateException("a"), new IllegalArgumentException("b"));
        List<Callable<String>> attempts = new ArrayList<>();
        failures.forEach(failure -> attempts.add(() -> {
            throw failure;
        }));

        assertThatThrownBy(() -> Operators.on(scopes).hedge(n -> DELAY, attempts))
                .isSameAs(failures.get(0))
                .satisfies(e -> assertThat(e.getSuppressed()).contains(failures.get(1)));
    }

    @EngineTest
    void hedge_delayPerAttempt_isAskedForBeforeEach(Harness harness, ScopeFactory scopes, TestClock clock) {
        List<Integer> asked = Collections.synchronizedList(new ArrayList<>());
        harness.helper(() -> {
            for (int attempt = 1; attempt < 3; attempt++) {
                Duration delay = DELAY.multipliedBy(attempt);
                int begun = attempt;
                Blocking.until("the delay is waited for", () -> asked.size() == begun && clock.pendingAlarms() > 0);
                clock.advance(delay);
            }
        });
        List<Callable<String>> attempts = List.of(slow(), slow(), fast("third"));

        String value = Operators.on(scopes)
                .hedge(
                        n -> {
                            asked.add(n);
                            return DELAY.multipliedBy(n);
                        },
                        attempts);

        assertThat(value).isEqualTo("third");
        assertThat(asked).containsExactly(1, 2);
    }

    @EngineTest(pool = 3)
    void hedge_noDelay_isARace(ScopeFactory scopes) {
        CountDownLatch both = new CountDownLatch(2);
        Callable<Boolean> together = () -> {
            both.countDown();
            return Blocking.await(both);
        };
        assertThat(Operators.on(scopes).hedge(Duration.ZERO, together, together))
                .isTrue();
    }

    @EngineTest
    void hedge_delaysThrow_throwsThat(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("no delay");
        assertThatThrownBy(() -> Operators.on(scopes)
                        .hedge(
                                n -> {
                                    throw failure;
                                },
                                List.of(slow(), slow())))
                .isSameAs(failure);
    }

    @EngineTest
    void hedge_whileItRuns_showsAsHedge(ScopeFactory scopes) {
        String kind = scopes.call(
                "outer",
                outer -> Operators.onCurrent()
                        .hedge(DELAY, () -> outer.snapshot().children().get(0).kind(), () -> "late"));
        assertThat(kind).isIn("hedge", "late");
    }

    @Test
    void hedge_badDelay_isRefused() {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            Operators on = Operators.on(scopes);
            assertThatIllegalArgumentException().isThrownBy(() -> on.hedge(Duration.ofMillis(-1), slow(), slow()));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> on.hedge(n -> Duration.ofMillis(-1), List.of(slow(), slow())));
            assertThatNullPointerException().isThrownBy(() -> on.hedge(n -> null, List.of(slow(), slow())));
            assertThatIllegalArgumentException().isThrownBy(() -> on.hedge(n -> DELAY, List.of()));
        }
    }
}
