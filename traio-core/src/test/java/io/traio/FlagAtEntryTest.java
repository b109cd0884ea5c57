// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.OwnerThread.Left;
import io.traio.ScopeOpener.VoidBody;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A thread that has been interrupted from outside before it comes to traio. */
@Spec("S13")
class FlagAtEntryTest {

    // ---- at the entry of a scope ----

    private static Left enterInterrupted(Setting setting, VoidBody body) {
        return setting.owner().run(() -> {
            Thread.currentThread().interrupt();
            setting.in("scope", body);
        });
    }

    private static void assertNotified(Left left) {
        assertThat(left.thrown()).isInstanceOf(ScopeInterruptedException.class);
        assertThat(left.interrupted()).as("interrupt flag").isTrue();
    }

    @EngineTest
    void scope_withATaskThatDoesNotEnd_isLeftAtOnce(Harness harness) throws Exception {
        Setting.each(
                harness,
                setting -> assertNotified(enterInterrupted(setting, scope -> scope.spawn("task", Blocking::forever))));
    }

    @EngineTest
    void scope_thatHasNothingToWaitFor_keepsTheFlag(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = enterInterrupted(setting, scope -> {});
            assertThat(left.interrupted()).isTrue();
            if (left.thrown() != null) {
                assertThat(left.thrown()).isInstanceOf(ScopeInterruptedException.class);
            }
        });
    }

    @EngineTest
    void scope_whoseBodyFails_keepsTheFlag(Harness harness) throws Exception {
        IllegalStateException failure = new IllegalStateException("body");
        Setting.each(harness, setting -> {
            Left left = enterInterrupted(setting, scope -> {
                throw failure;
            });
            assertThat(left.interrupted()).isTrue();
            assertThat(FailureGraph.holds(left.thrown(), failure)).isTrue();
        });
    }

    @EngineTest
    void scope_whoseBodyBlocks_isLeftAtOnce(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = enterInterrupted(setting, scope -> Blocking.forever());
            if (setting.way() == Way.OPEN) {
                assertThat(left.thrown()).isInstanceOf(InterruptedException.class);
            } else {
                assertNotified(left);
            }
        });
    }

    @EngineTest
    void scope_cancelledByItsBody_keepsTheFlag(Harness harness) throws Exception {
        Setting.each(
                harness,
                setting -> assertThat(enterInterrupted(setting, Scope::cancel).interrupted())
                        .isTrue());
    }

    @EngineTest
    void scope_cancelledByAnotherThread_keepsTheFlag(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = enterInterrupted(setting, scope -> {
                harness.helper(scope::cancel);
                Blocking.spinUntil("it is cancelled", scope::isCancelled);
            });
            assertThat(left.interrupted()).isTrue();
        });
    }

    @EngineTest
    void scopesTwoDeep_bothCancelled_keepTheFlag(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = enterInterrupted(
                    setting,
                    outer -> setting.in("inner", inner -> {
                        inner.cancel();
                        outer.cancel();
                    }));
            assertThat(left.interrupted()).isTrue();
        });
    }

    @EngineTest
    void scope_whoseTaskFails_keepsTheFlag(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = enterInterrupted(
                    setting,
                    scope -> scope.spawn("failing", () -> {
                        throw new IllegalStateException("task");
                    }));
            assertThat(left.interrupted()).isTrue();
            assertThat(left.thrown()).isNotNull();
        });
    }

    @EngineTest
    void scope_interruptClearedByItsBody_isGone(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = enterInterrupted(setting, scope -> {
                assertThat(Thread.interrupted()).isTrue();
                scope.spawn("task", () -> 1);
            });
            assertThat(left.thrown()).isNull();
            assertThat(left.interrupted()).isFalse();
        });
    }

    // ---- at a wait ----

    /** A wait for a task, or for the shared scope that it is in. */
    @FunctionalInterface
    private interface Wait {
        void on(OpenScope scope, Task<?> task) throws Exception;
    }

    /**
     * Waits with the flag set, outside of any scope and in a body.
     *
     * @param expected what the wait throws; null if it returns
     * @param flag whether the flag is set after that
     */
    private static void assertWait(
            Harness harness, boolean done, Wait wait, @Nullable Class<? extends Throwable> expected, boolean flag)
            throws Exception {
        for (OwnerThread owner : OwnerThread.all()) {
            for (boolean inBody : new boolean[] {false, true}) {
                CountDownLatch mayEnd = new CountDownLatch(done ? 0 : 1);
                OpenScope shared = harness.scopes()
                        .openShared("shared", s -> s.withMaxConcurrency(1).withOverflow(ScopeOptions.Overflow.BLOCK));
                Task<?> task = shared.spawn("task", () -> Blocking.stubbornly(mayEnd));
                if (done) {
                    shared.complete();
                    shared.awaitDone();
                }
                AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
                AtomicReference<@Nullable Boolean> interrupted = new AtomicReference<>();
                Harness.Piece piece = () -> {
                    Thread.currentThread().interrupt();
                    thrown.set(catchThrowable(() -> wait.on(shared, task)));
                    interrupted.set(Thread.interrupted());
                };
                owner.run(
                        inBody
                                ? () -> harness.scopes().run("body", s -> s.withDetached(true), b -> piece.run())
                                : piece);
                assertThat(shared.isCancelled())
                        .as("the scope that was waited for goes on")
                        .isFalse();
                mayEnd.countDown();
                shared.complete();
                shared.awaitDone();
                if (expected == null) {
                    assertThat(thrown.get()).isNull();
                } else {
                    assertThat(thrown.get()).isInstanceOf(expected);
                }
                assertThat(interrupted.get())
                        .as("flag on %s, in a body: %s", owner, inBody)
                        .isEqualTo(flag);
            }
        }
    }

    @EngineTest
    void join_ofATaskThatRuns_throwsAndKeepsTheFlag(Harness harness) throws Exception {
        assertWait(harness, false, (scope, task) -> task.join(), ScopeInterruptedException.class, true);
    }

    @EngineTest
    void join_ofATaskThatIsDone_returnsAndKeepsTheFlag(Harness harness) throws Exception {
        assertWait(harness, true, (scope, task) -> task.join(), null, true);
    }

    @EngineTest
    void get_ofATaskThatRuns_throwsAndTakesTheFlag(Harness harness) throws Exception {
        assertWait(harness, false, (scope, task) -> task.get(), InterruptedException.class, false);
    }

    @EngineTest
    void get_ofATaskThatIsDone_returnsAndKeepsTheFlag(Harness harness) throws Exception {
        assertWait(harness, true, (scope, task) -> task.get(), null, true);
    }

    @EngineTest
    void timedGet_ofATaskThatRuns_throwsAndTakesTheFlag(Harness harness) throws Exception {
        assertWait(harness, false, (scope, task) -> task.get(10, TimeUnit.SECONDS), InterruptedException.class, false);
    }

    @EngineTest
    void awaitDone_ofAScopeThatRuns_throwsAndKeepsTheFlag(Harness harness) throws Exception {
        assertWait(harness, false, (scope, task) -> scope.awaitDone(), ScopeInterruptedException.class, true);
    }

    @EngineTest
    void awaitDone_ofAScopeThatIsDone_returnsAndKeepsTheFlag(Harness harness) throws Exception {
        assertWait(harness, true, (scope, task) -> scope.awaitDone(), null, true);
    }

    @EngineTest
    void timedAwaitDone_ofAScopeThatRuns_throwsAndKeepsTheFlag(Harness harness) throws Exception {
        Duration limit = Duration.ofSeconds(10);
        assertWait(harness, false, (scope, task) -> scope.awaitDone(limit), ScopeInterruptedException.class, true);
    }

    @EngineTest
    void joinOfASharedScope_throwsAndKeepsTheFlag(Harness harness) throws Exception {
        assertWait(harness, false, (scope, task) -> scope.join(), ScopeInterruptedException.class, true);
    }

    @EngineTest
    void spawnIntoAFullScope_throwsAndKeepsTheFlag(Harness harness) throws Exception {
        assertWait(
                harness, false, (scope, task) -> scope.spawn("next", () -> 1), ScopeInterruptedException.class, true);
    }

    /** The task goes on without the one who asked for it, and its failure is the scope's again. */
    @EngineTest
    void await_throwsAndKeepsTheFlag_failureIsTheScopesAgain(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            IllegalStateException failure = new IllegalStateException("task");
            CountDownLatch mayFail = new CountDownLatch(1);
            Left left = setting.left("scope", scope -> {
                Thread.currentThread().interrupt();
                Throwable thrown = catchThrowable(() -> scope.await("awaited", () -> {
                    Blocking.await(mayFail);
                    throw failure;
                }));
                assertThat(thrown).isInstanceOf(ScopeInterruptedException.class);
                assertThat(Thread.interrupted()).isTrue();
                mayFail.countDown();
            });
            assertThat(left.thrown()).isSameAs(failure);
            assertThat(left.interrupted()).isFalse();
        });
    }

    @EngineTest
    void spawn_keepsTheFlagAndTheTaskHasNone(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            AtomicReference<@Nullable Boolean> ofTask = new AtomicReference<>();
            Left left = setting.left("scope", scope -> {
                Thread.currentThread().interrupt();
                Task<?> task = scope.spawn(
                        "task", () -> ofTask.set(Thread.currentThread().isInterrupted()));
                assertThat(Thread.interrupted()).isTrue();
                task.join();
            });
            assertThat(left.thrown()).isNull();
            assertThat(ofTask).hasValue(false);
        });
    }

    @EngineTest
    void closeOfASharedScope_waitsToTheEndAndKeepsTheFlag(Harness harness) throws Exception {
        for (OwnerThread owner : OwnerThread.all()) {
            CountDownLatch started = new CountDownLatch(1);
            OpenScope shared = harness.scopes().openShared("shared");
            Task<?> task = shared.spawn("task", () -> {
                started.countDown();
                return Blocking.forever();
            });
            Blocking.await(started);
            Left left = owner.run(() -> {
                Thread.currentThread().interrupt();
                shared.close();
            });
            assertThat(task.isDone()).isTrue();
            assertThat(left.interrupted()).isTrue();
        }
    }

    @EngineTest
    void closeWithoutJoin_waitsToTheEndAndKeepsTheFlag(Harness harness) throws Exception {
        for (OwnerThread owner : OwnerThread.all()) {
            AtomicReference<@Nullable Task<?>> task = new AtomicReference<>();
            Left left = owner.run(() -> {
                Thread.currentThread().interrupt();
                try (OpenScope scope = harness.scopes().open("scope")) {
                    task.set(scope.spawn("task", Blocking::forever));
                }
            });
            assertThat(task.get().isDone()).isTrue();
            assertThat(left.interrupted()).isTrue();
        }
    }
}
