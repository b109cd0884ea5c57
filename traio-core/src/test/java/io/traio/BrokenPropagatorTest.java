// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.spi.ContextPropagator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Three propagators of which any may throw, at any step: what was set is undone, and nothing is lost. */
@Spec("B5")
class BrokenPropagatorTest {

    /** The step at which a propagator throws. */
    private enum Broken {
        NEVER,
        CAPTURE,
        SET,
        RESTORE
    }

    /** What is thrown. */
    private enum Kind {
        /** An exception for each propagator. */
        OWN,
        /** The same exception by all. */
        SAME,
        /** An error for each. */
        ERROR,
        /** By a restorer: one whose cause is what the setting of another has thrown. */
        CHAINED
    }

    private final LogCapture log = new LogCapture();

    /** What the propagators of one round have done and thrown. */
    private static final class Round {

        final List<String> steps = Collections.synchronizedList(new ArrayList<>());
        final List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
        private final Kind kind;
        private final IllegalStateException same = new IllegalStateException("the same");

        Round(Kind kind) {
            this.kind = kind;
        }

        ContextPropagator propagator(int number, Broken broken) {
            return () -> {
                failIf(broken == Broken.CAPTURE, number);
                return () -> {
                    failIf(broken == Broken.SET, number);
                    steps.add("set " + number);
                    return () -> {
                        steps.add("restore " + number);
                        failIf(broken == Broken.RESTORE, number);
                    };
                };
            };
        }

        private void failIf(boolean broken, int number) {
            if (broken) {
                Throwable failure = failure(number);
                thrown.add(failure);
                throw Round.<RuntimeException>sneaky(failure);
            }
        }

        private Throwable failure(int number) {
            return switch (kind) {
                case OWN -> new IllegalStateException("propagator " + number);
                case SAME -> same;
                case ERROR -> new AssertionError("propagator " + number);
                case CHAINED ->
                    new IllegalStateException("propagator " + number, thrown.isEmpty() ? null : thrown.get(0));
            };
        }

        @SuppressWarnings("unchecked") // X is only ever RuntimeException
        private static <X extends Throwable> X sneaky(Throwable failure) throws X {
            throw (X) failure;
        }

        /** What was set is restored, in reverse. */
        void assertUndone() {
            List<String> set = steps.stream().filter(s -> s.startsWith("set")).toList();
            List<String> restored = new ArrayList<>(
                    steps.stream().filter(s -> s.startsWith("restore")).toList());
            Collections.reverse(restored);
            assertThat(restored)
                    .isEqualTo(
                            set.stream().map(s -> s.replace("set", "restore")).toList());
        }
    }

    private static List<Broken[]> orders() {
        List<Broken[]> orders = new ArrayList<>();
        for (Broken a : Broken.values()) {
            for (Broken b : Broken.values()) {
                for (Broken c : Broken.values()) {
                    orders.add(new Broken[] {a, b, c});
                }
            }
        }
        return orders;
    }

    private static int first(Broken[] order, Broken what) {
        return Arrays.asList(order).indexOf(what);
    }

    private ScopeFactory scopes(Harness harness, Round round, Broken[] order) {
        return harness.scopes(f -> {
            FactoryOptions options = f.withLogger(log.logger());
            for (int i = 0; i < order.length; i++) {
                options = options.withPropagator(round.propagator(i, order[i]));
            }
            return options;
        });
    }

    @EngineTest
    void anyPropagatorThrows_atAnyStep(Harness harness) {
        for (Kind kind : Kind.values()) {
            for (Broken[] order : orders()) {
                try {
                    check(harness, kind, order, null);
                } catch (AssertionError e) {
                    throw new AssertionError(kind + " " + Arrays.toString(order) + ": " + e.getMessage(), e);
                }
            }
        }
    }

    @EngineTest
    void anyPropagatorThrows_aroundATaskThatFails(Harness harness) {
        for (Broken[] order : orders()) {
            try {
                check(harness, Kind.OWN, order, new IllegalArgumentException("work"));
            } catch (AssertionError e) {
                throw new AssertionError(Arrays.toString(order) + ": " + e.getMessage(), e);
            }
        }
    }

    private void check(Harness harness, Kind kind, Broken[] order, @Nullable RuntimeException ofWork) {
        Round round = new Round(kind);
        ScopeFactory scopes = scopes(harness, round, order);
        AtomicBoolean ran = new AtomicBoolean();
        Throwable[] ofSpawn = new Throwable[1];
        Throwable thrown = catchThrowable(() -> scopes.run(
                "scope",
                scope -> ofSpawn[0] = catchThrowable(() -> scope.spawn("task", () -> {
                    ran.set(true);
                    if (ofWork != null) {
                        throw ofWork;
                    }
                    return "value";
                }))));

        round.assertUndone();
        boolean captured = first(order, Broken.CAPTURE) < 0;
        boolean set = captured && first(order, Broken.SET) < 0;
        assertThat(ran.get()).as("the work ran").isEqualTo(set);
        if (!captured) {
            assertThat(ofSpawn[0]).isSameAs(round.thrown.get(0));
            assertThat(thrown).isNull();
        } else if (!set) {
            assertThat(ofSpawn[0]).isNull();
            assertThat(thrown).isSameAs(round.thrown.get(0));
        } else {
            assertThat(ofSpawn[0]).isNull();
            assertThat(thrown).isSameAs(ofWork);
        }
        if (thrown != null) {
            FailureGraph.assertEachOnce(thrown);
        }
        for (Throwable failure : round.thrown) {
            boolean seen = FailureGraph.holds(thrown, failure)
                    || FailureGraph.holds(ofSpawn[0], failure)
                    || log.thrown(Level.ERROR).stream().anyMatch(logged -> FailureGraph.holds(logged, failure));
            assertThat(seen).as("%s is seen somewhere", failure).isTrue();
        }
    }

    @EngineTest
    void captureThrows_inAwaitAndTrySpawn_scopeEnds(Harness harness) {
        Round round = new Round(Kind.SAME);
        ScopeFactory scopes = scopes(harness, round, new Broken[] {Broken.NEVER, Broken.CAPTURE, Broken.NEVER});

        scopes.run("scope", s -> s.withMaxConcurrency(1).withOverflow(ScopeOptions.Overflow.REJECT), scope -> {
            for (int i = 0; i < 3; i++) {
                assertThat(catchThrowable(() -> scope.await("awaited", () -> 1)))
                        .isSameAs(round.same);
                assertThat(catchThrowable(() -> scope.trySpawn("tried", () -> 1, t -> t)))
                        .isSameAs(round.same);
            }
            assertThat(scope.snapshot().tasks()).isEmpty();
        });
        assertThat(round.steps).isEmpty();
    }

    /** The place that a task has taken is free again. */
    @EngineTest
    void captureThrowsOnce_underMaxConcurrency_nextTaskRuns(Harness harness) {
        AtomicBoolean broken = new AtomicBoolean(true);
        IllegalStateException failure = new IllegalStateException("capture");
        ScopeFactory scopes = harness.scopes(f -> f.withPropagator(() -> {
            if (broken.getAndSet(false)) {
                throw failure;
            }
            return null;
        }));

        int value = scopes.call("scope", s -> s.withMaxConcurrency(1), scope -> {
            assertThat(catchThrowable(() -> scope.spawn("first", () -> 1))).isSameAs(failure);
            return scope.spawn("second", () -> 2).join();
        });

        assertThat(value).isEqualTo(2);
    }

    @EngineTest
    void setThrows_forATaskThatDoesNotBubble_isLoggedAndOthersRun(Harness harness) {
        Round round = new Round(Kind.OWN);
        ScopeFactory scopes = scopes(harness, round, new Broken[] {Broken.NEVER, Broken.SET, Broken.NEVER});

        scopes.run("scope", scope -> scope.spawn("task", () -> 1, t -> t.withBubble(false)));

        assertThat(log.thrown(Level.WARN)).containsExactly(round.thrown.get(0));
        round.assertUndone();
    }
}
