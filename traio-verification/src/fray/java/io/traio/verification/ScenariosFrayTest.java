// SPDX-License-Identifier: Apache-2.0
package io.traio.verification;

import static io.traio.verification.World.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.Limiter;
import io.traio.OpenScope;
import io.traio.Operators;
import io.traio.Scope;
import io.traio.Scope.CancelHook;
import io.traio.ScopeCancelledException;
import io.traio.ScopeInterruptedException;
import io.traio.ScopeTimeoutException;
import io.traio.Started;
import io.traio.StragglerException;
import io.traio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.pastalab.fray.core.observers.TimelineCoverageType;
import org.pastalab.fray.core.randomness.ControlledRandomProvider;
import org.pastalab.fray.core.scheduler.POSScheduler;
import org.pastalab.fray.junit.plain.FrayInTestLauncher;

/** Whole scopes, on schedules that Fray chooses: it finds deadlocks, and what the checks of a scenario find. */
@EnabledIfSystemProperty(named = "fray.workDir", matches = ".+", disabledReason = "runs with the agents of Fray only")
@Timeout(3_600)
class ScenariosFrayTest {

    private static final int SCHEDULES = Integer.getInteger("traio.schedules", 100);

    private static final class Boom extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Boom() {
            super("boom", null, true, false);
        }
    }

    private static void explore(World.Piece scenario) {
        Runnable checked = () -> {
            try {
                scenario.run();
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        };
        FrayInTestLauncher.INSTANCE.launchFray(
                checked,
                new POSScheduler(),
                new ControlledRandomProvider(),
                SCHEDULES,
                /* timeout= */ 3_600,
                /* isReplay= */ false,
                TimelineCoverageType.NONE,
                configuration -> kotlin.Unit.INSTANCE);
    }

    // ---- cancel against the life of a task ----

    @Test
    void cancelOfScope_againstSpawns_eachTaskIsRefusedOrCancelled() {
        explore(() -> {
            try (World world = new World()) {
                List<Task<?>> tasks = new ArrayList<>();
                world.scopes.run("scope", scope -> {
                    world.aside(scope::cancel);
                    for (int i = 0; i < 2; i++) {
                        scope.trySpawn("task", world::block).ifPresent(tasks::add);
                    }
                });
                assertThat(tasks).allMatch(task -> task.status() == Task.Status.CANCELLED);
            }
        });
    }

    @Test
    void cancelOfTask_againstItsEnd_hasOneOutcome() {
        explore(() -> {
            try (World world = new World()) {
                AtomicBoolean cancelled = new AtomicBoolean();
                Task<Integer> task = world.scopes.call("scope", scope -> {
                    Task<Integer> spawned = scope.spawn("task", () -> 1);
                    world.aside(() -> cancelled.set(spawned.cancel())).join();
                    return spawned;
                });
                assertThat(task.status()).isEqualTo(cancelled.get() ? Task.Status.CANCELLED : Task.Status.SUCCEEDED);
            }
        });
    }

    @Test
    void cancelOfTask_againstItsStart_itRanOrNeverWill() {
        explore(() -> {
            try (World world = new World()) {
                AtomicInteger ran = new AtomicInteger();
                AtomicBoolean cancelled = new AtomicBoolean();
                Task<Integer> task = world.scopes.call("scope", s -> s.withMaxConcurrency(1), scope -> {
                    scope.spawn("first", () -> 0);
                    Task<Integer> queued = scope.spawn("queued", ran::incrementAndGet);
                    world.aside(() -> cancelled.set(queued.cancel())).join();
                    return queued;
                });
                assertThat(task.status()).isEqualTo(cancelled.get() ? Task.Status.CANCELLED : Task.Status.SUCCEEDED);
                assertThat(ran.get()).isBetween(cancelled.get() ? 0 : 1, 1);
            }
        });
    }

    @Test
    void twoCancels_atOnce_oneWins() {
        explore(() -> {
            try (World world = new World()) {
                Boom boom = new Boom();
                Throwable thrown = catchThrowable(() -> world.scopes.run("scope", scope -> {
                    world.aside(() -> scope.cancel(boom));
                    world.aside(scope::cancel);
                    scope.spawn("task", world::block);
                }));
                assertThat(thrown).isIn(boom, null);
            }
        });
    }

    // ---- time ----

    @Test
    void timeout_againstTheEnd_isThrownOrNot() {
        explore(() -> {
            try (World world = new World()) {
                Throwable thrown = catchThrowable(() -> world.scopes.run("scope", s -> s.withTimeout(SECOND), scope -> {
                    world.aside(() -> world.clock.advance(SECOND));
                    scope.spawn("task", () -> 1).join();
                }));
                assertThat(thrown == null || thrown instanceof ScopeTimeoutException)
                        .isTrue();
            }
        });
    }

    @Test
    void straggler_againstItsEnd_isNamedOrHasEnded() {
        explore(() -> {
            try (World world = new World()) {
                AtomicBoolean end = new AtomicBoolean();
                AtomicReference<Thread> runner = new AtomicReference<>();
                AtomicReference<Task<?>> task = new AtomicReference<>();
                Throwable thrown =
                        catchThrowable(() -> world.scopes.run("scope", s -> s.withCancelTimeout(SECOND), scope -> {
                            task.set(scope.spawn("stubborn", () -> {
                                runner.set(Thread.currentThread());
                                while (!end.get()) {
                                    LockSupport.park();
                                    // As some code does.
                                    Thread.interrupted();
                                }
                            }));
                            scope.cancel();
                            world.aside(() -> world.clock.advance(SECOND));
                            world.aside(() -> {
                                end.set(true);
                                LockSupport.unpark(runner.get());
                            });
                        }));
                assertThat(thrown == null || thrown instanceof StragglerException)
                        .isTrue();
                task.get().awaitEnd();
                world.clock.advance(SECOND.multipliedBy(10));
            }
        });
    }

    // ---- failures ----

    @Test
    void failure_againstAJoinThatIsInterrupted_isNotLost() {
        explore(() -> {
            try (World world = new World()) {
                Boom boom = new Boom();
                Thread owner = Thread.currentThread();
                AtomicBoolean got = new AtomicBoolean();
                AtomicBoolean met = new AtomicBoolean();
                Thread[] helper = new Thread[1];
                Throwable thrown = catchThrowable(() -> world.scopes.run("scope", scope -> {
                    Task<Object> task = scope.spawn("task", () -> {
                        throw boom;
                    });
                    helper[0] = world.aside(owner::interrupt);
                    try {
                        task.get();
                    } catch (ExecutionException e) {
                        got.set(true);
                    } catch (InterruptedException | CancellationException e) {
                        met.set(true);
                    }
                }));
                Throwable suppressed =
                        thrown == null || thrown.getSuppressed().length == 0 ? null : thrown.getSuppressed()[0];
                assertThat(got.get() || thrown == boom || suppressed == boom)
                        .as("thrown " + thrown)
                        .isTrue();
                joinAndClearFlag(helper[0]);
            }
        });
    }

    @Test
    void failureToJoin_againstItsJoiner_isTheJoinersOnly() {
        explore(() -> {
            try (World world = new World()) {
                Boom boom = new Boom();
                Throwable seen = world.scopes.call("scope", scope -> {
                    Task<Object> task = scope.spawnToJoin("task", () -> {
                        throw boom;
                    });
                    return scope.spawn("joiner", () -> catchThrowable(task::join))
                            .join();
                });
                assertThat(seen).isSameAs(boom);
            }
        });
    }

    @Test
    void twoFailures_atOnce_onePrimaryTheOtherSuppressed() {
        explore(() -> {
            try (World world = new World()) {
                Boom one = new Boom();
                Boom two = new Boom();
                CountDownLatch both = new CountDownLatch(2);
                Throwable thrown = catchThrowable(() -> world.scopes.run("scope", scope -> {
                    for (Boom boom : List.of(one, two)) {
                        scope.spawn("task", () -> {
                            both.countDown();
                            throw boom;
                        });
                    }
                }));
                assertThat(thrown).isIn(one, two);
                List<Throwable> suppressed = List.of(thrown.getSuppressed());
                assertThat(suppressed).doesNotContain(thrown);
                // One that failed when its scope was cancelled already may be suppressed, or it never ran.
                assertThat(suppressed.contains(one) || suppressed.contains(two) || both.getCount() > 0)
                        .isTrue();
            }
        });
    }

    // ---- interrupts ----

    @Test
    void interruptFromOutside_ofAnOwner_isNotLost() {
        explore(() -> {
            try (World world = new World()) {
                Thread owner = Thread.currentThread();
                Thread[] helper = new Thread[1];
                Throwable thrown = catchThrowable(() -> world.scopes.run("scope", scope -> {
                    scope.spawn("task", () -> 1);
                    helper[0] = world.aside(owner::interrupt);
                }));
                assertThat(thrown == null || thrown instanceof ScopeInterruptedException)
                        .isTrue();
                boolean flag = thrown != null && Thread.interrupted();
                assertThat(flag).isEqualTo(thrown != null);
                joinAndClearFlag(helper[0]);
            }
        });
    }

    /** Waits for a thread that interrupts this one, and clears the flag. */
    private static void joinAndClearFlag(Thread interrupter) {
        for (; ; ) {
            try {
                interrupter.join();
                break;
            } catch (InterruptedException e) {
                // Sent before it ended.
            }
        }
        Thread.interrupted();
    }

    // ---- nesting ----

    @Test
    void cancelOfParent_againstAChildThatOpens_endsBoth() {
        explore(() -> {
            try (World world = new World()) {
                world.scopes.run("outer", outer -> {
                    world.aside(outer::cancel);
                    outer.trySpawn("host", () -> {
                        world.scopes.run("inner", inner -> inner.spawn("task", world::block));
                    });
                });
            }
        });
    }

    @Test
    void cancel_againstAShield_doesNotGetIn() {
        explore(() -> {
            try (World world = new World()) {
                AtomicReference<String> value = new AtomicReference<>();
                world.scopes.run("outer", outer -> {
                    world.aside(outer::cancel);
                    value.set(world.scopes.call(
                            "shield",
                            s -> s.withShielded(true).withTimeout(SECOND),
                            shield -> shield.spawn("clean up", () -> "done").join()));
                });
                assertThat(value).hasValue("done");
            }
        });
    }

    @Test
    void closeOfFactory_againstAScope_endsIt() {
        explore(() -> {
            try (World world = new World()) {
                world.aside(world.scopes::close);
                Throwable thrown =
                        catchThrowable(() -> world.scopes.run("scope", scope -> scope.spawn("task", world::block)));
                assertThat(thrown).isInstanceOfAny(ScopeCancelledException.class, IllegalStateException.class);
            }
        });
    }

    @Test
    void completion_againstASpawn_refusesItOrWaits() {
        explore(() -> {
            try (World world = new World()) {
                OpenScope scope = world.scopes.openShared("shared");
                AtomicReference<Optional<Task<Integer>>> late = new AtomicReference<>(Optional.empty());
                Thread spawner = world.aside(() -> late.set(scope.trySpawn("late", () -> 1)));
                scope.complete();
                scope.awaitDone();
                spawner.join();
                late.get().ifPresent(task -> assertThat(task.status()).isEqualTo(Task.Status.SUCCEEDED));
            }
        });
    }

    @Test
    void nestedScopes_onAnExecutorWithOneThread_end() {
        explore(() -> {
            try (World world = new World(World.oneThread())) {
                int value = world.scopes.call(
                        "outer",
                        outer -> outer.spawn(
                                        "host",
                                        () -> world.scopes.<Integer>call(
                                                "inner",
                                                inner -> inner.spawn("task", () -> 1)
                                                        .join()))
                                .join());
                assertThat(value).isEqualTo(1);
            }
        });
    }

    // ---- what is built upon tasks ----

    @Test
    void start_againstACancel_isReadyOrThrows() {
        explore(() -> {
            try (World world = new World()) {
                world.scopes.run("scope", scope -> {
                    world.aside(scope::cancel);
                    Started<String> started = scope.start("server", ready -> {
                        ready.ready("ready");
                        world.block();
                    });
                    assertThat(started.value()).isEqualTo("ready");
                });
            }
        });
    }

    @Test
    void race_firstSuccessWins_losersHaveEnded() {
        explore(() -> {
            try (World world = new World()) {
                Object winner = Operators.on(world.scopes).<Object>race(List.of(() -> 1, world::block, () -> {
                    throw new Boom();
                }));
                assertThat(winner).isEqualTo(1);
            }
        });
    }

    @Test
    void limiterOfTwoScopes_againstACancel_givesAllPermitsBack() {
        explore(() -> {
            try (World world = new World()) {
                Limiter limiter = Limiter.of("limiter", 1);
                AtomicInteger running = new AtomicInteger();
                for (int i = 0; i < 2; i++) {
                    boolean cancelled = i == 1;
                    OpenScope scope = world.scopes.openShared("shared", s -> s.withLimiter(limiter));
                    for (int n = 0; n < 2; n++) {
                        scope.trySpawn("task", () -> {
                            assertThat(running.incrementAndGet()).isEqualTo(1);
                            running.decrementAndGet();
                        });
                    }
                    world.aside(() -> {
                        scope.complete();
                        if (cancelled) {
                            scope.cancel();
                        }
                        scope.close();
                    });
                }
                world.joinAll();
                assertThat(limiter.inUse()).isZero();
                assertThat(limiter.queued()).isZero();
            }
        });
    }

    // ---- hooks ----

    @Test
    void closeOfHook_againstACancel_isCalledBeforeOrNotAtAll() {
        explore(() -> {
            try (World world = new World()) {
                AtomicInteger calls = new AtomicInteger();
                AtomicBoolean closed = new AtomicBoolean();
                AtomicBoolean late = new AtomicBoolean();
                world.scopes.run("scope", scope -> {
                    Task<?> task = scope.spawn("task", () -> {
                        try (CancelHook hook = Scope.onCancel(() -> {
                            late.set(closed.get());
                            calls.incrementAndGet();
                        })) {
                            Thread.yield();
                        }
                        closed.set(true);
                    });
                    world.aside(task::cancel);
                });
                assertThat(late).isFalse();
                assertThat(calls.get()).isLessThanOrEqualTo(1);
            }
        });
    }

    @Test
    void closeOfHookThatHoldsTheInterrupt_againstACancel_leavesNone() {
        explore(() -> {
            try (World world = new World()) {
                AtomicInteger calls = new AtomicInteger();
                world.scopes.run("scope", scope -> {
                    Task<?> task = scope.spawn("task", () -> {
                        try (CancelHook hook = Scope.onCancel(Duration.ofSeconds(1), calls::incrementAndGet)) {
                            Thread.yield();
                        }
                    });
                    world.aside(task::cancel);
                });
                world.clock.advance(SECOND);
                assertThat(calls.get()).isLessThanOrEqualTo(1);
            }
        });
    }
}
