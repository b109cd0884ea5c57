// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;

/** Which error comes out of a scope, and what it carries (S8, T13). */
@Spec({"S8", "T13"})
class ErrorsTest {

    @EngineTest
    void task_failsUnchecked_sameInstanceComesOut(ScopeFactory scopes) {
        IllegalArgumentException failure = new IllegalArgumentException("task");

        assertThatThrownBy(() -> scopes.run(
                        "run",
                        scope -> scope.spawn("task", () -> {
                            throw failure;
                        })))
                .isSameAs(failure);
    }

    @EngineTest
    void task_failsChecked_comesOutWrappedWithNamesOfScopeAndTask(ScopeFactory scopes) {
        IOException failure = new IOException("task");

        assertThatThrownBy(() -> scopes.run(
                        "mirror",
                        scope -> scope.spawn("copy", () -> {
                            throw failure;
                        })))
                .isExactlyInstanceOf(ScopeFailedException.class)
                .hasMessageContaining("mirror")
                .hasMessageContaining("copy")
                .cause()
                .isSameAs(failure);
    }

    @EngineTest
    void task_failsCheckedAndIsJoined_comesOutWrappedWithNamesOfScopeAndTask(ScopeFactory scopes) {
        IOException failure = new IOException("task");

        scopes.run(
                "mirror",
                scope -> assertThatThrownBy(() -> scope.await("copy", () -> {
                            throw failure;
                        }))
                        .isExactlyInstanceOf(ScopeFailedException.class)
                        .hasMessageContaining("mirror")
                        .hasMessageContaining("copy")
                        .cause()
                        .isSameAs(failure));
    }

    @EngineTest
    void fault06_taskThrowsError_sameInstanceComesOut(ScopeFactory scopes) {
        List<Error> errors = List.of(
                new StackOverflowError(), new OutOfMemoryError("made up"), new ThreadDeath(), new Error("plain"));

        for (Error error : errors) {
            assertThatThrownBy(() -> scopes.run(
                            "run",
                            scope -> scope.spawn("task", () -> {
                                throw error;
                            })))
                    .isSameAs(error);
        }
    }

    @EngineTest
    void fault06_taskOverflowsItsStack_othersAreCancelled(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    CountDownLatch started = new CountDownLatch(1);
                    scope.spawn("other", () -> {
                        started.countDown();
                        return Blocking.forever();
                    });
                    Blocking.await(started);
                    scope.spawn("deep", () -> descend(0));
                }))
                .isInstanceOf(StackOverflowError.class);
    }

    private static long descend(long depth) {
        return descend(depth + 1) + 1;
    }

    @EngineTest
    void fault06_joinedTaskThrowsError_sameInstanceComesOut(ScopeFactory scopes) {
        Error error = new OutOfMemoryError("made up");

        scopes.run(
                "run",
                scope -> assertThatThrownBy(() -> scope.await("task", () -> {
                            throw error;
                        }))
                        .isSameAs(error));
    }

    @EngineTest
    void fault05_twoTasksFailAtOnce_oneIsPrimaryTheOtherSuppressed(ScopeFactory scopes) {
        for (int round = 0; round < 50; round++) {
            CyclicBarrier barrier = new CyclicBarrier(2);
            IllegalStateException a = new IllegalStateException("a");
            IllegalStateException b = new IllegalStateException("b");

            Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
                for (IllegalStateException failure : List.of(a, b)) {
                    scope.spawn(failure.getMessage(), () -> {
                        Blocking.await(barrier);
                        throw failure;
                    });
                }
                Blocking.until("both have come", () -> scope.isCancelled());
            }));

            assertThat(thrown).isIn(a, b);
            assertThat(thrown.getSuppressed()).contains(thrown == a ? b : a).doesNotContain(thrown);
        }
    }

    @EngineTest
    void fault05_sameInstanceTwice_isNeitherSuppressedInItselfNorTwice(ScopeFactory scopes) {
        CyclicBarrier barrier = new CyclicBarrier(2);
        IllegalStateException failure = new IllegalStateException("the same");

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            for (int i = 0; i < 2; i++) {
                scope.spawn(() -> {
                    Blocking.await(barrier);
                    throw failure;
                });
            }
            Blocking.until("one has failed", () -> scope.isCancelled());
        }));

        assertThat(thrown).isSameAs(failure);
        assertThat(thrown.getSuppressed()).doesNotContain(failure);
    }

    @EngineTest
    void fault05_sameCheckedInstanceTwice_isNotSuppressedInItsWrapper(ScopeFactory scopes) {
        CyclicBarrier barrier = new CyclicBarrier(2);
        IOException failure = new IOException("the same");

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            for (int i = 0; i < 2; i++) {
                scope.spawn(() -> {
                    Blocking.await(barrier);
                    throw failure;
                });
            }
            Blocking.until("one has failed", () -> scope.isCancelled());
        }));

        assertThat(thrown).isExactlyInstanceOf(ScopeFailedException.class).hasCause(failure);
        assertThat(thrown.getSuppressed()).doesNotContain(failure).noneMatch(s -> s.getCause() == failure);
        assertThat(failure.getSuppressed()).doesNotContain(failure);
    }

    @EngineTest
    void fault05_bodyThrowsWhatATaskFailedWith_isThrownOnce(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("the same");

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> {
                throw failure;
            });
            Blocking.until("the failure has bubbled", scope::isCancelled);
            task.join();
        }));

        assertThat(thrown).isSameAs(failure);
        assertThat(thrown.getSuppressed()).doesNotContain(failure);
    }

    @EngineTest
    void fault05_bodyThrowsCheckedFailureOfTaskThatBubbled_isThrownOnce(ScopeFactory scopes) {
        IOException failure = new IOException("the same");

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> {
                throw failure;
            });
            Blocking.until("the failure has bubbled", scope::isCancelled);
            task.join();
        }));

        assertThat(thrown).isExactlyInstanceOf(ScopeFailedException.class).hasCause(failure);
        assertThat(thrown.getSuppressed()).doesNotContain(failure).noneMatch(s -> s.getCause() == failure);
    }

    @EngineTest(pool = 45)
    void failures_moreThan32_restIsCounted(ScopeFactory scopes) {
        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            CountDownLatch ready = new CountDownLatch(44);
            for (int i = 0; i < 44; i++) {
                String message = "later " + i;
                scope.spawn(() -> {
                    ready.countDown();
                    try {
                        return Blocking.forever();
                    } catch (InterruptedException e) {
                        throw new IllegalArgumentException(message);
                    }
                });
            }
            Blocking.await(ready);
            scope.spawn("first", () -> {
                throw new IllegalStateException("first");
            });
        }));

        assertThat(thrown).isExactlyInstanceOf(IllegalStateException.class).hasMessage("first");
        assertThat(thrown.getSuppressed())
                .filteredOn(IllegalArgumentException.class::isInstance)
                .hasSize(32);
        assertThat(Arrays.stream(thrown.getSuppressed()).filter(s -> !(s instanceof IllegalArgumentException)))
                .as("says how many there were beyond 32")
                .anySatisfy(s -> assertThat(s.getMessage()).contains("12"));
    }

    @EngineTest
    void failure_thrownFromManyScopes_doesNotGrow(ScopeFactory scopes) {
        IllegalStateException constant = new IllegalStateException("kept in a static field by somebody");

        for (int i = 0; i < 500; i++) {
            assertThatThrownBy(() -> scopes.run(
                            "run",
                            scope -> scope.spawn("task", () -> {
                                throw constant;
                            })))
                    .isSameAs(constant);
        }

        assertThat(constant.getSuppressed()).hasSizeLessThan(50);
    }

    @EngineTest
    void failure_thrownFromManyScopesWithLaterFailures_doesNotGrow(ScopeFactory scopes) {
        IllegalStateException constant = new IllegalStateException("kept in a static field by somebody");

        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> scopes.run("run", scope -> {
                        scope.cancel(constant);
                        scope.cancel(new IllegalArgumentException("later"));
                    }))
                    .isSameAs(constant);
        }

        assertThat(constant.getSuppressed()).hasSizeLessThan(50);
    }

    @EngineTest
    void failure_withoutSuppression_comesOut(ScopeFactory scopes) {
        class Bare extends RuntimeException {
            private static final long serialVersionUID = 1L;

            Bare() {
                super("bare", null, false, false);
            }
        }
        Bare failure = new Bare();

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.cancel(failure);
                    scope.cancel(new IllegalStateException("later"));
                }))
                .isSameAs(failure);
    }

    @EngineTest
    void failure_whoseMessageThrows_comesOut(ScopeFactory scopes) {
        class Rude extends RuntimeException {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                throw new IllegalStateException("no message");
            }
        }
        Rude failure = new Rude();

        Throwable thrown = catchThrowable(() -> scopes.run(
                "run",
                scope -> scope.spawn("task", () -> {
                    throw failure;
                })));

        assertThat(thrown == failure).isTrue();
    }

    @EngineTest
    void thrownByExit_stackNamesThePlaceThatWaited(ScopeFactory scopes) {
        Throwable unchecked = catchThrowable(
                () -> thePlaceThatWaits(scopes, scope -> scope.spawn("task", ErrorsTest::failUnchecked)));
        Throwable checked =
                catchThrowable(() -> thePlaceThatWaits(scopes, scope -> scope.spawn("task", ErrorsTest::failChecked)));

        assertThat(unchecked).isExactlyInstanceOf(IllegalStateException.class);
        assertThat(printed(unchecked)).contains("ErrorsTest.thePlaceThatWaits");
        assertThat(checked).isExactlyInstanceOf(ScopeFailedException.class);
        assertThat(printed(checked)).contains("ErrorsTest.thePlaceThatWaits");
    }

    @EngineTest
    void causeOfCancelThrownByExit_stackNamesThePlaceThatWaited(Harness harness, ScopeFactory scopes) {
        Throwable thrown = catchThrowable(() -> thePlaceThatWaits(scopes, scope -> {
            harness.helper(() -> scope.cancel(new IllegalStateException("made by another thread")));
            Blocking.forever();
        }));

        assertThat(thrown).isExactlyInstanceOf(IllegalStateException.class);
        assertThat(printed(thrown)).contains("ErrorsTest.thePlaceThatWaits");
    }

    @EngineTest
    void thrownByAwaitDone_stackNamesThePlaceThatWaited(ScopeFactory scopes) {
        try (OpenScope scope = scopes.openShared("shared")) {
            scope.spawn("task", ErrorsTest::failUnchecked);

            Throwable thrown = catchThrowable(() -> thePlaceThatAwaits(scope));

            assertThat(thrown).isExactlyInstanceOf(IllegalStateException.class);
            assertThat(printed(thrown)).contains("ErrorsTest.thePlaceThatAwaits");
        }
    }

    private static void thePlaceThatAwaits(Scope scope) {
        scope.awaitDone();
    }

    private static void thePlaceThatWaits(ScopeFactory scopes, ScopeOpener.VoidBody body) {
        scopes.run("run", body);
    }

    private static Object failUnchecked() {
        throw new IllegalStateException("task");
    }

    private static Object failChecked() throws IOException {
        throw new IOException("task");
    }

    @EngineTest
    void thrownByJoin_stackNamesThePlaceThatWaited(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Throwable unchecked = catchThrowable(() -> thePlaceThatJoins(scope, ErrorsTest::failUnchecked));
            Throwable checked = catchThrowable(() -> thePlaceThatJoins(scope, ErrorsTest::failChecked));

            assertThat(printed(unchecked)).contains("ErrorsTest.thePlaceThatJoins");
            assertThat(printed(checked)).contains("ErrorsTest.thePlaceThatJoins");
        });
    }

    private static void thePlaceThatJoins(Scope scope, Callable<Object> task) {
        scope.await("task", task);
    }

    private static String printed(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @EngineTest
    void get_ofFailedTask_hasFailureAsCause(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("task");

        scopes.run("run", scope -> {
            Task<?> task = scope.spawn(
                    "task",
                    () -> {
                        throw failure;
                    },
                    t -> t.withBubble(false));
            assertThatThrownBy(task::get)
                    .isExactlyInstanceOf(ExecutionException.class)
                    .hasCause(failure);
        });
    }
}
