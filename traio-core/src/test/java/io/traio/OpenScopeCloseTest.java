// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.spi.ScopeListener;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the close of a resource adds to the exception by which the try block is left (S14). */
@Spec("S14")
class OpenScopeCloseTest {

    private final CountDownLatch failed = new CountDownLatch(1);
    private final CountDownLatch cancelled = new CountDownLatch(1);

    /** Has the scope cancelled between the failure of a task and the moment when the scope learns of it. */
    private ScopeFactory cancelledBetween(Harness harness) {
        return harness.scopes(f -> f.withListener(new ScopeListener() {
            @Override
            public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
                if (failure != null) {
                    failed.countDown();
                    Briefly.stubbornly(cancelled);
                }
            }
        }));
    }

    private void failAsTheScopeIsCancelled(OpenScope scope, Exception failure) throws InterruptedException {
        scope.spawn("task", () -> {
            throw failure;
        });
        Briefly.await(failed);
        scope.cancel();
        cancelled.countDown();
        Blocking.spinUntil("the task is gone", () -> scope.snapshot().tasks().isEmpty());
    }

    @EngineTest
    void close_taskFailedAsTheScopeWasCancelled_doesNotThrowTheFailureItself(Harness harness) {
        IllegalArgumentException failure = new IllegalArgumentException("task");
        Throwable thrown = catchThrowable(() -> {
            try (OpenScope scope = cancelledBetween(harness).open("open")) {
                failAsTheScopeIsCancelled(scope, failure);
            }
        });

        assertThat(thrown).isExactlyInstanceOf(ScopeFailedException.class).hasCause(failure);
    }

    /** The scope above was cancelled with a cause, which the close does not throw, and a task has failed besides. */
    @EngineTest
    void close_cancelledWithItsParentForACause_keepsWhatElseFailed(ScopeFactory scopes) {
        IllegalArgumentException cause = new IllegalArgumentException("cause");
        IllegalStateException failure = new IllegalStateException("clean-up");
        Throwable[] ofClose = {null};
        catchThrowable(() -> scopes.run("above", above -> {
            OpenScope scope = scopes.open("open");
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn("task", () -> {
                started.countDown();
                catchThrowable(Blocking::forever);
                throw failure;
            });
            Briefly.await(started);
            above.cancel(cause);
            Blocking.spinUntil("the task has ended", task::isDone);
            ofClose[0] = catchThrowable(scope::close);
        }));

        assertThat(ofClose[0]).isNotNull().hasNoCause();
        assertThat(FailureGraph.holds(ofClose[0], failure)).isTrue();
    }

    /** The failure hangs on the timeout, and leaves the try block, where it was joined. */
    @EngineTest
    void close_timedOutWithAFailureThatLeavesTheTryBlock_throwsTheTimeoutAlone(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("joined");
        Throwable thrown = catchThrowable(() -> {
            try (OpenScope scope = scopes.open("open")) {
                CountDownLatch started = new CountDownLatch(1);
                Task<?> joined = scope.spawnToJoin("joined", () -> {
                    throw failure;
                });
                scope.spawn("rethrows", () -> {
                    started.countDown();
                    catchThrowable(Blocking::forever);
                    throw failure;
                });
                Blocking.await(started);
                joined.awaitEnd();
                scope.setTimeout(Duration.ofMillis(1));
                Blocking.spinUntil("it is over", scope::isCancelled);
                Blocking.spinUntil(
                        "all have ended", () -> scope.snapshot().tasks().isEmpty());
                joined.join();
            }
        });

        assertThat(thrown).isSameAs(failure);
        FailureGraph.assertEachOnce(thrown);
        assertThat(thrown.getSuppressed())
                .filteredOn(ScopeTimeoutException.class::isInstance)
                .singleElement()
                .satisfies(timeout -> assertThat(((ScopeTimeoutException) timeout).scopeName())
                        .isEqualTo("open"));
    }

    @EngineTest
    void close_sameFailureLeavesTheTryBlockOfACancelledScope_comesOutAsItIs(Harness harness) {
        IllegalArgumentException failure = new IllegalArgumentException("task");
        Throwable thrown = catchThrowable(() -> {
            try (OpenScope scope = cancelledBetween(harness).open("open")) {
                failAsTheScopeIsCancelled(scope, failure);
                throw failure;
            }
        });

        assertThat(thrown).isSameAs(failure);
    }

    @EngineTest
    void close_checkedFailureOfATaskOfACancelledScope_isThrownInAWrapper(Harness harness) {
        IOException failure = new IOException("task");
        Throwable thrown = catchThrowable(() -> {
            try (OpenScope scope = cancelledBetween(harness).open("open")) {
                failAsTheScopeIsCancelled(scope, failure);
            }
        });

        assertThat(thrown).isExactlyInstanceOf(ScopeFailedException.class).hasRootCause(failure);
    }

    @EngineTest
    void close_joinOfATaskHasThrownItsCheckedFailure_addsNoSecondWrapper(ScopeFactory scopes) {
        IOException failure = new IOException("task");
        Throwable thrown = catchThrowable(() -> {
            try (OpenScope scope = scopes.open("open")) {
                failed(scope, failure).join();
            }
        });

        assertThat(thrown).isExactlyInstanceOf(ScopeFailedException.class).hasCause(failure);
        assertThat(thrown.getSuppressed()).noneMatch(ScopeFailedException.class::isInstance);
    }

    @EngineTest
    void close_joinOfATaskInANestedResourceHasThrown_addsNoSecondWrapper(ScopeFactory scopes) {
        IOException failure = new IOException("task");
        Throwable thrown = catchThrowable(() -> scopes.run("outer", outer -> {
            try (OpenScope middle = scopes.open("middle");
                    OpenScope inner = scopes.open("inner")) {
                failed(inner, failure).join();
            }
        }));

        assertThat(thrown).isExactlyInstanceOf(ScopeFailedException.class).hasCause(failure);
        assertThat(thrown.getSuppressed()).noneMatch(ScopeFailedException.class::isInstance);
    }

    @EngineTest
    void close_joinOfATaskHasThrownItsCheckedFailureWhichWasCaught_isSilent(ScopeFactory scopes) {
        try (OpenScope scope = scopes.open("open")) {
            Task<?> task = failed(scope, new IOException("task"));
            assertThatThrownBy(task::join).isInstanceOf(ScopeFailedException.class);
        }

        assertThat(Scope.current()).isEmpty();
    }

    @EngineTest
    void close_joinOfTheScopeHasThrownACheckedFailure_addsNothing(ScopeFactory scopes) {
        IOException failure = new IOException("task");
        Throwable thrown = catchThrowable(() -> {
            try (OpenScope scope = scopes.open("open")) {
                failed(scope, failure);
                scope.join();
            }
        });

        assertThat(thrown).isExactlyInstanceOf(ScopeFailedException.class).hasCause(failure);
        assertThat(thrown.getSuppressed()).noneMatch(ScopeFailedException.class::isInstance);
    }

    /** What leaves the inner block says the failure of the outer scope already, in a failure of the inner one. */
    @EngineTest
    void close_exceptionOfANestedScopeHoldsTheFailure_saysItOnce(ScopeFactory scopes) {
        assertSaidOnce(scopes, OpenScope::join);
        assertSaidOnce(scopes, inner -> {});
    }

    private static void assertSaidOnce(ScopeFactory scopes, Consumer<OpenScope> endOfInner) {
        IOException failure = new IOException("task");
        Throwable thrown = catchThrowable(() -> {
            try (OpenScope outer = scopes.open("outer")) {
                CountDownLatch started = new CountDownLatch(1);
                Task<?> failing = outer.spawn("failing", () -> {
                    Blocking.await(started);
                    throw failure;
                });
                try (OpenScope inner = scopes.open("inner")) {
                    inner.spawn("cleaning up", () -> {
                        try {
                            started.countDown();
                            Blocking.forever();
                        } finally {
                            failing.get();
                        }
                    });
                    Blocking.spinUntil(
                            "the inner one has been left",
                            () -> inner.snapshot().tasks().isEmpty());
                    endOfInner.accept(inner);
                }
            }
        });

        assertThat(thrown).isExactlyInstanceOf(ScopeCancelledException.class);
        FailureGraph.assertEachOnce(thrown);
        assertThat(FailureGraph.holds(thrown, failure)).isTrue();
        assertThat(thrown.getSuppressed())
                .noneMatch(other -> other instanceof ScopeFailedException && other.getCause() == failure);
    }

    /** The failure was thrown before, in a wrapper; another one hangs on the wrapper of the close alone. */
    @EngineTest
    void close_checkedFailureWasThrownBefore_whatElseFailedIsSeen(Harness harness) {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));
        IllegalArgumentException other = new IllegalArgumentException("clean-up");
        Throwable thrown = catchThrowable(() -> {
            try (OpenScope scope = scopes.open("open")) {
                CountDownLatch started = new CountDownLatch(1);
                scope.spawn("cleaning up", () -> {
                    try {
                        started.countDown();
                        return Blocking.forever();
                    } catch (InterruptedException e) {
                        throw other;
                    }
                });
                Blocking.await(started);
                failed(scope, new IOException("task")).join();
            }
        });

        boolean logged = log.thrown(Level.WARN).contains(other);
        assertThat(logged || FailureGraph.holds(thrown, other)).isTrue();
    }

    @EngineTest
    void close_inATask_tasksAreLeft_saysToJoin(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> outer.spawn("task", () -> {
                    OpenScope inner = scopes.open("inner");
                    inner.spawn("left", Blocking::forever);
                    assertThatThrownBy(inner::close)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("Join it");
                    assertThat(inner.state()).isEqualTo(Scope.State.CLOSED);
                }));
    }

    @EngineTest
    void close_inATask_ofAScopeOpenedOutsideOfIt_isRefused(ScopeFactory scopes) {
        try (OpenScope outer = scopes.open("outer")) {
            outer.spawn("task", () -> assertThatThrownBy(outer::close).isInstanceOf(IllegalStateException.class));
            outer.join();
        }
    }

    /** A task that has failed, bubbled, and is gone. */
    private static Task<?> failed(Scope scope, Exception failure) {
        Task<?> task = scope.spawn("task", () -> {
            throw failure;
        });
        Blocking.spinUntil(
                "the task is gone",
                () -> scope.isCancelled() && scope.snapshot().tasks().isEmpty());
        return task;
    }
}
