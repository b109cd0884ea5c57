// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Who may spawn when (T10), and with what (T12). */
@Spec({"T10", "T12"})
class SpawnRulesTest {

    @EngineTest
    void spawn_onCompletedScopeFromItsTask_isAllowed(ScopeFactory scopes) {
        AtomicReference<Task<String>> late = new AtomicReference<>();

        scopes.run(
                "run",
                scope -> scope.spawn("task", () -> {
                    Blocking.until("the body has ended", () -> scope.state() == Scope.State.COMPLETING);
                    late.set(scope.spawn("late", () -> "value"));
                }));

        assertThat(late.get().join()).isEqualTo("value");
    }

    @EngineTest
    void spawn_onCompletedScopeFromScopeBelow_isAllowed(ScopeFactory scopes) {
        AtomicReference<Task<String>> late = new AtomicReference<>();

        scopes.run(
                "outer",
                outer -> outer.spawn(
                        "task",
                        () -> scopes.run("inner", inner -> {
                            Blocking.until("the body has ended", () -> outer.state() == Scope.State.COMPLETING);
                            late.set(outer.spawn("late", () -> "value"));
                        })));

        assertThat(late.get().join()).isEqualTo("value");
    }

    @EngineTest
    void spawn_onCompletedScopeFromOutside_isRefusedWithItsName(Harness harness, ScopeFactory scopes) throws Exception {
        AtomicReference<Thread> outside = new AtomicReference<>();

        scopes.run("mirror", scope -> {
            CountDownLatch refused = new CountDownLatch(1);
            scope.spawn("task", () -> Blocking.await(refused));
            outside.set(harness.helper(() -> {
                try {
                    Blocking.until("the body has ended", () -> scope.state() == Scope.State.COMPLETING);
                    assertThatIllegalStateException()
                            .isThrownBy(() -> scope.spawn("late", () -> 1))
                            .withMessageContaining("mirror");
                    assertThat(scope.trySpawn("late", () -> 1, t -> t)).isEmpty();
                } finally {
                    refused.countDown();
                }
            }));
        });

        outside.get().join();
    }

    @EngineTest
    void spawn_onDyingScope_isRefusedWithItsName(ScopeFactory scopes) {
        scopes.run("mirror", scope -> {
            scope.cancel();

            assertThatIllegalStateException()
                    .isThrownBy(() -> scope.spawn("late", () -> 1))
                    .withMessageContaining("mirror");
            assertThat(scope.trySpawn("late", () -> 1, t -> t)).isEmpty();
        });
    }

    @EngineTest
    void fault02_spawnOnDeadScope_isRefusedWithItsName(ScopeFactory scopes) {
        Scope dead = scopes.call("mirror", scope -> scope);

        assertThatIllegalStateException()
                .isThrownBy(() -> dead.spawn("late", () -> 1))
                .withMessageContaining("mirror");
        assertThatIllegalStateException().isThrownBy(() -> dead.await("late", () -> 1));
        assertThat(dead.trySpawn("late", () -> 1, t -> t)).isEmpty();
    }

    @EngineTest
    void spawn_byBackgroundTaskWhenNothingAwaitedIsLeft_isRefused(ScopeFactory scopes) {
        AtomicInteger refused = new AtomicInteger();

        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn(
                    "background",
                    () -> {
                        started.countDown();
                        Blocking.until("the scope ends", () -> scope.state() == Scope.State.ENDING);
                        Thread.interrupted();
                        assertThatIllegalStateException().isThrownBy(() -> scope.spawn("late", () -> 1));
                        refused.incrementAndGet();
                    },
                    t -> t.withAwaited(false).withInterruptOnCancel(false));
            Blocking.await(started);
        });

        assertThat(refused).hasValue(1);
    }

    @EngineTest
    void trySpawn_onOpenScope_spawns(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<String> task = scope.<String>trySpawn("task", () -> "value", t -> t.withMaster(false))
                    .orElseThrow();
            assertThat(task.join()).isEqualTo("value");
        });
    }

    @EngineTest
    void refusedSpawn_neverRuns(ScopeFactory scopes) {
        AtomicInteger ran = new AtomicInteger();

        scopes.run("run", scope -> {
            scope.cancel();
            for (int i = 0; i < 100; i++) {
                scope.trySpawn("late", ran::incrementAndGet, t -> t);
            }
        });

        assertThat(ran).hasValue(0);
    }

    @EngineTest
    void fault01_nullArguments_areRefusedAndNothingStarts(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Callable<Integer> callable = () -> 1;
            Action action = () -> {};
            UnaryOperator<TaskOptions> options = t -> t;
            TaskOptions.Change change = t -> t;
            List<ThrowingCallable> calls = List.of(
                    () -> scope.spawn((Callable<Integer>) null),
                    () -> scope.spawn((Action) null),
                    () -> scope.spawn(null, callable),
                    () -> scope.spawn(null, action),
                    () -> scope.spawn("task", (Callable<Integer>) null),
                    () -> scope.spawn("task", (Action) null),
                    () -> scope.spawn(null, callable, options),
                    () -> scope.spawn(null, action, change),
                    () -> scope.spawn("task", (Callable<Integer>) null, options),
                    () -> scope.spawn("task", (Action) null, change),
                    () -> scope.spawn("task", callable, null),
                    () -> scope.spawn("task", action, (TaskOptions.Change) null),
                    () -> scope.spawn("task", callable, t -> null),
                    () -> scope.spawn("task", action, t -> null),
                    () -> scope.trySpawn(null, callable, options),
                    () -> scope.trySpawn("task", (Callable<Integer>) null, options),
                    () -> scope.trySpawn("task", callable, null),
                    () -> scope.trySpawn("task", callable, t -> null),
                    () -> scope.await((Callable<Integer>) null),
                    () -> scope.await(null, callable),
                    () -> scope.await("task", null));

            for (ThrowingCallable call : calls) {
                assertThatNullPointerException().isThrownBy(call);
            }
            assertThat(scope.snapshot().tasks()).isEmpty();
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void fault01_nullArgumentsOnDeadScope_areRefusedAsNull(ScopeFactory scopes) {
        Scope dead = scopes.call("call", scope -> scope);

        assertThatNullPointerException().isThrownBy(() -> dead.spawn("task", (Callable<Integer>) null));
        assertThatNullPointerException().isThrownBy(() -> dead.trySpawn("task", null, t -> t));
    }

    @EngineTest
    void fault01_nullArgumentsOfOpening_areRefusedAndNothingIsOpened(ScopeFactory scopes) {
        UnaryOperator<ScopeOptions> options = s -> s;
        List<ThrowingCallable> calls = List.of(
                () -> scopes.run(null, scope -> {}),
                () -> scopes.run("run", null),
                () -> scopes.run("run", null, scope -> {}),
                () -> scopes.run("run", options, null),
                () -> scopes.run("run", s -> null, scope -> {}),
                () -> scopes.call(null, scope -> 1),
                () -> scopes.call("call", null),
                () -> scopes.call("call", null, scope -> 1),
                () -> scopes.call("call", options, null),
                () -> scopes.open(null),
                () -> scopes.open("open", null),
                () -> scopes.open("open", s -> null),
                () -> scopes.openShared(null),
                () -> scopes.openShared("shared", null),
                () -> scopes.openShared("shared", s -> null));

        for (ThrowingCallable call : calls) {
            assertThatNullPointerException().isThrownBy(call);
        }
        assertThat(scopes.scopes()).isEmpty();
        assertThat(Scope.current()).isEmpty();
    }

    @Test
    void fault01_nullArgumentsOfFactory_areRefused() {
        FactoryOptions options = FactoryOptions.DEFAULT;
        List<ThrowingCallable> calls = List.of(
                () -> ScopeFactory.create(null),
                () -> ScopeFactory.create(f -> null),
                () -> options.withDefaults(null),
                () -> options.withDefaults(s -> null),
                () -> options.withExecutor(null),
                () -> options.withThreadFactory(null),
                () -> options.withTimeSource(null),
                () -> options.withLogger(null),
                () -> options.withListener(null),
                () -> options.withPropagator(null),
                () -> ScopeOptions.DEFAULT.withOverflow(null),
                () -> ScopeOptions.DEFAULT.withLogger(null));

        for (ThrowingCallable call : calls) {
            assertThatNullPointerException().isThrownBy(call);
        }
        try (ScopeFactory scopes = ScopeFactory.create()) {
            assertThatNullPointerException().isThrownBy(() -> scopes.drain(null));
        }
    }

    @EngineTest
    void optionsFunction_throws_nothingIsOpenedOrStarted(ScopeFactory scopes) {
        assertThatIllegalStateException().isThrownBy(() -> scopes.run("run", s -> fail(), scope -> {}));
        scopes.run("run", scope -> {
            assertThatIllegalStateException().isThrownBy(() -> scope.spawn("task", () -> 1, t -> fail()));
            assertThat(scope.snapshot().tasks()).isEmpty();
        });
        assertThat(scopes.scopes()).isEmpty();
    }

    private static <T> T fail() {
        throw new IllegalStateException("options");
    }

    @EngineTest
    void ids_areUnique(ScopeFactory scopes) {
        Set<Long> ids = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            scopes.run("run", scope -> {
                assertThat(ids.add(scope.id())).isTrue();
                for (int j = 0; j < 10; j++) {
                    assertThat(ids.add(scope.spawn(() -> 1).id())).isTrue();
                }
                assertThat(scope.id()).isEqualTo(scope.id());
            });
        }
        assertThat(ids).hasSize(110);
    }

    @EngineTest
    void fault19_hundredThousandTasksInOneScope_end(Harness harness) {
        ScopeFactory scopes = harness.unwatched();
        int count = harness.threads() == EngineTest.Threads.FACTORY ? 10_000 : 100_000;
        AtomicInteger ran = new AtomicInteger();

        scopes.run("run", s -> s.withMaxConcurrency(harness.threads() == EngineTest.Threads.POOL ? 0 : 64), scope -> {
            for (int i = 0; i < count; i++) {
                scope.spawn(ran::incrementAndGet);
            }
        });

        assertThat(ran).hasValue(count);
    }

    @EngineTest(on = EngineTest.Threads.POOL)
    void fault19_hundredThousandTasksFailOrAreCancelled_end(ScopeFactory scopes) {
        AtomicInteger ran = new AtomicInteger();
        List<Task<?>> tasks = new ArrayList<>();

        scopes.run("run", scope -> {
            CountDownLatch mayEnd = new CountDownLatch(1);
            for (int i = 0; i < 2; i++) {
                scope.spawn("blocks the pool", () -> Blocking.await(mayEnd));
            }
            for (int i = 0; i < 100_000; i++) {
                tasks.add(scope.spawn(ran::incrementAndGet));
            }
            scope.cancel();
        });

        assertThat(tasks).allMatch(Task::isDone);
        assertThat(ran.get() + tasks.stream().filter(Task::isCancelled).count()).isEqualTo(100_000);
    }

    @Test
    void fault01_cancelTimeoutNull_isRefused() {
        assertThatNullPointerException()
                .isThrownBy(() -> TaskOptions.DEFAULT.withCancelTimeout(null))
                .withMessageContaining("cancelTimeout");
    }
}
