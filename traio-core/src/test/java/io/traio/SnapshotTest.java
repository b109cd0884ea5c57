// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.ScopeSnapshot.TaskSnapshot;
import io.traio.test.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

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
