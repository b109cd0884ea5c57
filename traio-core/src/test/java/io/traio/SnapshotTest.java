// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.traio.ScopeSnapshot.TaskSnapshot;
import io.traio.test.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code tasks()} tells of a living scope (S12). */
@Spec("S12")
class SnapshotTest {

    @EngineTest
    void tasks_ofEmptyScope_tellsOfTheScopeItself(ScopeFactory scopes, TestClock clock) {
        Instant opened = clock.now();
        scopes.run("mirror", s -> s.withTimeout(Duration.ofSeconds(10)), scope -> {
            clock.advance(Duration.ofSeconds(3));
            ScopeSnapshot snapshot = scope.snapshot();

            assertThat(snapshot.id()).isEqualTo(scope.id());
            assertThat(snapshot.name()).isEqualTo("mirror");
            assertThat(snapshot.state()).isEqualTo(Scope.State.OPEN);
            assertThat(snapshot.thread()).isEqualTo(Thread.currentThread().getName());
            assertThat(snapshot.openedAt()).isEqualTo(opened);
            assertThat(snapshot.age()).isEqualTo(Duration.ofSeconds(3));
            assertThat(snapshot.remaining()).isEqualTo(Duration.ofSeconds(7));
            assertThat(snapshot.tasks()).isEmpty();
            assertThat(snapshot.children()).isEmpty();
        });
    }

    @EngineTest(pool = 4)
    void tasks_spawnedByBodyAndByTasks_areThoseOfTheBodyFirst(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            CountDownLatch spawned = new CountDownLatch(1);
            scope.spawn("body 1", () -> {
                scope.spawn("task's", () -> Blocking.await(mayEnd));
                spawned.countDown();
                return Blocking.await(mayEnd);
            });
            Blocking.await(spawned);
            scope.spawn("body 2", () -> Blocking.await(mayEnd), t -> t.withAwaited(false));
            scope.spawn("body 3", () -> Blocking.await(mayEnd));

            assertThat(scope.snapshot().tasks())
                    .extracting(TaskSnapshot::name)
                    .startsWith("body 1")
                    .containsExactlyInAnyOrder("body 1", "body 2", "body 3", "task's")
                    .containsSubsequence("body 2", "body 3");
            mayEnd.countDown();
        });
    }

    @EngineTest
    void tasks_running_areShownInOrderWithFlagsAndAge(ScopeFactory scopes, TestClock clock) {
        CountDownLatch started = new CountDownLatch(2);
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            Task<?> first = scope.spawn("first", () -> {
                started.countDown();
                return Blocking.await(mayEnd);
            });
            Task<?> second = scope.spawn(
                    "second",
                    () -> {
                        started.countDown();
                        return Blocking.await(mayEnd);
                    },
                    t -> t.withMaster(true).withBubble(false).withAwaited(false));
            Blocking.await(started);
            clock.advance(Duration.ofSeconds(2));

            List<TaskSnapshot> tasks = scope.snapshot().tasks();

            assertThat(tasks).extracting(TaskSnapshot::name).containsExactly("first", "second");
            assertThat(tasks).extracting(TaskSnapshot::id).containsExactly(first.id(), second.id());
            assertThat(tasks).extracting(TaskSnapshot::status).containsOnly(Task.Status.RUNNING);
            assertThat(tasks).extracting(TaskSnapshot::age).containsOnly(Duration.ofSeconds(2));
            assertThat(tasks).extracting(TaskSnapshot::options).containsExactly(first.options(), second.options());
            assertThat(tasks).extracting(TaskSnapshot::thread).doesNotContainNull();
            mayEnd.countDown();
        });
    }

    @EngineTest
    void tasks_waitingForTheirTurn_areShownAsQueued(ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", s -> s.withMaxConcurrency(1), scope -> {
            scope.spawn("runs", () -> {
                started.countDown();
                return Blocking.await(mayEnd);
            });
            Blocking.await(started);
            scope.spawn("waits", () -> 1);

            TaskSnapshot waiting = scope.snapshot().tasks().get(1);

            assertThat(waiting.name()).isEqualTo("waits");
            assertThat(waiting.status()).isEqualTo(Task.Status.QUEUED);
            assertThat(waiting.age()).isEqualTo(Duration.ZERO);
            assertThat(waiting.thread()).isNull();
            mayEnd.countDown();
        });
    }

    @EngineTest
    void tasks_ended_areNotShown(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            for (int i = 0; i < 20; i++) {
                scope.spawn("task " + i, () -> 1).join();
            }
            Blocking.until(
                    "ended tasks are gone", () -> scope.snapshot().tasks().isEmpty());
        });
    }

    @EngineTest
    void children_areShownRecursively(ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run(
                "root",
                root -> scopes.run(
                        "child",
                        child -> scopes.run("grandchild", grandchild -> {
                            grandchild.spawn("deep", () -> {
                                started.countDown();
                                return Blocking.await(mayEnd);
                            });
                            Blocking.await(started);

                            ScopeSnapshot below =
                                    root.snapshot().children().get(0).children().get(0);

                            assertThat(below.name()).isEqualTo("grandchild");
                            assertThat(below.tasks())
                                    .extracting(TaskSnapshot::name)
                                    .containsExactly("deep");
                            mayEnd.countDown();
                        })));
    }

    @EngineTest
    void sharedChild_hasNoThread(ScopeFactory scopes) {
        scopes.run("root", root -> {
            scopes.openShared("first");
            scopes.openShared("second");

            List<ScopeSnapshot> children = root.snapshot().children();

            assertThat(children).extracting(ScopeSnapshot::name).containsExactly("first", "second");
            assertThat(children).extracting(ScopeSnapshot::thread).containsOnlyNulls();
        });
    }

    @EngineTest
    void cancelledTask_isShownAsCancelling(ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("stubborn", () -> {
                started.countDown();
                return Blocking.stubbornly(mayEnd);
            });
            Blocking.await(started);
            task.cancel();

            assertThat(scope.snapshot().tasks())
                    .extracting(TaskSnapshot::status)
                    .containsExactly(Task.Status.CANCELLING);
            mayEnd.countDown();
        });
    }

    @EngineTest
    void state_ofCompletedAndDyingScope_isShown(Harness harness, ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("shared");
        scope.spawn("stubborn", () -> {
            started.countDown();
            return Blocking.stubbornly(mayEnd);
        });
        Blocking.until("the task runs", () -> started.getCount() == 0);

        assertThat(scope.snapshot().state()).isEqualTo(Scope.State.OPEN);
        scope.complete();
        assertThat(scope.snapshot().state()).isEqualTo(Scope.State.COMPLETING);
        scope.cancel();
        assertThat(scope.snapshot().state()).isEqualTo(Scope.State.ENDING);
        mayEnd.countDown();
        scope.awaitDone();
        assertThat(scope.snapshot().state()).isEqualTo(Scope.State.CLOSED);
        assertThat(scope.snapshot().tasks()).isEmpty();
    }

    @EngineTest
    void remaining_noDeadline_isNull(ScopeFactory scopes) {
        scopes.run("run", scope -> assertThat(scope.snapshot().remaining()).isNull());
    }

    @EngineTest
    void factory_listsRootsInOrderOfOpening(ScopeFactory scopes, TestClock clock) {
        OpenScope[] opened = new OpenScope[20];
        for (int i = 0; i < opened.length; i++) {
            opened[i] = scopes.openShared("scope " + i);
        }

        // The test clock stands: they were opened at the same time, but one after the other.
        assertThat(scopes.scopes()).containsExactly((Scope[]) opened);

        for (OpenScope scope : opened) {
            scope.close();
        }
    }

    @EngineTest
    void factory_findsScopesByIdAtAnyDepth(ScopeFactory scopes) {
        scopes.run(
                "root",
                root -> scopes.run(
                        "child",
                        child -> scopes.run("grandchild", grandchild -> {
                            assertThat(scopes.find(root.id())).contains(root);
                            assertThat(scopes.find(child.id())).contains(child);
                            assertThat(scopes.find(grandchild.id())).contains(grandchild);
                            assertThat(scopes.find(-1)).isEmpty();
                            assertThat(scopes.find(Long.MAX_VALUE)).isEmpty();
                        })));
    }

    @EngineTest
    void tasks_takenWhileScopeIsBusy_neverFails(Harness harness, ScopeFactory scopes) {
        CountDownLatch stop = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("busy");
        Thread looker = harness.helper(() -> {
            while (stop.getCount() > 0) {
                ScopeSnapshot snapshot = scope.snapshot();
                assertThat(snapshot.tasks()).noneMatch(task -> task.age().isNegative());
                assertThat(snapshot.tasks()).extracting(TaskSnapshot::id).doesNotHaveDuplicates();
            }
        });
        for (int i = 0; i < 2_000; i++) {
            scope.spawn(() -> 1);
        }
        stop.countDown();
        Blocking.until("the looker has ended", () -> !looker.isAlive());
        scope.join();
    }

    @Test
    void snapshot_treeDeeperThanTheStack_hasAllOfIt() throws Exception {
        int levels = 5_000;
        try (ScopeFactory factory = ScopeFactory.create()) {
            OpenScope root = factory.openShared("root");
            OpenScope deepest = root;
            for (int i = 1; i < levels; i++) {
                deepest = deepest.fork().openShared("below");
            }
            AtomicReference<ScopeSnapshot> taken = new AtomicReference<>();
            Thread small = new Thread(null, () -> taken.set(root.snapshot()), "small", 160 * 1024);
            small.start();
            small.join();
            int found = 0;
            for (ScopeSnapshot s = taken.get();
                    s != null;
                    s = s.children().isEmpty() ? null : s.children().get(0)) {
                found++;
            }
            assertThat(found).isEqualTo(levels);
        }
    }

    @EngineTest(pool = 4)
    void limit_manyTasks_hasTheFirstAndCountsTheOthers(ScopeFactory scopes) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (OpenScope scope = scopes.openShared("wide", s -> s.withMaxConcurrency(1))) {
            for (int i = 0; i < 100; i++) {
                scope.spawn("task " + i, () -> end.await());
            }
            ScopeSnapshot snapshot = scope.snapshot(31);

            assertThat(snapshot.tasks())
                    .hasSize(30)
                    .extracting(TaskSnapshot::name)
                    .startsWith("task 0", "task 1")
                    .endsWith("task 29");
            assertThat(snapshot.omitted()).isEqualTo(70);
            assertThat(scope.snapshot(101).tasks()).hasSize(100);
            assertThat(scope.snapshot(101).omitted()).isZero();
            assertThat(scope.snapshot().omitted()).isZero();
            end.countDown();
        }
    }

    @EngineTest(pool = 4)
    void limit_wideScope_doesNotHideWhatIsDeep(ScopeFactory scopes) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (OpenScope wide = scopes.openShared("wide", s -> s.withMaxConcurrency(1))) {
            for (int i = 0; i < 100; i++) {
                wide.spawn(() -> end.await());
            }
            OpenScope child = wide.fork().openShared("child");
            child.fork().openShared("deep");
            for (int i = 0; i < 30; i++) {
                wide.fork().openShared("another");
            }
            ScopeSnapshot snapshot = wide.snapshot(60);

            assertThat(snapshot.children().get(0).children())
                    .extracting(ScopeSnapshot::name)
                    .containsExactly("deep");
            assertThat(snapshot.children()).hasSize(20);
            assertThat(snapshot.tasks()).hasSize(60 - 1 - 20 - 1);
            assertThat(snapshot.omitted()).isEqualTo(62 + 11);
            assertThat(snapshot.children().get(0).omitted()).isZero();
            end.countDown();
        }
    }

    @EngineTest
    void limit_ofOne_hasTheScopeOnly(ScopeFactory scopes) {
        try (OpenScope scope = scopes.openShared("parent")) {
            scope.fork().openShared("child");
            assertThat(scope.snapshot(1).children()).isEmpty();
            assertThat(scope.snapshot(1).omitted()).isEqualTo(1);
            assertThat(scope.snapshot(1)).asString().endsWith(", 1 more");
        }
    }

    @EngineTest
    void limit_lessThanOne_isRefused(ScopeFactory scopes) {
        try (OpenScope scope = scopes.openShared("parent")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> scope.snapshot(0))
                    .withMessageContaining("'parent'")
                    .withMessageContaining("at least 1: 0");
            assertThatIllegalArgumentException().isThrownBy(() -> scope.dump(-1));
        }
    }

    /** As many as are counted one by one, and more: the number that the scope knows. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void limit_verySmallBesideTheScope_knowsHowManyThereAre(boolean shared) {
        int tasks = 30_000;
        UnaryOperator<ScopeOptions> one = s -> s.withMaxConcurrency(1);
        CountDownLatch end = new CountDownLatch(1);
        try (ScopeFactory factory = ScopeFactory.create();
                OpenScope scope = shared ? factory.openShared("huge", one) : factory.open("huge", one)) {
            for (int i = 0; i < tasks; i++) {
                scope.spawn(() -> end.await());
            }
            assertThat(scope.snapshot(11).omitted()).isEqualTo(tasks - 10);
            scope.cancel();
            end.countDown();
        }
    }

    @Test
    void dump_thousandsOfTasks_hasStacksOfTheFirstThousand() throws Exception {
        int tasks = 1_200;
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(tasks);
        try (ScopeFactory factory = ScopeFactory.create();
                OpenScope scope = factory.openShared("many")) {
            for (int i = 0; i < tasks; i++) {
                scope.spawn(() -> {
                    started.countDown();
                    end.await();
                });
            }
            started.await();
            assertThat(scope.dump().tasks())
                    .hasSize(tasks)
                    .filteredOn(task -> !task.stack().isEmpty())
                    .hasSizeBetween(900, 1_000);
            end.countDown();
        }
    }
}
