// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.EngineTest.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/** Scopes that were opened as a resource and never closed (B8). */
@Spec("B8")
class LeakedScopeTest {

    private final LogCapture log = new LogCapture();

    private ScopeFactory scopes(Harness harness) {
        return harness.scopes(
                f -> f.withLogger(log.logger()).withDefaults(s -> s.withCancelTimeout(Duration.ofMillis(20))));
    }

    /** What was logged of the forgotten scope, at warn or above. */
    private List<String> reports() {
        return Stream.concat(log.messages(Level.WARN).stream(), log.messages(Level.ERROR).stream())
                .filter(message -> message.contains("'forgotten'"))
                .toList();
    }

    private static int places(String report) {
        return report.split("LeakedScopeTest\\.java:\\d+", -1).length - 1;
    }

    /** As a scheduled method that was written without a close. */
    private static OpenScope forgetful(ScopeFactory scopes) {
        return scopes.open("forgotten");
    }

    // ---- for which scopes places are recorded ----

    private ScopeFactory scopes(Harness harness, LeakDetection level) {
        return harness.scopes(f -> f.withLogger(log.logger())
                .withLeakDetection(level)
                .withDefaults(s -> s.withCancelTimeout(Duration.ofMillis(20))));
    }

    private static void leakOnAThread(Harness harness, ScopeFactory scopes, int times) throws InterruptedException {
        Aside.run(harness, () -> {
                    for (int i = 0; i < times; i++) {
                        forgetful(scopes);
                    }
                })
                .value();
    }

    @EngineTest(on = Threads.DEFAULT)
    void off_ownerEnds_isReportedWhenTheFactoryCloses(Harness harness) throws InterruptedException {
        ScopeFactory scopes = scopes(harness, LeakDetection.OFF);
        leakOnAThread(harness, scopes, 3);
        // All of them, and not one by one: nobody looks, and no place is known.
        assertThat(reports()).isEmpty();

        scopes.close();

        assertThat(reports()).hasSize(3).allMatch(report -> report.contains("not recorded") && places(report) == 0);
    }

    /** The third is opened where the second was, which was recorded, since it was opened inside the first. */
    @EngineTest(on = Threads.DEFAULT)
    void sampled_openedAgainAndAgain_isReportedWithBothPlacesFromTheThirdOn(Harness harness)
            throws InterruptedException {
        ScopeFactory scopes = scopes(harness, LeakDetection.SAMPLED);
        leakOnAThread(harness, scopes, 3);
        assertThat(reports()).anyMatch(report -> places(report) == 2);
        scopes.close();
    }

    @EngineTest(on = Threads.DEFAULT)
    void sampled_afterTheFirstLeak_allAreRecorded(Harness harness) throws InterruptedException {
        ScopeFactory scopes = scopes(harness, LeakDetection.SAMPLED);
        leakOnAThread(harness, scopes, 1);
        Briefly.until("the first is reported", () -> !reports().isEmpty());
        leakOnAThread(harness, scopes, 1);
        Briefly.until("the second is reported", () -> reports().size() == 2);
        assertThat(places(reports().get(1))).isOne();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void factoryIsClosed_leakedScopeIsNoLongerCurrent(Harness harness) throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        CountDownLatch opened = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Aside<Boolean> leaker = Aside.call(harness, () -> {
            forgetful(scopes);
            opened.countDown();
            Briefly.stubbornly(closed);
            return Scope.current().isEmpty();
        });
        Briefly.await(opened);

        scopes.close();

        closed.countDown();
        assertThat(leaker.value()).isTrue();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void factoryIsClosed_anotherFactoryOpensScopesOnTheThreadOfTheLeak(Harness harness) throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        ScopeFactory others = harness.scopes(f -> f);
        CountDownLatch opened = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Aside<Integer> leaker = Aside.call(harness, () -> {
            forgetful(scopes);
            opened.countDown();
            Briefly.stubbornly(closed);
            return others.call("other", other -> {
                assertThat(other.parent()).isEmpty();
                return other.spawn("task", () -> 1).join();
            });
        });
        Briefly.await(opened);

        scopes.close();

        closed.countDown();
        assertThat(leaker.value()).isEqualTo(1);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void factoryIsClosed_ownerClosesTheLeakedScope_hasNoInterruptOfIt(Harness harness) throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        CountDownLatch opened = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Aside<Boolean> leaker = Aside.call(harness, () -> {
            OpenScope scope = forgetful(scopes);
            opened.countDown();
            Blocking.spinUntil("the factory is closed", () -> closed.getCount() == 0);
            scope.close();
            return Thread.currentThread().isInterrupted();
        });
        Briefly.await(opened);

        scopes.close();

        closed.countDown();
        assertThat(leaker.value()).isFalse();
    }

    /** The owner is late, and closes its scope just as the factory takes it for leaked. */
    @EngineTest
    void factoryIsClosed_asALateOwnerClosesItsScopes_leavesNoneCurrent(Harness harness) throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            ScopeFactory scopes = harness.scopes(f -> f.withDefaults(s -> s.withCancelTimeout(Duration.ofMillis(1))));
            CountDownLatch opened = new CountDownLatch(1);
            Thread closer = harness.helper(() -> {
                Blocking.await(opened);
                scopes.close();
            });
            long busyNanos = 9_900_000 + round * 5_000L;
            try (OpenScope root = scopes.open("root")) {
                catchThrowable(() -> scopes.run("body", body -> {
                    try (OpenScope inner = scopes.open("inner")) {
                        opened.countDown();
                        long since = System.nanoTime();
                        Blocking.spinUntil("it is late", () -> System.nanoTime() - since > busyNanos);
                    }
                }));
            } catch (RuntimeException e) {
                assertThat(e).isInstanceOf(ScopeCancelledException.class);
            }
            assertThat(Scope.current()).as("round %d", round).isEmpty();
            closer.join();
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void joinedButNotClosed_isNotCurrent(ScopeFactory scopes) {
        OpenScope scope = scopes.open("joined");
        scope.spawn("task", () -> 1);
        scope.join();

        assertThat(Scope.current()).isEmpty();
        scopes.run("next", next -> assertThat(next.parent()).isEmpty());
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void threadEnds_leakIsReportedWithItsPlaceAndTheScopeEnds(Harness harness) throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        harness.helper(() -> forgetful(scopes)).join();

        Briefly.until("the leak is reported", () -> {
            scopes.run("another", another -> {});
            return !reports().isEmpty();
        });

        assertThat(reports()).first().asString().contains("LeakedScopeTest.forgetful(LeakedScopeTest.java:");
        Briefly.until("the scope is gone", () -> scopes.scopes().isEmpty());
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void threadEnds_tasksOfTheLeakedScopeAreCancelled(Harness harness) throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        CountDownLatch interrupted = new CountDownLatch(1);
        harness.helper(() -> forgetful(scopes).spawn("task", () -> {
                    try {
                        return Briefly.untilInterrupted();
                    } finally {
                        interrupted.countDown();
                    }
                }))
                .join();

        Briefly.until("the leak is reported", () -> {
            scopes.run("another", another -> {});
            return !reports().isEmpty();
        });
        Briefly.await(interrupted);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void methodForgetsToClose_runsAgainOnTheSameThread_isReportedWithBothPlaces(Harness harness)
            throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        Aside<List<OpenScope>> scheduler = Aside.call(harness, () -> {
            List<OpenScope> opened = new ArrayList<>();
            for (int run = 0; run < 3; run++) {
                opened.add(forgetful(scopes));
            }
            for (int run = 2; run >= 0; run--) {
                opened.get(run).close();
            }
            return opened;
        });

        assertThat(scheduler.value()).allMatch(scope -> scope.state() == Scope.State.CLOSED);
        assertThat(reports()).hasSize(2).allMatch(report -> places(report) >= 2);
    }

    /** Each level opens its scope at the same place; that is no leak. */
    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void recursion_opensAtTheSamePlace_isNotReported(Harness harness) {
        ScopeFactory scopes = scopes(harness);

        descend(scopes, 60);

        assertThat(reports()).isEmpty();
    }

    private static void descend(ScopeFactory scopes, int levels) {
        try (OpenScope scope = scopes.open("forgotten")) {
            if (levels > 0) {
                descend(scopes, levels - 1);
            }
            assertThat(Scope.current()).contains(scope);
            scope.join();
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void taskForgetsToClose_isReportedWhenTheTaskEnds(Harness harness) {
        ScopeFactory scopes = scopes(harness);
        Throwable thrown = catchThrowable(() -> scopes.run(
                "outer",
                outer -> outer.spawn("task", () -> {
                    forgetful(scopes);
                })));

        assertThat(thrown)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'forgotten'")
                .hasMessageContaining("LeakedScopeTest.java:");
    }

    // ---- what is no leak ----

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void resourcesNestedInOneMethod_areNoLeak(Harness harness) {
        ScopeFactory scopes = scopes(harness);
        try (OpenScope outer = scopes.open("forgotten")) {
            try (OpenScope inner = scopes.open("inner")) {
                assertThat(inner.parent()).contains(outer);
                inner.join();
            }
            outer.join();
        }

        assertThat(reports()).isEmpty();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void scopeOpenedByAMethodAndClosedByItsCaller_isNoLeak(Harness harness) {
        ScopeFactory scopes = scopes(harness);
        try (OpenScope outer = forgetful(scopes);
                OpenScope inner = scopes.open("inner")) {
            assertThat(inner.parent()).contains(outer);
            inner.join();
        }

        assertThat(reports()).isEmpty();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void scopesOneAfterTheOther_areNoLeak(Harness harness) {
        ScopeFactory scopes = scopes(harness);
        for (int run = 0; run < 3; run++) {
            try (OpenScope scope = forgetful(scopes)) {
                scope.spawn("task", () -> 1);
                scope.join();
            }
        }

        assertThat(reports()).isEmpty();
    }
}
