// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.EngineTest.Threads;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** How a scope ends that has stragglers. */
class StragglerExitTest {

    /** More than any of the tasks may take. */
    private static final Duration TOO_LONG = Duration.ofMinutes(1);

    private final CountDownLatch release = new CountDownLatch(1);

    @EngineTest
    void run_taskStraggledBeforeTheBodyEnded_throwsStraggler(ScopeFactory scopes, TestClock clock) {
        assertThatThrownBy(() -> scopes.run("scope", scope -> straggler(scope, clock)))
                .isInstanceOf(StragglerException.class)
                .hasMessageContaining("stubborn");
        release.countDown();
    }

    @EngineTest
    void close_taskOfSharedScopeStraggledBefore_throwsStraggler(ScopeFactory scopes, TestClock clock)
            throws InterruptedException {
        OpenScope scope = scopes.openShared("scope");
        straggler(scope, clock);
        assertThatThrownBy(scope::close).isInstanceOf(StragglerException.class);
        assertThat(scope.state()).isEqualTo(Scope.State.STRAGGLING);
        release.countDown();
    }

    @EngineTest
    void run_taskStragglesInTheBodyOfAChild_throwsStraggler(Harness harness, ScopeFactory scopes, TestClock clock)
            throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread exit = harness.helper(() -> thrown.set(catchThrowable(() -> scopes.run("scope", scope -> {
            scope.spawn(
                    "stubborn",
                    () -> scopes.run("child", child -> {
                        started.countDown();
                        Blocking.stubbornly(release);
                    }));
            Blocking.await(started);
            scope.cancel();
        }))));
        clock.awaitAlarms(1);
        clock.advance(TOO_LONG);
        exit.join();
        assertThat(thrown.get()).isInstanceOf(StragglerException.class);
        release.countDown();
    }

    @EngineTest
    void run_childOfAStragglerHasTasks_theseAreWaitedFor(Harness harness, ScopeFactory scopes, TestClock clock)
            throws InterruptedException {
        CountDownLatch started = new CountDownLatch(2);
        CountDownLatch cleanUp = new CountDownLatch(1);
        AtomicBoolean cleanedUp = new AtomicBoolean();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread exit = harness.helper(() -> thrown.set(catchThrowable(() -> scopes.run("scope", scope -> {
            scope.spawn(
                    "stubborn",
                    () -> scopes.run("child", child -> {
                        child.spawn(
                                "slow",
                                () -> {
                                    started.countDown();
                                    Blocking.stubbornly(cleanUp);
                                    cleanedUp.set(true);
                                },
                                t -> t.withCancelTimeout(ScopeOptions.FOREVER));
                        started.countDown();
                        Blocking.stubbornly(release);
                    }));
            Blocking.await(started);
            scope.cancel();
        }))));
        clock.awaitAlarms(1);
        clock.advance(TOO_LONG);
        Blocking.untilParked(exit);
        assertThat(thrown.get()).isNull();
        cleanUp.countDown();
        exit.join();
        assertThat(thrown.get()).isInstanceOf(StragglerException.class);
        assertThat(cleanedUp).isTrue();
        release.countDown();
    }

    @EngineTest
    void run_taskAbandonedInTheBodyOfAChild_returns(ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        scopes.run("scope", scope -> {
            scope.spawn(
                    "abandoned",
                    () -> scopes.run("child", child -> {
                        started.countDown();
                        Blocking.stubbornly(release);
                    }),
                    t -> t.withAbandonOnCancel(true));
            Blocking.await(started);
            scope.cancel();
        });
        assertThat(scopes.abandoned()).isEqualTo(1);
        release.countDown();
    }

    @EngineTest(pool = 3)
    void run_childOfAnAbandonedTaskHasTasks_theseAreWaitedFor(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        CountDownLatch started = new CountDownLatch(2);
        CountDownLatch cleanUp = new CountDownLatch(1);
        AtomicBoolean cleanedUp = new AtomicBoolean();
        AtomicReference<Scope> cancelled = new AtomicReference<>();
        Thread exit = harness.helper(() -> scopes.run("scope", scope -> {
            scope.spawn(
                    "abandoned",
                    () -> scopes.run("child", child -> {
                        child.spawn(
                                "slow",
                                () -> {
                                    started.countDown();
                                    Blocking.stubbornly(cleanUp);
                                    cleanedUp.set(true);
                                },
                                t -> t.withCancelTimeout(ScopeOptions.FOREVER));
                        started.countDown();
                        Blocking.stubbornly(release);
                    }),
                    t -> t.withAbandonOnCancel(true));
            Blocking.await(started);
            scope.cancel();
            cancelled.set(scope);
        }));
        Blocking.until("the scope is cancelled", () -> cancelled.get() != null);
        Blocking.untilParked(exit);
        assertThat(cancelled.get().state()).isEqualTo(Scope.State.ENDING);
        cleanUp.countDown();
        exit.join();
        assertThat(cleanedUp).isTrue();
        release.countDown();
    }

    /** The straggler is a task of the scope between: when that is given up, the outer scope still has what it forked. */
    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY})
    void run_stragglerOfAScopeBelowHasForked_tasksOfTheForkAreWaitedFor(
            Harness harness, ScopeFactory scopes, TestClock clock) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(2);
        CountDownLatch cleanUp = new CountDownLatch(1);
        AtomicBoolean cleanedUp = new AtomicBoolean();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread exit = harness.helper(() -> thrown.set(catchThrowable(() -> scopes.run(
                "up",
                up -> scopes.run("d", d -> {
                    d.spawn(
                            "stubborn",
                            () -> up.fork().run("c", c -> {
                                c.spawn(
                                        "slow",
                                        () -> {
                                            started.countDown();
                                            Blocking.stubbornly(cleanUp);
                                            cleanedUp.set(true);
                                        },
                                        t -> t.withCancelTimeout(ScopeOptions.FOREVER));
                                started.countDown();
                                Blocking.stubbornly(release);
                            }));
                    Blocking.await(started);
                    up.cancel();
                })))));
        clock.awaitAlarms(1);
        clock.advance(TOO_LONG);
        Blocking.untilParked(exit);
        assertThat(thrown.get()).isNull();
        cleanUp.countDown();
        exit.join();
        assertThat(thrown.get()).isInstanceOf(StragglerException.class);
        assertThat(cleanedUp).isTrue();
        release.countDown();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY})
    void run_childOfAStragglerEndsBeforeIt_stragglerIsGivenUp(Harness harness, ScopeFactory scopes, TestClock clock)
            throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch cleanUp = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread exit = harness.helper(() -> thrown.set(catchThrowable(() -> scopes.run("up", up -> {
            up.spawn("stubborn", () -> {
                catchThrowable(() -> scopes.run(
                        "child",
                        child -> child.spawn(
                                "slow",
                                () -> {
                                    started.countDown();
                                    Blocking.stubbornly(cleanUp);
                                },
                                t -> t.withCancelTimeout(ScopeOptions.FOREVER))));
                Blocking.stubbornly(release);
            });
            Blocking.await(started);
            up.cancel();
        }))));
        clock.awaitAlarms(1);
        clock.advance(TOO_LONG);
        Blocking.untilParked(exit);
        cleanUp.countDown();
        exit.join();
        assertThat(thrown.get()).isInstanceOf(StragglerException.class).hasMessageContaining("stubborn");
        release.countDown();
    }

    /** Not on a pool: the thread that waits for the straggler might be the one that runs it. */
    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY})
    void run_cancelledTaskHasAScopeWithAStraggler_isThrown(Harness harness, ScopeFactory scopes, TestClock clock)
            throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread exit = harness.helper(() -> thrown.set(catchThrowable(() -> scopes.run("up", up -> {
            up.spawn(
                    "holder",
                    () -> scopes.run(
                            "child",
                            child -> child.spawn("stubborn", () -> {
                                started.countDown();
                                Blocking.stubbornly(release);
                            })),
                    t -> t.withCancelTimeout(ScopeOptions.FOREVER));
            Blocking.await(started);
            up.cancel();
        }))));
        clock.awaitAlarms(1);
        clock.advance(TOO_LONG);
        exit.join();
        assertThat(thrown.get()).isInstanceOf(StragglerException.class).hasMessageContaining("stubborn");
        release.countDown();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY})
    void close_stragglerThatAJoinHasThrown_isNotThrownAgain(Harness harness, ScopeFactory scopes, TestClock clock)
            throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread exit = harness.helper(() -> thrown.set(catchThrowable(() -> {
            try (OpenScope scope = scopes.open("up")) {
                Task<?> task = scope.spawn(
                        "holder",
                        () -> scopes.run("child", child -> {
                            child.spawn(
                                    "stubborn",
                                    () -> {
                                        started.countDown();
                                        Blocking.stubbornly(release);
                                    },
                                    t -> t.withAwaited(false));
                            Blocking.await(started);
                        }));
                Blocking.until("the task has failed", task::isDone);
                task.join();
            }
        })));
        clock.awaitAlarms(1);
        clock.advance(TOO_LONG);
        exit.join();
        assertThat(thrown.get()).isInstanceOf(StragglerException.class);
        release.countDown();
    }

    private void straggler(Scope scope, TestClock clock) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        Task<?> task = scope.spawn("stubborn", () -> {
            started.countDown();
            return Blocking.stubbornly(release);
        });
        Blocking.await(started);
        task.cancel();
        clock.advance(TOO_LONG);
        assertThat(task.status()).isEqualTo(Task.Status.STRAGGLING);
    }
}
