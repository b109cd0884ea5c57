// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.traio.EngineTest.Threads;
import io.traio.spi.ContextPropagator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.MDC;

/** Context goes from the spawner to the task and nowhere else (B5, S10). */
@Spec({"B5", "S10"})
class ContextTest {

    private final List<String> steps = new ArrayList<>();

    /** Carries one thread local; notes its steps. */
    private ContextPropagator carrying(String name, ThreadLocal<String> local) {
        return () -> {
            String captured = local.get();
            return () -> {
                String before = local.get();
                local.set(captured);
                steps.add("set " + name);
                return () -> {
                    steps.add("restore " + name);
                    if (before == null) {
                        local.remove();
                    } else {
                        local.set(before);
                    }
                };
            };
        };
    }

    /** Runs everything on one thread that outlives the scopes; the steps of one task come one after the other. */
    private static ScopeFactory onPool(Harness harness, Executor pool, ContextPropagator... propagators) {
        return harness.scopes(f -> {
            FactoryOptions options = f.withExecutor(pool).withCompensation(false);
            for (ContextPropagator propagator : propagators) {
                options = options.withPropagator(propagator);
            }
            return options;
        });
    }

    private static void onThreadOf(Executor pool, Harness.Piece piece) {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(1);
        pool.execute(() -> {
            try {
                piece.run();
            } catch (Throwable e) {
                thrown.set(e);
            } finally {
                done.countDown();
            }
        });
        Blocking.until("the pool's thread has looked", () -> done.getCount() == 0);
        assertThat(thrown.get()).isNull();
    }

    @EngineTest
    void context_ofSpawner_isThereInTheTask(Harness harness) {
        ThreadLocal<String> local = new ThreadLocal<>();
        ScopeFactory scopes = harness.scopes(f -> f.withPropagator(carrying("a", local)));
        local.set("spawner's");

        String seen = scopes.call("run", scope -> scope.spawn(local::get).join());

        assertThat(seen).isEqualTo("spawner's");
        assertThat(local.get()).isEqualTo("spawner's");
        local.remove();
    }

    @EngineTest
    void context_isCapturedAtSpawnAndNotAtStart(Harness harness) {
        ThreadLocal<String> local = new ThreadLocal<>();
        ScopeFactory scopes = harness.scopes(f -> f.withPropagator(carrying("a", local)));

        String seen = scopes.call("run", s -> s.withMaxConcurrency(1), scope -> {
            CountDownLatch go = new CountDownLatch(1);
            scope.spawn(() -> Blocking.await(go));
            local.set("at spawn");
            Task<String> task = scope.spawn(local::get);
            local.set("later");
            go.countDown();
            return task.join();
        });

        assertThat(seen).isEqualTo("at spawn");
        local.remove();
    }

    @EngineTest(on = Threads.DEFAULT)
    void context_several_areSetInOrderAndRestoredInReverse(Harness harness) {
        ScopeFactory scopes = onPool(
                harness,
                harness.pool(1),
                carrying("a", new ThreadLocal<>()),
                () -> null,
                carrying("b", new ThreadLocal<>()),
                carrying("c", new ThreadLocal<>()));

        scopes.run("run", scope -> scope.spawn(() -> steps.add("task")));

        assertThat(steps).containsExactly("set a", "set b", "set c", "task", "restore c", "restore b", "restore a");
    }

    @EngineTest(on = Threads.DEFAULT)
    void fault16_accessorThrowsWhileSetting_valuesSetBeforeAreUndoneAndTaskFails(Harness harness) {
        Executor pool = harness.pool(1);
        ThreadLocal<String> local = new ThreadLocal<>();
        IllegalStateException failure = new IllegalStateException("accessor");
        ScopeFactory scopes = onPool(
                harness,
                pool,
                carrying("a", local),
                carrying("b", new ThreadLocal<>()),
                () -> () -> {
                    throw failure;
                },
                carrying("d", new ThreadLocal<>()));
        AtomicBoolean ran = new AtomicBoolean();
        local.set("spawner's");

        assertThatThrownBy(() -> scopes.run("run", scope -> scope.spawn(() -> ran.set(true))))
                .isSameAs(failure);

        assertThat(ran).isFalse();
        assertThat(steps).containsExactly("set a", "set b", "restore b", "restore a");
        onThreadOf(pool, () -> assertThat(local.get()).isNull());
        local.remove();
    }

    @EngineTest(on = Threads.DEFAULT)
    void fault16_accessorThrowsWhileSettingAndAnotherWhileUndoing_bothAreReported(Harness harness) {
        IllegalStateException failure = new IllegalStateException("setting");
        IllegalStateException second = new IllegalStateException("undoing");
        ScopeFactory scopes = onPool(
                harness,
                harness.pool(1),
                carrying("a", new ThreadLocal<>()),
                () -> () -> () -> {
                    throw second;
                },
                () -> () -> {
                    throw failure;
                });

        assertThatThrownBy(() -> scopes.run("run", scope -> scope.spawn(() -> 1)))
                .isSameAs(failure)
                .hasSuppressedException(second);

        assertThat(steps).containsExactly("set a", "restore a");
    }

    @EngineTest(on = Threads.DEFAULT)
    void fault17_accessorThrowsWhileRestoring_othersAreRestoredAndOutcomeStands(Harness harness) {
        LogCapture log = new LogCapture();
        Executor pool = harness.pool(1);
        ThreadLocal<String> local = new ThreadLocal<>();
        IllegalStateException failure = new IllegalStateException("restoring");
        ContextPropagator throwing = () -> () -> () -> {
            throw failure;
        };
        ContextPropagator first = carrying("a", local);
        ScopeFactory scopes = harness.scopes(f -> f.withExecutor(pool)
                .withCompensation(false)
                .withLogger(log.logger())
                .withPropagator(first)
                .withPropagator(throwing));
        local.set("spawner's");

        String value = scopes.call("run", scope -> scope.spawn(() -> "value").join());

        assertThat(value).isEqualTo("value");
        onThreadOf(pool, () -> assertThat(local.get()).isNull());
        assertThat(steps).containsExactly("set a", "restore a");
        assertThat(log.thrown(Level.ERROR)).containsExactly(failure);
        local.remove();
    }

    @EngineTest(on = Threads.DEFAULT)
    void fault17_onlyAccessorThrowsWhileRestoring_outcomeStands(Harness harness) {
        LogCapture log = new LogCapture();
        IllegalStateException failure = new IllegalStateException("restoring");
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger())
                .withPropagator(() -> () -> () -> {
                    throw failure;
                }));

        scopes.run("run", scope -> scope.spawn(() -> 1));

        assertThat(log.thrown(Level.ERROR)).containsExactly(failure);
    }

    @EngineTest(on = Threads.DEFAULT)
    void context_captureThrows_spawnThrowsAndNothingStarts(Harness harness) {
        IllegalStateException failure = new IllegalStateException("capturing");
        ScopeFactory scopes = harness.scopes(f -> f.withPropagator(() -> {
            throw failure;
        }));
        AtomicBoolean ran = new AtomicBoolean();

        scopes.run("run", scope -> {
            assertThatThrownBy(() -> scope.spawn(() -> ran.set(true))).isSameAs(failure);
            assertThat(scope.snapshot().tasks()).isEmpty();
        });

        assertThat(ran).isFalse();
    }

    @EngineTest(on = Threads.DEFAULT)
    void fault18_pooledThreadAfterTasks_hasNoScopeNoInterruptNoMdc(Harness harness) {
        Executor pool = harness.pool(1);
        ContextPropagator mdc = () -> {
            String captured = MDC.get("user");
            return () -> {
                String before = MDC.get("user");
                MDC.put("user", captured);
                return () -> {
                    if (before == null) {
                        MDC.remove("user");
                    } else {
                        MDC.put("user", before);
                    }
                };
            };
        };
        ScopeFactory scopes = onPool(harness, pool, mdc);
        MDC.put("user", "ada");
        AtomicReference<String> seen = new AtomicReference<>();
        try {
            scopes.run("succeeds", scope -> scope.spawn(() -> seen.set(MDC.get("user"))));
            assertThat(seen).hasValue("ada");
            onThreadOf(pool, ContextTest::assertClean);

            assertThatThrownBy(() -> scopes.run(
                            "fails",
                            scope -> scope.spawn(() -> {
                                throw new IllegalStateException("expected");
                            })))
                    .hasMessage("expected");
            onThreadOf(pool, ContextTest::assertClean);

            scopes.run("is cancelled", scope -> {
                CountDownLatch started = new CountDownLatch(1);
                scope.spawn(() -> {
                    started.countDown();
                    while (!Thread.currentThread().isInterrupted()) {
                        Thread.onSpinWait();
                    }
                });
                Blocking.await(started);
                scope.cancel();
            });
            onThreadOf(pool, ContextTest::assertClean);
        } finally {
            MDC.remove("user");
        }
    }

    private static void assertClean() {
        assertThat(Scope.current()).isEmpty();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(MDC.get("user")).isNull();
    }

    @EngineTest
    void fault18_waitingThread_keepsItsOwnContext(Harness harness) {
        ThreadLocal<String> local = new ThreadLocal<>();
        ScopeFactory scopes = harness.scopes(f -> f.withPropagator(carrying("a", local)));
        local.set("outer");
        scopes.run("outer", outer -> {
            Task<String> task = outer.spawn(() -> {
                String mine = local.get();
                local.set("task's own");
                return mine;
            });

            assertThat(task.join()).isEqualTo("outer");
            assertThat(local.get()).isEqualTo("outer");
            assertThat(Scope.current()).contains(outer);
        });
        local.remove();
    }

    @EngineTest
    void restore_afterACancelledTask_doesNotMeetItsInterrupt(Harness harness) {
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        ScopeFactory scopes = harness.scopes(f -> f.withPropagator(
                () -> () -> () -> interrupted.set(Thread.currentThread().isInterrupted())));
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn("task", () -> {
                started.countDown();
                while (!Thread.currentThread().isInterrupted()) {
                    Thread.onSpinWait();
                }
            });
            Blocking.await(started);
            task.cancel();
        });

        assertThat(interrupted).hasValue(false);
    }
}
