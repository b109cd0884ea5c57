// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What becomes of values that no caller gets (B3, B9). */
@Spec("B3")
class DiscardTest {

    private record Connection(String to) implements AutoCloseable {
        @Override
        public void close() {}
    }

    private final Queue<Object> discarded = new ConcurrentLinkedQueue<>();

    private Operators discarding(ScopeFactory scopes) {
        return Operators.on(scopes).onDiscard(Connection.class, discarded::add);
    }

    /** A connection that is made although its task has been cancelled. */
    private static Connection late(CountDownLatch runs, String to) {
        runs.countDown();
        try {
            Blocking.forever();
        } catch (InterruptedException e) {
            // It is there by now.
        }
        return new Connection(to);
    }

    @EngineTest
    void race_valueOfALoser_isDiscardedBeforeTheRaceReturns(ScopeFactory scopes) {
        CountDownLatch runs = new CountDownLatch(1);
        Connection winner = discarding(scopes).race(() -> late(runs, "loser"), () -> {
            Blocking.await(runs);
            return new Connection("winner");
        });

        assertThat(winner.to()).isEqualTo("winner");
        assertThat(discarded).containsExactly(new Connection("loser"));
    }

    @EngineTest
    void race_sameInstanceFromBoth_isNotDiscarded(ScopeFactory scopes) {
        Connection shared = new Connection("shared");
        for (int i = 0; i < 100; i++) {
            assertThat(discarding(scopes).race(() -> shared, () -> shared)).isSameAs(shared);
        }
        assertThat(discarded).isEmpty();
    }

    @EngineTest
    void race_withoutHook_closesNothing(ScopeFactory scopes) {
        CountDownLatch runs = new CountDownLatch(1);
        Operators.on(scopes)
                .onDiscard(String.class, discarded::add)
                .race(() -> late(runs, "loser"), () -> Blocking.await(runs));
        assertThat(discarded).isEmpty();
    }

    @EngineTest
    void race_severalHooks_theFirstThatFitsIsCalled(ScopeFactory scopes) {
        CountDownLatch runs = new CountDownLatch(1);
        Operators.on(scopes)
                .onDiscard(Connection.class, c -> discarded.add(c.to()))
                .onDiscard(AutoCloseable.class, discarded::add)
                .<Object>race(() -> late(runs, "loser"), () -> Blocking.await(runs));
        assertThat(discarded).containsExactly("loser");
    }

    @EngineTest
    void race_straggles_discardsTheWinnerAndWhatComesLate(ScopeFactory scopes) {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch runs = new CountDownLatch(1);
        Operators racing = discarding(scopes).withOptions(s -> s.withCancelTimeout(Duration.ofMillis(50)));
        assertThatExceptionOfType(StragglerException.class)
                .isThrownBy(() -> racing.race(
                        () -> {
                            runs.countDown();
                            Blocking.stubbornly(release);
                            return new Connection("late");
                        },
                        () -> {
                            Blocking.await(runs);
                            return new Connection("winner");
                        }));

        assertThat(discarded).containsExactly(new Connection("winner"));
        release.countDown();
        Blocking.until("the late value is discarded", () -> discarded.contains(new Connection("late")));
    }

    @EngineTest
    void race_hookThrows_isLoggedAndTheValueIsReturned(Harness harness) {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));
        RuntimeException failure = new IllegalStateException("cannot close");
        CountDownLatch runs = new CountDownLatch(1);
        Object winner = Operators.on(scopes)
                .onDiscard(Connection.class, c -> {
                    throw failure;
                })
                .<Object>race(() -> late(runs, "loser"), () -> Blocking.await(runs));

        assertThat(winner).isEqualTo(true);
        assertThat(log.thrown(Level.ERROR)).containsExactly(failure);
    }

    @EngineTest
    void all_oneFails_discardsTheOtherValues(ScopeFactory scopes) {
        CountDownLatch made = new CountDownLatch(1);
        RuntimeException failure = new IllegalStateException("failed");
        assertThatThrownBy(() -> discarding(scopes)
                        .all(
                                () -> {
                                    made.countDown();
                                    return new Connection("a");
                                },
                                () -> {
                                    Blocking.await(made);
                                    throw failure;
                                },
                                (a, b) -> a))
                .isSameAs(failure);
        assertThat(discarded).containsExactly(new Connection("a"));
    }

    @EngineTest
    void all_succeed_discardsNothing(ScopeFactory scopes) {
        discarding(scopes).all(() -> new Connection("a"), () -> new Connection("b"), (a, b) -> a);
        assertThat(discarded).isEmpty();
    }

    @EngineTest
    void mapAll_oneFails_discardsTheOtherValues(ScopeFactory scopes) {
        assertThatThrownBy(() -> discarding(scopes).mapAll(java.util.List.of("a", "b", "c"), 1, to -> {
                    if (to.equals("c")) {
                        throw new IllegalStateException("failed");
                    }
                    return new Connection(to);
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(discarded).containsExactly(new Connection("a"), new Connection("b"));
    }

    @Test
    void onDiscard_null_isRefused() {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            assertThatNullPointerException()
                    .isThrownBy(() -> Operators.on(scopes).onDiscard(null, v -> {}));
            assertThatNullPointerException()
                    .isThrownBy(() -> Operators.on(scopes).onDiscard(String.class, null));
        }
    }
}
