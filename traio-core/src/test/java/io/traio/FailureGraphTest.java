// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.OwnerThread.Left;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Every failure hangs once on what comes out of a scope: no cycles, nothing suppressed twice, nothing missing. */
@Spec("S8")
class FailureGraphTest {

    private static final int ROUNDS = 100;

    private static void assertHoldsOnce(Left left, Throwable... failures) {
        assertThat(left.thrown()).isNotNull();
        FailureGraph.assertEachOnce(left.thrown());
        for (Throwable failure : failures) {
            assertThat(FailureGraph.holds(left.thrown(), failure))
                    .as("%s hangs on %s", failure, left.thrown())
                    .isTrue();
        }
    }

    /** Ways to get the failure of a task. */
    private enum Wait {
        JOIN {
            @Override
            void on(Task<?> task) {
                task.join();
            }
        },
        GET {
            @Override
            void on(Task<?> task) throws Exception {
                task.get();
            }
        },
        TIMED_GET {
            @Override
            void on(Task<?> task) throws Exception {
                task.get(10, TimeUnit.SECONDS);
            }
        },
        FUTURE {
            @Override
            void on(Task<?> task) {
                task.toCompletableFuture().join();
            }
        };

        abstract void on(Task<?> task) throws Exception;

        /** Throws what the code makes of the failure: an exception that says more. */
        void wrapped(Task<?> task, RuntimeException wrapper) {
            Throwable thrown = catchThrowable(() -> on(task));
            wrapper.initCause(thrown);
            throw wrapper;
        }
    }

    private static List<Exception> failures() {
        return List.of(new IllegalArgumentException("unchecked"), new IOException("checked"));
    }

    private static RuntimeException wrapper() {
        return new IllegalStateException("says more");
    }

    private static Task<?> spawnFailing(Scope scope, Exception failure) {
        return scope.spawn("failing", () -> {
            throw failure;
        });
    }

    // ---- one wraps what it got from another ----

    @EngineTest
    void bodyWrapsTheFailureOfATask_thatHadCancelledTheScope(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            for (Wait wait : Wait.values()) {
                for (Exception failure : failures()) {
                    RuntimeException wrapper = wrapper();
                    Left left = setting.left("scope", scope -> {
                        Task<?> task = spawnFailing(scope, failure);
                        Blocking.spinUntil("it has failed", scope::isCancelled);
                        wait.wrapped(task, wrapper);
                    });
                    assertHoldsOnce(left, failure, wrapper);
                }
            }
        });
    }

    /** A task wraps the failure of another one, and the body that of the task, in the order in which both come. */
    @EngineTest
    void bodyWrapsWhatATaskHasWrapped_theOutermostIsThrown(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            for (Exception failure : failures()) {
                RuntimeException inner = wrapper();
                RuntimeException outer = wrapper();
                Left left = setting.left("scope", scope -> {
                    CountDownLatch started = new CountDownLatch(1);
                    Task<?> wrapping = scope.spawn("wrapping", () -> {
                        started.countDown();
                        Blocking.spinUntil("the scope is cancelled", scope::isCancelled);
                        inner.initCause(failure);
                        throw inner;
                    });
                    Blocking.await(started);
                    spawnFailing(scope, failure);
                    Blocking.spinUntil("it has wrapped", wrapping::isDone);
                    outer.initCause(inner);
                    throw outer;
                });
                assertHoldsOnce(left, failure, inner, outer);
                assertThat(left.thrown()).isSameAs(outer);
            }
        });
    }

    @EngineTest
    void bodyWrapsTheFailureOfATask_thatItWaitsFor(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            for (Wait wait : Wait.values()) {
                for (Exception failure : failures()) {
                    RuntimeException wrapper = wrapper();
                    Left left = setting.left("scope", scope -> {
                        Thread owner = Thread.currentThread();
                        CountDownLatch mayFail = new CountDownLatch(1);
                        Task<?> task = scope.spawn("failing", () -> {
                            Blocking.await(mayFail);
                            throw failure;
                        });
                        harness.helper(() -> {
                            Blocking.untilParked(owner);
                            mayFail.countDown();
                        });
                        wait.wrapped(task, wrapper);
                    });
                    assertHoldsOnce(left, failure, wrapper);
                }
            }
        });
    }

    @EngineTest
    void bodyWrapsTheFailureOfATask_atAnyTime(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            for (int round = 0; round < ROUNDS; round++) {
                Exception failure = new IllegalArgumentException("unchecked");
                RuntimeException wrapper = wrapper();
                int pause = round * 50;
                Left left = setting.left("scope", scope -> {
                    Task<?> task = spawnFailing(scope, failure);
                    Blocking.spin(pause);
                    Wait.JOIN.wrapped(task, wrapper);
                });
                assertHoldsOnce(left, failure, wrapper);
            }
        });
    }

    @EngineTest
    void bodyWrapsTheFailureOfATask_inANestedScope(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            for (Exception failure : failures()) {
                RuntimeException wrapper = wrapper();
                RuntimeException outerWrapper = wrapper();
                Left left = setting.left("outer", outer -> {
                    Throwable ofInner = catchThrowable(() -> setting.in("inner", inner -> {
                        Task<?> task = spawnFailing(inner, failure);
                        Blocking.spinUntil("it has failed", inner::isCancelled);
                        Wait.JOIN.wrapped(task, wrapper);
                    }));
                    throw (RuntimeException) outerWrapper.initCause(ofInner);
                });
                assertHoldsOnce(left, failure, wrapper, outerWrapper);
            }
        });
    }

    @EngineTest
    void taskWrapsTheFailureOfAnother_thatHadCancelledTheScope(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            for (Wait wait : Wait.values()) {
                for (Exception failure : failures()) {
                    RuntimeException wrapper = wrapper();
                    Left left = setting.left("scope", scope -> {
                        CountDownLatch hasFailed = new CountDownLatch(1);
                        CountDownLatch started = new CountDownLatch(1);
                        List<Task<?>> tasks = new ArrayList<>();
                        scope.spawn("wrapping", () -> {
                            started.countDown();
                            Blocking.stubbornly(hasFailed);
                            wait.wrapped(tasks.get(0), wrapper);
                        });
                        Blocking.await(started);
                        tasks.add(spawnFailing(scope, failure));
                        Blocking.spinUntil("it has failed", scope::isCancelled);
                        hasFailed.countDown();
                    });
                    assertHoldsOnce(left, failure, wrapper);
                }
            }
        });
    }

    @EngineTest
    void taskWrapsTheFailureOfAnother_inTheScopeAround(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            for (Exception failure : failures()) {
                RuntimeException wrapper = wrapper();
                Left left = setting.left("outer", outer -> {
                    Throwable ofInner =
                            catchThrowable(() -> setting.in("inner", inner -> spawnFailing(inner, failure)));
                    outer.spawn("same", () -> {
                        throw failure;
                    });
                    Blocking.spinUntil("it has failed", outer::isCancelled);
                    throw (RuntimeException) wrapper.initCause(ofInner);
                });
                assertHoldsOnce(left, failure, wrapper);
            }
        });
    }

    @EngineTest
    void taskWrapsWhatTheOwnerHasJoined_leavesTheTryBlock_hangsOnce(Harness harness) {
        for (int depth = 0; depth < 3; depth++) {
            RuntimeException failure = new IllegalArgumentException("unchecked");
            RuntimeException wrapper = wrapper();
            int inner = depth;
            Throwable thrown = catchThrowable(() -> {
                try (OpenScope scope = harness.scopes().open("open")) {
                    Task<?> failing = scope.spawnToJoin("failing", () -> throwing(failure));
                    scope.spawn("wrapping", () -> Wait.JOIN.wrapped(failing, wrapper));
                    Blocking.spinUntil("it has failed", scope::isCancelled);
                    joinInside(harness, failing, inner);
                }
            });

            assertThat(thrown).isSameAs(failure);
            FailureGraph.assertEachOnce(thrown);
            assertThat(thrown.getSuppressed())
                    .filteredOn(ScopeFailedException.class::isInstance)
                    .singleElement()
                    .satisfies(closed -> assertThat(closed).hasMessageContaining("says more"));
        }
    }

    private static Object throwing(RuntimeException failure) {
        throw failure;
    }

    private static void joinInside(Harness harness, Task<?> task, int depth) {
        if (depth == 0) {
            task.join();
        } else {
            try (OpenScope scope = harness.scopes().open("inside", s -> s.withDetached(true))) {
                joinInside(harness, task, depth - 1);
                scope.join();
            }
        }
    }

    // ---- two failures of which one hangs on the other ----

    @EngineTest
    void twoTasksFail_afterTheScopeWasCancelled_oneIsTheCauseOfTheOther(Harness harness) throws Exception {
        for (boolean wrapperFirst : new boolean[] {false, true}) {
            Setting.eachWithTwoThreads(harness, setting -> {
                RuntimeException failure = new IllegalArgumentException("unchecked");
                Exception wrapper = new IOException("says more", failure);
                IllegalStateException cause = new IllegalStateException("cause");
                Left left = setting.left("scope", scope -> {
                    scope.cancel(cause);
                    if (wrapperFirst) {
                        scope.cancel(wrapper);
                        scope.cancel(failure);
                    } else {
                        scope.cancel(failure);
                        scope.cancel(wrapper);
                    }
                });
                assertHoldsOnce(left, cause, failure, wrapper);
            });
        }
    }

    @EngineTest
    void twoTasksFail_oneIsTheCauseOfTheOther(Harness harness) throws Exception {
        assertBothOrders(harness, (first, second) -> second.initCause(first));
    }

    @EngineTest
    void twoTasksFail_oneIsSuppressedInTheOther(Harness harness) throws Exception {
        assertBothOrders(harness, (first, second) -> second.addSuppressed(first));
    }

    @EngineTest
    void twoTasksFail_oneHangsTwoDeepOnTheOther(Harness harness) throws Exception {
        assertBothOrders(harness, (first, second) -> second.addSuppressed(new IllegalStateException("between", first)));
    }

    /** Hangs one failure on another. */
    @FunctionalInterface
    private interface Link {
        void of(Exception below, Exception above);
    }

    private static void assertBothOrders(Harness harness, Link link) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            for (boolean belowFirst : new boolean[] {true, false}) {
                Exception below = new IllegalArgumentException("below");
                Exception above = new IllegalStateException("above");
                link.of(below, above);
                Left left = setting.left("scope", scope -> {
                    failOneAfterTheOther(scope, belowFirst ? below : above, belowFirst ? above : below);
                });
                assertHoldsOnce(left, below, above);
            }
        });
    }

    private static void failOneAfterTheOther(Scope scope, Exception first, Exception second)
            throws InterruptedException {
        CountDownLatch hasFailed = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn("second", () -> {
            started.countDown();
            Blocking.stubbornly(hasFailed);
            throw second;
        });
        Blocking.await(started);
        spawnFailing(scope, first);
        Blocking.spinUntil("the first has failed", scope::isCancelled);
        hasFailed.countDown();
    }

    /** The one that comes later is thrown by the body. */
    @EngineTest
    void bodyFails_withACauseThatATaskFailedWith(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            for (Exception failure : failures()) {
                Left left = setting.left("scope", scope -> {
                    spawnFailing(scope, failure);
                    Blocking.spinUntil("it has failed", scope::isCancelled);
                    throw new IllegalStateException("body", failure);
                });
                assertHoldsOnce(left, failure);
            }
        });
    }

    @EngineTest
    void cancelWithACause_thatHangsOnTheFailureOfATask(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Exception cause = new IllegalStateException("cause");
            Exception failure = new IllegalArgumentException("task");
            cause.addSuppressed(failure);
            Left left = setting.left("scope", scope -> {
                spawnFailing(scope, failure);
                Blocking.spinUntil("it has failed", scope::isCancelled);
                scope.cancel(cause);
            });
            assertHoldsOnce(left, failure, cause);
        });
    }

    // ---- wrappers of ours ----

    /** Three tasks join a foreign one and let its failure through, each in a wrapper, after another has failed. */
    @EngineTest(pool = 5)
    void severalTasksLetACheckedFailureThrough_itHangsOnce(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            IOException checked = new IOException("checked");
            IllegalArgumentException first = new IllegalArgumentException("first");
            Left left = setting.owner().run(() -> {
                OpenScope other = setting.scopes().openShared("other");
                Task<?> failed = other.spawn(
                        "failed",
                        () -> {
                            throw checked;
                        },
                        t -> t.withBubble(false));
                Blocking.until("it has failed", failed::isDone);
                other.join();
                setting.in("scope", scope -> {
                    CountDownLatch hasFailed = new CountDownLatch(1);
                    CountDownLatch started = new CountDownLatch(3);
                    for (int i = 0; i < 3; i++) {
                        scope.spawn(() -> {
                            started.countDown();
                            Blocking.stubbornly(hasFailed);
                            failed.join();
                        });
                    }
                    Blocking.await(started);
                    spawnFailing(scope, first);
                    Blocking.spinUntil("it has failed", scope::isCancelled);
                    hasFailed.countDown();
                });
            });
            assertHoldsOnce(left, first, checked);
        });
    }

    /** The wrappers are those of the exits of three scopes and of the join. */
    @EngineTest
    void checkedFailureComesThroughThreeScopes_itHangsOnce(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            IOException checked = new IOException("checked");
            Left left = setting.left(
                    "outer",
                    outer -> setting.in(
                            "middle",
                            middle -> setting.in("inner", inner -> {
                                Task<?> task = spawnFailing(inner, checked);
                                Blocking.spinUntil("it has failed", inner::isCancelled);
                                task.join();
                            })));
            assertHoldsOnce(left, checked);
        });
    }

    /** Two wait for the same shared scope, in tasks of one scope, and let its failure through. */
    @EngineTest(pool = 4)
    void twoTasksAwaitAScopeThatFails_itsFailureHangsOnce(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            for (Exception failure : failures()) {
                Left left = setting.left("scope", scope -> {
                    OpenScope other = setting.scopes().openShared("other", s -> s.withDetached(true));
                    CountDownLatch mayFail = new CountDownLatch(1);
                    other.spawn("failing", () -> {
                        Blocking.stubbornly(mayFail);
                        throw failure;
                    });
                    for (int i = 0; i < 2; i++) {
                        CountDownLatch started = new CountDownLatch(1);
                        scope.spawn(() -> {
                            started.countDown();
                            other.awaitDone();
                        });
                        Blocking.await(started);
                    }
                    mayFail.countDown();
                });
                assertHoldsOnce(left, failure);
            }
        });
    }
}
