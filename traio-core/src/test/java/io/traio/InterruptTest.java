// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Interrupts from outside are never lost, those of traio never leak (S13). */
@Spec("S13")
class InterruptTest {

    @EngineTest
    void fault08_ownerInterruptedInExit_tasksAreWaitedForAndFlagIsSet(Harness harness, ScopeFactory scopes) {
        AtomicBoolean cleaned = new AtomicBoolean();
        AtomicReference<Scope> opened = new AtomicReference<>();
        Thread owner = Thread.currentThread();

        assertThatThrownBy(() -> scopes.call("mirror", scope -> {
                    opened.set(scope);
                    CountDownLatch started = new CountDownLatch(1);
                    scope.spawn("task", () -> {
                        started.countDown();
                        try {
                            return Blocking.forever();
                        } finally {
                            cleaned.set(true);
                        }
                    });
                    Blocking.await(started);
                    harness.helper(() -> {
                        Blocking.until("the body has ended", () -> scope.state() == Scope.State.COMPLETING);
                        owner.interrupt();
                    });
                    return "value";
                }))
                .isInstanceOf(ScopeInterruptedException.class)
                .hasMessageContaining("mirror");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(cleaned).isTrue();
        assertThat(opened.get().isCancelled()).isTrue();
    }

    @EngineTest
    void fault08_ownerInterruptedInJoinOfOpenScope_throwsAndFlagIsSet(Harness harness, ScopeFactory scopes) {
        Thread owner = Thread.currentThread();
        try (OpenScope scope = scopes.open("open")) {
            Task<?> task = scope.spawn("task", Blocking::forever);
            harness.helper(() -> {
                Blocking.until("join is waiting", () -> scope.state() == Scope.State.COMPLETING);
                owner.interrupt();
            });

            assertThatThrownBy(scope::join).isInstanceOf(ScopeInterruptedException.class);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(task.isDone()).isTrue();
        }
    }

    @EngineTest
    void fault08_ownerInterruptedInClose_tasksAreWaitedForAndFlagIsSet(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Thread owner = Thread.currentThread();
        OpenScope scope = scopes.open("open");
        Task<?> stubborn = scope.spawn("stubborn", () -> {
            started.countDown();
            return Blocking.stubbornly(mayEnd);
        });
        harness.helper(() -> {
            Blocking.await(started);
            Blocking.until("close cancels", scope::isCancelled);
            Blocking.until("close waits", () -> !owner.isInterrupted() && owner.getState() == Thread.State.WAITING);
            owner.interrupt();
            Blocking.until("the interrupt is met", () -> !owner.isInterrupted());
            mayEnd.countDown();
        });
        Blocking.await(started);

        Throwable thrown = catchThrowable(scope::close);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(stubborn.isDone()).isTrue();
        assertThat(thrown).isNotNull();
    }

    @EngineTest
    void fault08_ownerInterruptedAsCloseCancels_isNotLost(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Thread owner = Thread.currentThread();
        OpenScope scope = scopes.open("open");
        Task<?> stubborn = scope.spawn("stubborn", () -> {
            started.countDown();
            return Blocking.stubbornly(mayEnd);
        });
        harness.helper(() -> {
            Blocking.await(started);
            Blocking.until("close cancels", scope::isCancelled);
            owner.interrupt();
            Blocking.until("the interrupt is met", () -> !owner.isInterrupted());
            mayEnd.countDown();
        });
        Blocking.await(started);

        Throwable thrown = catchThrowable(scope::close);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(stubborn.isDone()).isTrue();
        assertThat(thrown).isNotNull();
    }

    @EngineTest
    void fault08_ownerInterruptedInBody_throwsAndFlagIsSet(Harness harness, ScopeFactory scopes) {
        Thread owner = Thread.currentThread();
        AtomicReference<Task<?>> task = new AtomicReference<>();

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    task.set(scope.spawn("task", Blocking::forever));
                    harness.helper(owner::interrupt);
                    Blocking.forever();
                }))
                .isInstanceOf(ScopeInterruptedException.class);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(task.get().isDone()).isTrue();
    }

    @EngineTest
    void fault08_ownerInterruptedInBodyThatReturns_isNotLost(ScopeFactory scopes) {
        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            scope.spawn("task", () -> 1);
            Thread.currentThread().interrupt();
        }));

        assertThat(Thread.interrupted()).isTrue();
        if (thrown != null) {
            assertThat(thrown).isInstanceOf(ScopeInterruptedException.class);
        }
    }

    @EngineTest
    void fault08_interruptedBeforeOpening_isNotLost(ScopeFactory scopes) {
        Thread.currentThread().interrupt();

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> scope.spawn("task", Blocking::forever)));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(thrown).isInstanceOf(ScopeInterruptedException.class);
    }

    @EngineTest
    void fault08_interruptedInJoinOfTask_throwsAndFlagIsSet(Harness harness, ScopeFactory scopes) {
        Thread owner = Thread.currentThread();

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn("slow", () -> {
                started.countDown();
                return Blocking.forever();
            });
            Blocking.await(started);
            harness.helper(() -> {
                Blocking.untilParked(owner);
                owner.interrupt();
            });
            assertThatThrownBy(task::join)
                    .isInstanceOf(ScopeInterruptedException.class)
                    .hasMessageContaining("slow");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(scope.isCancelled()).isFalse();
            task.cancel();
        }));

        assertThat(thrown).isNull();
    }

    @EngineTest
    void fault08_interruptedInGetOfTask_throwsInterruptedException(Harness harness, ScopeFactory scopes) {
        Thread owner = Thread.currentThread();

        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn("slow", () -> {
                started.countDown();
                return Blocking.forever();
            });
            Blocking.await(started);
            harness.helper(() -> {
                Blocking.untilParked(owner);
                owner.interrupt();
            });
            assertThatThrownBy(task::get).isInstanceOf(InterruptedException.class);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            task.cancel();
        });
    }

    @EngineTest
    void fault08_interruptedInAwaitDone_scopeGoesOn(Harness harness, ScopeFactory scopes) {
        Thread waiter = Thread.currentThread();
        CountDownLatch mayEnd = new CountDownLatch(1);
        try (OpenScope scope = scopes.openShared("shared")) {
            Task<?> task = scope.spawn("task", () -> Blocking.await(mayEnd));
            Blocking.until("the task runs", () -> task.status() == Task.Status.RUNNING);
            harness.helper(() -> {
                Blocking.untilParked(waiter);
                waiter.interrupt();
            });

            assertThatThrownBy(scope::awaitDone).isInstanceOf(ScopeInterruptedException.class);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(scope.isCancelled()).isFalse();
            mayEnd.countDown();
            scope.join();
        }
    }

    @EngineTest
    void interrupt_ofBodyInNestedScope_endsAllAndIsNotLost(Harness harness, ScopeFactory scopes) {
        Thread owner = Thread.currentThread();

        assertThatThrownBy(() -> scopes.run("outer", outer -> {
                    outer.spawn("of outer", Blocking::forever);
                    scopes.run("inner", inner -> {
                        inner.spawn("of inner", Blocking::forever);
                        harness.helper(owner::interrupt);
                        Blocking.forever();
                    });
                }))
                .isInstanceOf(ScopeInterruptedException.class);

        assertThat(Thread.interrupted()).isTrue();
    }

    @EngineTest
    void interrupt_ofInnerScopeThatIsCaught_leavesFlagInOuterBody(Harness harness, ScopeFactory scopes) {
        Thread owner = Thread.currentThread();
        AtomicBoolean flag = new AtomicBoolean();

        scopes.run("outer", outer -> {
            assertThatThrownBy(() -> scopes.run("inner", inner -> {
                        harness.helper(owner::interrupt);
                        Blocking.forever();
                    }))
                    .isInstanceOf(ScopeInterruptedException.class);
            flag.set(Thread.interrupted());
        });

        assertThat(flag).isTrue();
    }

    @EngineTest
    void interruptFromOutsideAfterCancel_inExit_isNotLost(Harness harness, ScopeFactory scopes) {
        Thread owner = Thread.currentThread();
        CountDownLatch mayEnd = new CountDownLatch(1);

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("stubborn", () -> {
                started.countDown();
                return Blocking.stubbornly(mayEnd);
            });
            Blocking.await(started);
            harness.helper(() -> {
                Blocking.until("the body has ended", () -> !owner.isInterrupted());
                Blocking.untilParked(owner);
                owner.interrupt();
                Blocking.until("the interrupt is met", () -> !owner.isInterrupted());
                mayEnd.countDown();
            });
            scope.cancel();
        }));

        assertThat(Thread.interrupted()).isTrue();
        if (thrown != null) {
            assertThat(thrown).isInstanceOf(ScopeInterruptedException.class);
        }
    }

    @EngineTest
    void ownInterrupt_ofTimeoutInBody_doesNotLeak(ScopeFactory scopes) {
        catchThrowable(() -> scopes.run("run", s -> s.withTimeout(Duration.ofMillis(20)), scope -> Blocking.forever()));

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @EngineTest
    void ownInterrupt_ofFailureInTask_doesNotLeak(ScopeFactory scopes) {
        catchThrowable(() -> scopes.run("run", scope -> {
            scope.spawn("failing", () -> {
                throw new IllegalStateException("task");
            });
            Blocking.until("the failure has bubbled", scope::isCancelled);
        }));

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @EngineTest
    void ownInterrupt_ofNestedScopes_doesNotLeak(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> catchThrowable(() -> scopes.run("inner", inner -> {
                    inner.cancel();
                    outer.cancel();
                })));

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @EngineTest
    void ownInterrupt_ofOpenScopeCancelledBeforeJoin_doesNotLeak(ScopeFactory scopes) {
        try (OpenScope scope = scopes.open("open")) {
            scope.cancel();
            scope.join();
        }

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @EngineTest
    void ownInterrupt_ofCancelledTask_isClearedBeforeItsThreadDoesAnythingElse(Harness harness) throws Exception {
        var pool = harness.pool(1);
        CountDownLatch started = new CountDownLatch(1);
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(pool))) {
            scopes.run("run", scope -> {
                Task<?> task = scope.spawn("task", () -> {
                    started.countDown();
                    Blocking.until(
                            "it was cancelled", () -> Thread.currentThread().isInterrupted());
                });
                Blocking.await(started);
                task.cancel();
                assertThat(catchThrowable(() -> task.get(30, TimeUnit.SECONDS)))
                        .isNotInstanceOf(TimeoutException.class);
            });
        }
        CountDownLatch looked = new CountDownLatch(1);
        AtomicBoolean flag = new AtomicBoolean(true);
        pool.execute(() -> {
            flag.set(Thread.currentThread().isInterrupted());
            looked.countDown();
        });

        Blocking.await(looked);
        assertThat(flag).isFalse();
    }
}
