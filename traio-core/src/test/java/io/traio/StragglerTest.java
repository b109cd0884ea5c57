// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.traio.EngineTest.Threads;
import io.traio.ScopeSnapshot.TaskSnapshot;
import io.traio.spi.ScopeListener;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Cancelled tasks that do not end in time (T8). */
@Spec("T8")
class StragglerTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Lets the cancelTimeout pass once the scope has been cancelled and its owner waits. */
    private static void letCancelTimeoutPass(Harness harness, Duration duration) {
        harness.helper(() -> {
            harness.clock().awaitAlarms(1);
            harness.clock().advance(duration);
        });
    }

    private static Task<?> spawnStubborn(Scope scope, String name, CountDownLatch mayEnd) throws InterruptedException {
        return spawnStubborn(scope, name, mayEnd, TaskOptions.DEFAULT);
    }

    private static Task<?> spawnStubborn(Scope scope, String name, CountDownLatch mayEnd, TaskOptions options)
            throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        Task<?> task = scope.spawn(
                name,
                () -> {
                    started.countDown();
                    return Blocking.stubbornly(mayEnd);
                },
                t -> options);
        Blocking.await(started);
        return task;
    }

    @Test
    void cancelTimeout_byDefault_isOneSecond() {
        assertThat(ScopeOptions.DEFAULT.cancelTimeout()).isEqualTo(SECOND);
        assertThat(TaskOptions.DEFAULT.cancelTimeout()).isNull();
    }

    @EngineTest(on = Threads.DEFAULT)
    void fault07_taskIgnoresInterruptsOnSystemClock_exitNamesIt(Harness harness) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        ScopeFactory scopes =
                harness.scopes(f -> f.withDefaults(s -> s.withCancelTimeout(ScopeOptions.DEFAULT.cancelTimeout())));

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    spawnStubborn(scope, "stubborn", mayEnd);
                    scope.cancel();
                }))
                .isInstanceOf(StragglerException.class)
                .hasMessageContaining("stubborn");

        mayEnd.countDown();
    }

    @EngineTest
    void straggler_foundWhileTheBodyRuns_isReportedBeforeTheScopeEnds(Harness harness, TestClock clock) {
        Thread owner = Thread.currentThread();
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch found = new CountDownLatch(1);
        AtomicBoolean notified = new AtomicBoolean();
        ScopeFactory scopes = harness.scopes(f -> f.withDefaults(s -> s.withCancelTimeout(SECOND))
                .withListener(new ScopeListener() {
                    @Override
                    public void taskStraggling(Task<?> task) {
                        found.countDown();
                        Blocking.untilParked(owner);
                        notified.set(true);
                    }
                }));
        letCancelTimeoutPass(harness, SECOND);

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            spawnStubborn(scope, "stubborn", mayEnd);
            scope.cancel();
            while (found.getCount() > 0) {
                Thread.onSpinWait();
            }
        }));

        assertThat(notified).isTrue();
        assertThat(thrown).isInstanceOf(StragglerException.class);
        mayEnd.countDown();
    }

    @EngineTest
    void fault07_taskIgnoresInterrupts_exitNamesItAndShowsItsStack(
            Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        letCancelTimeoutPass(harness, SECOND);

        StragglerException thrown = catchThrowableOfType(
                StragglerException.class,
                () -> scopes.run("mirror", s -> s.withCancelTimeout(SECOND), scope -> {
                    spawnStubborn(scope, "stubborn", mayEnd);
                    scope.cancel();
                }));

        assertThat(thrown.stragglers()).containsExactly("stubborn");
        assertThat(thrown)
                .hasMessageContaining("mirror")
                .hasMessageContaining("stubborn")
                .hasNoCause();
        assertThat(thrown.getSuppressed())
                .anySatisfy(s -> assertThat(Arrays.stream(s.getStackTrace()).map(StackTraceElement::getClassName))
                        .contains(StragglerTest.class.getName()));
        mayEnd.countDown();
    }

    @EngineTest
    void straggler_afterFailure_failureIsTheCause(Harness harness, ScopeFactory scopes, TestClock clock) {
        IllegalStateException failure = new IllegalStateException("task");
        CountDownLatch mayEnd = new CountDownLatch(1);
        letCancelTimeoutPass(harness, SECOND);

        assertThatThrownBy(() -> scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
                    spawnStubborn(scope, "stubborn", mayEnd);
                    scope.spawn("failing", () -> {
                        throw failure;
                    });
                }))
                .isInstanceOf(StragglerException.class)
                .cause()
                .isSameAs(failure);
        mayEnd.countDown();
    }

    @EngineTest
    void straggler_afterTimeout_timeoutIsTheCause(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        harness.helper(() -> {
            clock.awaitAlarms(1);
            clock.advance(SECOND);
            clock.awaitAlarms(1);
            clock.advance(SECOND);
        });

        assertThatThrownBy(() -> scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
                    spawnStubborn(scope, "stubborn", mayEnd);
                    scope.setTimeout(SECOND);
                }))
                .isInstanceOf(StragglerException.class)
                .cause()
                .isInstanceOf(ScopeTimeoutException.class);
        mayEnd.countDown();
    }

    @EngineTest
    void straggler_staysListedUntilItEnds(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicReference<Scope> left = new AtomicReference<>();
        AtomicReference<Task<?>> task = new AtomicReference<>();
        letCancelTimeoutPass(harness, SECOND);
        catchThrowable(() -> scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
            left.set(scope);
            task.set(spawnStubborn(scope, "stubborn", mayEnd));
            scope.cancel();
        }));
        clock.advance(Duration.ofSeconds(5));

        assertThat(scopes.scopes()).containsExactly(left.get());
        assertThat(scopes.find(left.get().id())).contains(left.get());
        assertThat(left.get().state()).isEqualTo(Scope.State.STRAGGLING);
        List<TaskSnapshot> listed = left.get().snapshot().tasks();
        assertThat(listed).extracting(TaskSnapshot::name).containsExactly("stubborn");
        assertThat(listed).extracting(TaskSnapshot::status).containsExactly(Task.Status.STRAGGLING);
        assertThat(listed).extracting(TaskSnapshot::age).containsExactly(Duration.ofSeconds(6));
        assertThat(task.get().status()).isEqualTo(Task.Status.STRAGGLING);
        assertThat(task.get().isDone()).isFalse();

        mayEnd.countDown();
        // A task has ended a moment before its scope knows.
        Blocking.until("the straggler has ended", () -> left.get().state() == Scope.State.CLOSED);
        assertThat(scopes.scopes()).isEmpty();
        assertThat(task.get().status()).isEqualTo(Task.Status.CANCELLED);
        assertThatThrownBy(() -> task.get().join()).isInstanceOf(ScopeCancelledException.class);
    }

    @EngineTest
    void straggler_otherTasksEnd_onlyItIsNamed(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicReference<Task<?>> obedient = new AtomicReference<>();
        harness.helper(() -> {
            clock.awaitAlarms(1);
            Blocking.until("the obedient task has ended", () -> obedient.get().isDone());
            clock.advance(SECOND);
        });

        StragglerException thrown = catchThrowableOfType(
                StragglerException.class,
                () -> scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
                    spawnStubborn(scope, "stubborn", mayEnd);
                    obedient.set(scope.spawn("obedient", Blocking::forever));
                    scope.cancel();
                }));

        assertThat(thrown.stragglers()).containsExactly("stubborn");
        mayEnd.countDown();
    }

    @EngineTest
    void straggler_endsInTime_isNone(ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);

        scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
            spawnStubborn(scope, "slow to leave", mayEnd);
            scope.cancel();
            clock.advance(SECOND.minusNanos(1));
            mayEnd.countDown();
        });

        assertThat(clock.pendingAlarms()).isZero();
    }

    @EngineTest
    void cancelTimeout_ofTask_overridesThatOfScope(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        letCancelTimeoutPass(harness, Duration.ofMillis(100));

        assertThatThrownBy(() -> scopes.run("run", s -> s.withCancelTimeout(ScopeOptions.FOREVER), scope -> {
                    spawnStubborn(
                            scope, "stubborn", mayEnd, TaskOptions.DEFAULT.withCancelTimeout(Duration.ofMillis(100)));
                    scope.cancel();
                }))
                .isInstanceOf(StragglerException.class);
        mayEnd.countDown();
    }

    @EngineTest
    void cancelTimeout_ofTaskIsLonger_isWaitedFor(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        harness.helper(() -> {
            clock.awaitAlarms(1);
            clock.advance(SECOND.multipliedBy(9));
            mayEnd.countDown();
        });

        scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
            spawnStubborn(scope, "slow", mayEnd, TaskOptions.DEFAULT.withCancelTimeout(Duration.ofSeconds(10)));
            scope.cancel();
        });
    }

    @EngineTest
    void cancelTimeout_forever_exitWaits(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicReference<Task<?>> task = new AtomicReference<>();

        scopes.run("run", s -> s.withCancelTimeout(ScopeOptions.FOREVER), scope -> {
            task.set(spawnStubborn(scope, "slow", mayEnd));
            scope.cancel();
            assertThat(clock.pendingAlarms()).isZero();
            clock.advance(Duration.ofDays(10_000));
            assertThat(task.get().status()).isEqualTo(Task.Status.CANCELLING);
            harness.helper(() -> {
                Blocking.until("the body has ended", () -> scope.state() == Scope.State.ENDING);
                mayEnd.countDown();
            });
        });

        assertThat(task.get().status()).isEqualTo(Task.Status.CANCELLED);
    }

    @EngineTest
    void cancelTimeouts_ofSeveralTasks_leaveNoAlarmBehind(ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);

        scopes.run("run", scope -> {
            Task<?> patient = spawnStubborn(
                    scope, "patient", mayEnd, TaskOptions.DEFAULT.withCancelTimeout(Duration.ofSeconds(10)));
            Task<?> hasty = spawnStubborn(scope, "hasty", mayEnd, TaskOptions.DEFAULT.withCancelTimeout(SECOND));
            patient.cancel();
            hasty.cancel();
            mayEnd.countDown();
        });

        assertThat(clock.pendingAlarms()).isZero();
    }

    @EngineTest(pool = 3)
    void cancelTimeouts_ofSeveralTasks_eachCountsFromItsOwnCancel(
            Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);

        catchThrowable(() -> scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
            Task<?> first = spawnStubborn(scope, "first", mayEnd);
            Task<?> second = spawnStubborn(scope, "second", mayEnd);
            first.cancel();
            clock.advance(Duration.ofMillis(600));
            second.cancel();
            clock.advance(Duration.ofMillis(400));
            assertThat(first.status()).isEqualTo(Task.Status.STRAGGLING);
            assertThat(second.status()).isEqualTo(Task.Status.CANCELLING);
            clock.advance(Duration.ofMillis(600));
            assertThat(second.status()).isEqualTo(Task.Status.STRAGGLING);
            mayEnd.countDown();
        }));
    }

    @EngineTest
    void straggler_cancelledAlone_scopeGoesOnAndExitNamesIt(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);

        StragglerException thrown = catchThrowableOfType(
                StragglerException.class,
                () -> scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
                    Task<?> task = spawnStubborn(scope, "stubborn", mayEnd);
                    task.cancel();
                    clock.advance(SECOND);
                    assertThat(task.status()).isEqualTo(Task.Status.STRAGGLING);
                    assertThat(scope.isCancelled()).isFalse();
                    assertThat(scope.spawn("still works", () -> 1).join()).isEqualTo(1);
                }));

        assertThat(thrown.stragglers()).containsExactly("stubborn");
        mayEnd.countDown();
    }

    @EngineTest
    void straggler_endsBeforeExit_isForgotten(ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);

        scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
            Task<?> task = spawnStubborn(scope, "stubborn", mayEnd);
            task.cancel();
            clock.advance(SECOND);
            mayEnd.countDown();
            Blocking.until(
                    "the straggler is gone", () -> scope.snapshot().tasks().isEmpty());
        });

        assertThat(scopes.scopes()).isEmpty();
    }

    @EngineTest
    void straggler_inBackground_isNamedToo(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        letCancelTimeoutPass(harness, SECOND);

        StragglerException thrown = catchThrowableOfType(
                StragglerException.class,
                () -> scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
                    spawnStubborn(scope, "background", mayEnd, TaskOptions.DEFAULT.withAwaited(false));
                }));

        assertThat(thrown.stragglers()).containsExactly("background");
        mayEnd.countDown();
    }

    @EngineTest
    void straggler_thatFailsInTheEnd_harmsNobody(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicReference<Task<?>> task = new AtomicReference<>();
        letCancelTimeoutPass(harness, SECOND);
        catchThrowable(() -> scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
            CountDownLatch started = new CountDownLatch(1);
            task.set(scope.spawn("stubborn", () -> {
                started.countDown();
                Blocking.stubbornly(mayEnd);
                throw new IllegalStateException("long after");
            }));
            Blocking.await(started);
            scope.cancel();
        }));

        mayEnd.countDown();
        Blocking.until("the straggler has ended", task.get()::isDone);
        assertThat(task.get().status()).isEqualTo(Task.Status.CANCELLED);
    }

    @EngineTest
    void straggler_inChildScope_isThrownThroughTheParent(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        letCancelTimeoutPass(harness, SECOND);

        assertThatThrownBy(() -> scopes.run(
                        "outer",
                        outer -> scopes.run("inner", s -> s.withCancelTimeout(SECOND), inner -> {
                            spawnStubborn(inner, "stubborn", mayEnd);
                            inner.cancel();
                        })))
                .isInstanceOf(StragglerException.class)
                .hasMessageContaining("inner");

        assertThat(scopes.scopes()).extracting(Scope::name).containsExactly("inner");
        mayEnd.countDown();
    }

    @EngineTest
    void straggler_ofClosedSharedScope_isThrownByClose(Harness harness, ScopeFactory scopes, TestClock clock)
            throws InterruptedException {
        CountDownLatch mayEnd = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("shared", s -> s.withCancelTimeout(SECOND));
        spawnStubborn(scope, "stubborn", mayEnd);
        letCancelTimeoutPass(harness, SECOND);

        assertThatThrownBy(scope::close).isInstanceOf(StragglerException.class);
        mayEnd.countDown();
    }

    @EngineTest
    void stragglers_ofOpenedScope_areThrownByJoinAndNotAgainByClose(
            Harness harness, ScopeFactory scopes, TestClock clock) throws InterruptedException {
        CountDownLatch mayEnd = new CountDownLatch(1);
        letCancelTimeoutPass(harness, SECOND);
        try (OpenScope scope = scopes.open("open", s -> s.withCancelTimeout(SECOND))) {
            spawnStubborn(scope, "stubborn", mayEnd);
            scope.cancel();
            assertThatThrownBy(scope::join).isInstanceOf(StragglerException.class);
        }
        mayEnd.countDown();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY})
    void stragglers_many_onlySomeAreNamed(Harness harness, ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);

        StragglerException thrown = catchThrowableOfType(
                StragglerException.class,
                () -> scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
                    List<Task<?>> tasks = new ArrayList<>();
                    for (int i = 0; i < 40; i++) {
                        tasks.add(spawnStubborn(scope, "stubborn " + i, mayEnd));
                    }
                    harness.helper(() -> {
                        Blocking.until("all are cancelled", () -> tasks.stream().allMatch(Task::isCancelled));
                        clock.awaitAlarms(1);
                        clock.advance(SECOND);
                        clock.advance(SECOND);
                    });
                    scope.cancel();
                }));

        assertThat(thrown.stragglers()).hasSize(32);
        assertThat(thrown).hasMessageContaining("8 more");
        mayEnd.countDown();
    }

    @EngineTest
    void factoryClose_leavesStragglersBehind(Harness harness, TestClock clock) throws InterruptedException {
        ScopeFactory scopes = harness.scopes(f -> f.withDefaults(s -> s.withCancelTimeout(SECOND)));
        CountDownLatch mayEnd = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("shared");
        spawnStubborn(scope, "stubborn", mayEnd);
        letCancelTimeoutPass(harness, SECOND);

        scopes.close();

        assertThat(scope.state()).isEqualTo(Scope.State.STRAGGLING);
        mayEnd.countDown();
    }
}
