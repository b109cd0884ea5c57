// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;

/** A failure that is for whoever joins the task, however early it comes (T3b). */
@Spec("T3b")
class ToJoinTest {

    private static final IllegalArgumentException FAILURE = new IllegalArgumentException("to join");

    private static final Callable<Integer> FAILS = () -> {
        throw FAILURE;
    };

    private static Task<Integer> failed(Scope scope) {
        Task<Integer> task = scope.spawnToJoin("task", FAILS);
        Blocking.until("the task has failed", task::isDone);
        return task;
    }

    @EngineTest
    void join_afterTheFailure_throwsItAndTheScopeGoesOn(ScopeFactory scopes) {
        int sibling = scopes.call("call", scope -> {
            Task<Integer> task = failed(scope);
            assertThatThrownBy(task::join).isSameAs(FAILURE);
            assertThat(scope.isCancelled()).isFalse();
            return scope.spawn("sibling", () -> 7).join();
        });

        assertThat(sibling).isEqualTo(7);
    }

    @EngineTest
    void get_afterTheFailure_throwsItAndTheExitIsSilent(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<Integer> task = failed(scope);
            assertThatThrownBy(task::get).isInstanceOf(ExecutionException.class).hasCause(FAILURE);
        });
    }

    @EngineTest
    void nobodyJoins_exitThrowsTheFailureOnceAllHaveEnded(ScopeFactory scopes) {
        AtomicReference<Task<Integer>> sibling = new AtomicReference<>();
        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            failed(scope);
            sibling.set(scope.spawn("sibling", () -> 7));
        }));

        assertThat(thrown).isSameAs(FAILURE);
        assertThat(sibling.get().join()).isEqualTo(7);
    }

    @EngineTest
    void nobodyJoins_checkedFailure_exitNamesScopeAndTask(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.spawnToJoin("task", () -> {
                        throw new IOException("to join");
                    });
                }))
                .isInstanceOf(ScopeFailedException.class)
                .hasMessageContainingAll("'task'", "'run'")
                .hasCauseInstanceOf(IOException.class);
    }

    @EngineTest
    void nobodyJoins_valueOfTheBody_isNotReturned(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.call("call", scope -> {
                    failed(scope);
                    return 1;
                }))
                .isSameAs(FAILURE);
    }

    @EngineTest
    void nobodyJoins_bodyFails_failureOfTheTaskIsSuppressed(ScopeFactory scopes) {
        IllegalStateException body = new IllegalStateException("body");
        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    failed(scope);
                    throw body;
                }))
                .isSameAs(body)
                .satisfies(e -> assertThat(e.getSuppressed()).contains(FAILURE));
    }

    @EngineTest
    void oneOfTwoIsJoined_exitThrowsTheOther(ScopeFactory scopes) {
        IllegalStateException other = new IllegalStateException("other");
        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.spawnToJoin("other", () -> {
                        throw other;
                    });
                    assertThatThrownBy(failed(scope)::join).isSameAs(FAILURE);
                }))
                .isSameAs(other);
    }

    @EngineTest
    void siblingJoins_exitIsSilent(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<Integer> task = failed(scope);
            scope.spawn("sibling", () -> assertThatThrownBy(task::join).isSameAs(FAILURE));
        });
    }

    @EngineTest
    void bodyWrapsWhatItJoined_wrapperIsThrown(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    Task<Integer> task = failed(scope);
                    try {
                        task.join();
                    } catch (IllegalArgumentException e) {
                        throw new IllegalStateException("wrapper", e);
                    }
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("wrapper")
                .hasCause(FAILURE);
    }

    @EngineTest
    void scopeIsCancelled_nobodyJoins_exitThrowsTheFailure(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    failed(scope);
                    scope.cancel();
                }))
                .isSameAs(FAILURE);
    }

    @EngineTest
    void notToBubble_nobodyJoins_failureIsLogged(Harness harness) {
        LogCapture log = new LogCapture();
        harness.scopes(f -> f.withLogger(log.logger()))
                .run("run", scope -> scope.spawnToJoin("task", FAILS, t -> t.withBubble(false)));

        assertThat(log.thrown(Level.WARN)).containsExactly(FAILURE);
    }
}
