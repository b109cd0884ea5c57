// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Leaving a scope with a body: what it waits for, and what comes out of the body (S1, S2, S3, S7). */
@Spec({"S1", "S2", "S3", "S7"})
class ScopeExitTest {

    @EngineTest
    void call_tasksSucceed_returnsValueOfBody(ScopeFactory scopes) {
        String value = scopes.call("call", scope -> {
            Task<Integer> one = scope.spawn("one", () -> 1);
            Task<Integer> two = scope.spawn("two", () -> 2);
            return "sum " + (one.join() + two.join());
        });

        assertThat(value).isEqualTo("sum 3");
    }

    @EngineTest
    void call_bodyReturnsNull_returnsNull(ScopeFactory scopes) {
        Object value = scopes.call("call", scope -> null);

        assertThat(value).isNull();
    }

    @EngineTest
    void run_noTasks_returns(ScopeFactory scopes) {
        AtomicBoolean ran = new AtomicBoolean();

        scopes.run("run", scope -> ran.set(true));

        assertThat(ran).isTrue();
    }

    @EngineTest
    void body_runsOnTheThreadThatOpensTheScope(ScopeFactory scopes) {
        Thread body = scopes.call("call", scope -> Thread.currentThread());

        assertThat(body).isSameAs(Thread.currentThread());
    }

    @EngineTest
    void exit_awaitedTasksRun_waitsForThem(ScopeFactory scopes) {
        CountDownLatch bodyEnds = new CountDownLatch(1);
        AtomicInteger ended = new AtomicInteger();

        scopes.run("run", scope -> {
            for (int i = 0; i < 2; i++) {
                scope.spawn(() -> {
                    Blocking.await(bodyEnds);
                    Blocking.until("the body has ended", () -> scope.state() == Scope.State.COMPLETING);
                    return ended.incrementAndGet();
                });
            }
            bodyEnds.countDown();
        });

        assertThat(ended).hasValue(2);
    }

    @EngineTest
    void exit_taskSpawnsTasks_waitsForThemToo(ScopeFactory scopes) {
        AtomicInteger ended = new AtomicInteger();

        scopes.run(
                "run",
                scope -> scope.spawn("parent", () -> {
                    Blocking.until("the body has ended", () -> scope.state() == Scope.State.COMPLETING);
                    scope.spawn("child", () -> scope.spawn("grandchild", ended::incrementAndGet));
                }));

        assertThat(ended).hasValue(1);
    }

    @EngineTest
    void exit_backgroundTaskRuns_cancelsAndWaitsForIt(ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        AtomicBoolean cleaned = new AtomicBoolean();

        Task<?> background = scopes.call("call", scope -> {
            Task<?> task = scope.spawn(
                    "background",
                    () -> {
                        started.countDown();
                        try {
                            return Blocking.forever();
                        } finally {
                            cleaned.set(true);
                        }
                    },
                    t -> t.withAwaited(false));
            Blocking.await(started);
            return task;
        });

        assertThat(cleaned).isTrue();
        assertThat(background.status()).isEqualTo(Task.Status.CANCELLED);
    }

    @EngineTest
    void exit_afterFailure_noTaskRuns(ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        AtomicReference<Task<?>> other = new AtomicReference<>();
        IllegalStateException failure = new IllegalStateException("failure");

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    other.set(scope.spawn("other", () -> {
                        started.countDown();
                        return Blocking.forever();
                    }));
                    scope.spawn("failing", () -> {
                        Blocking.await(started);
                        throw failure;
                    });
                }))
                .isSameAs(failure);

        assertThat(other.get().isDone()).isTrue();
        assertThat(other.get().status()).isEqualTo(Task.Status.CANCELLED);
    }

    @EngineTest
    void scope_afterExit_isClosedAndNotListed(ScopeFactory scopes) {
        Scope scope = scopes.call("call", s -> {
            assertThat(s.state()).isEqualTo(Scope.State.OPEN);
            assertThat(scopes.scopes()).containsExactly(s);
            assertThat(scopes.find(s.id())).contains(s);
            return s;
        });

        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
        assertThat(scope.isCancelled()).isFalse();
        assertThat(scopes.scopes()).isEmpty();
        assertThat(scopes.find(scope.id())).isEmpty();
    }

    @EngineTest
    void sharedScope_lastTaskEnded_staysOpen(ScopeFactory scopes) {
        try (OpenScope scope = scopes.openShared("shared")) {
            scope.spawn("first", () -> 1).join();
            assertThat(scope.state()).isEqualTo(Scope.State.OPEN);

            assertThat(scope.spawn("second", () -> 2).join()).isEqualTo(2);
            assertThat(scope.state()).isEqualTo(Scope.State.OPEN);
        }
    }

    @EngineTest
    void openedScope_lastTaskEnded_staysOpen(ScopeFactory scopes) {
        try (OpenScope scope = scopes.open("open")) {
            scope.spawn("first", () -> 1).join();

            assertThat(scope.state()).isEqualTo(Scope.State.OPEN);
            scope.join();
            assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
        }
    }

    @EngineTest
    void body_throwsUnchecked_cancelsScopeAndComesOut(ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        AtomicReference<Task<?>> task = new AtomicReference<>();
        AtomicReference<Scope> opened = new AtomicReference<>();
        IllegalArgumentException failure = new IllegalArgumentException("body");

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    opened.set(scope);
                    task.set(scope.spawn("task", () -> {
                        started.countDown();
                        return Blocking.forever();
                    }));
                    Blocking.await(started);
                    throw failure;
                }))
                .isSameAs(failure);

        assertThat(task.get().status()).isEqualTo(Task.Status.CANCELLED);
        assertThat(opened.get().isCancelled()).isTrue();
    }

    @EngineTest
    void body_throwsError_comesOutAsItIs(ScopeFactory scopes) {
        AssertionError failure = new AssertionError("body");

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    @EngineTest
    void body_throwsChecked_comesOutWrappedWithNameOfScope(ScopeFactory scopes) {
        IOException failure = new IOException("body");

        assertThatThrownBy(() -> scopes.call("mirror", scope -> {
                    throw failure;
                }))
                .isExactlyInstanceOf(ScopeFailedException.class)
                .hasMessageContaining("mirror")
                .cause()
                .isSameAs(failure);
    }

    @EngineTest
    void body_throws_failureOfTaskIsSuppressed(ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        IllegalArgumentException ofBody = new IllegalArgumentException("body");
        IllegalStateException ofTask = new IllegalStateException("cleanup");

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            scope.spawn("task", () -> {
                started.countDown();
                try {
                    return Blocking.forever();
                } catch (InterruptedException e) {
                    throw ofTask;
                }
            });
            Blocking.await(started);
            throw ofBody;
        }));

        assertThat(thrown).isSameAs(ofBody);
        assertThat(thrown.getSuppressed()).contains(ofTask);
    }

    @EngineTest
    void body_throwsBeforeTaskStarts_taskNeverRuns(Harness harness) {
        AtomicBoolean ran = new AtomicBoolean();
        ScopeFactory scopes = harness.scopes(f -> f.withDefaults(s -> s.withMaxConcurrency(1)));

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    CountDownLatch started = new CountDownLatch(1);
                    scope.spawn("first", () -> {
                        started.countDown();
                        return Blocking.forever();
                    });
                    Blocking.await(started);
                    scope.spawn("second", () -> ran.set(true));
                    throw new IllegalStateException("body");
                }))
                .hasMessage("body");

        assertThat(ran).isFalse();
    }

    @EngineTest
    void body_joinsTaskAndLetsFailurePass_sameInstanceComesOut(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("task");

        assertThatThrownBy(() -> scopes.run(
                        "run",
                        scope -> scope.await("task", () -> {
                            throw failure;
                        })))
                .isSameAs(failure);
    }

    @EngineTest
    void body_joinsTaskAndLetsWrapperPass_causeIsThrownOnce(ScopeFactory scopes) {
        IOException failure = new IOException("task");

        Throwable thrown = catchThrowable(() -> scopes.run(
                "run",
                scope -> scope.await("task", () -> {
                    throw failure;
                })));

        assertThat(thrown).isExactlyInstanceOf(ScopeFailedException.class).hasCause(failure);
        assertThat(thrown.getSuppressed()).doesNotContain(failure);
        assertThat(thrown.getCause()).isSameAs(failure);
    }
}
