// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** A wait for the end of a task that neither throws its failure nor takes it over (B10). */
@Spec("B10")
class AwaitEndTest {

    @EngineTest
    void awaitEnd_success_returns(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<Integer> task = scope.spawn("task", () -> 1);
            task.awaitEnd();
            assertThat(task.status()).isEqualTo(Task.Status.SUCCEEDED);
            task.awaitEnd();
        });
    }

    @EngineTest
    void awaitEnd_failure_bubblesAsIfNobodyWaited(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("failed");
        CountDownLatch go = new CountDownLatch(1);
        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    Task<Object> task = scope.spawn("task", () -> {
                        Blocking.await(go);
                        throw failure;
                    });
                    go.countDown();
                    task.awaitEnd();
                }))
                .isSameAs(failure);
    }

    @EngineTest
    void awaitEnd_failureToJoin_isStillForAJoiner(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("failed");
        scopes.run("run", scope -> {
            Task<Object> task = scope.spawnToJoin("task", () -> {
                throw failure;
            });
            task.awaitEnd();
            assertThatThrownBy(task::join).isSameAs(failure);
        });
    }

    @EngineTest
    void awaitEnd_failureNobodyJoins_isThrownByTheExit(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("failed");
        assertThatThrownBy(() -> scopes.run(
                        "run",
                        scope -> scope.spawnToJoin("task", () -> {
                                    throw failure;
                                })
                                .awaitEnd()))
                .isSameAs(failure);
    }

    @EngineTest
    void cancelAndAwaitEnd_runningTask_returnsOnceItHasEnded(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            CountDownLatch runs = new CountDownLatch(1);
            Task<Object> task = scope.spawn("task", () -> {
                runs.countDown();
                return Blocking.forever();
            });
            Blocking.await(runs);
            task.cancel();
            task.awaitEnd();
            assertThat(task.isDone()).isTrue();
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void awaitEnd_timed_givesUp(Harness harness, ScopeFactory scopes, TestClock clock) {
        scopes.run("run", scope -> {
            Task<Object> task = scope.spawn("task", Blocking::forever);
            assertThat(task.awaitEnd(Duration.ZERO)).isFalse();
            harness.helper(() -> {
                clock.awaitAlarms(1);
                clock.advance(Duration.ofSeconds(1));
            });
            assertThat(task.awaitEnd(Duration.ofSeconds(1))).isFalse();
            task.cancel();
            assertThat(task.awaitEnd(Duration.ofMinutes(1))).isTrue();
        });
    }

    @EngineTest
    void awaitEnd_inACancelledScope_throws(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<Object> task = scope.spawn("task", Blocking::forever);
            scope.cancel();
            Throwable thrown = catchThrowable(task::awaitEnd);
            // A task that has ended by then is no wait.
            assertThat(thrown == null || thrown instanceof ScopeCancelledException)
                    .isTrue();
        });
    }

    @EngineTest
    void awaitEnd_interruptedFromOutside_throwsWithTheFlagSet(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    Task<Object> task = scope.spawn("task", Blocking::forever);
                    Thread.currentThread().interrupt();
                    task.awaitEnd();
                }))
                .isInstanceOf(ScopeInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @EngineTest
    void awaitEnd_ofItself_isRefused(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            scope.spawn("task", () -> {
                        thrown.set(catchThrowable(
                                () -> Task.current().orElseThrow().awaitEnd()));
                        return 1;
                    })
                    .join();
            assertThatIllegalStateException().isThrownBy(() -> {
                throw thrown.get();
            });
        });
    }

    @EngineTest
    void awaitEnd_null_isRefused(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<Integer> task = scope.spawn("task", () -> 1);
            assertThatNullPointerException().isThrownBy(() -> task.awaitEnd(null));
        });
    }
}
