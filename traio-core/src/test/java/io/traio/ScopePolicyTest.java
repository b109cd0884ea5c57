// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.traio.ScopePolicy.Verdict;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Policies decide on each task that has ended whether the scope goes on (B3). */
@Spec("B3")
class ScopePolicyTest {

    private static Task<Object> failing(Scope scope, RuntimeException failure) {
        return scope.spawn("fails", () -> {
            throw failure;
        });
    }

    @EngineTest
    void awaitAll_failures_cancelNothingAndAreNotThrown(Harness harness) {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));
        Task<Object> failed = scopes.call("call", s -> s.withPolicy(ScopePolicy.awaitAll()), scope -> {
            scope.spawn("succeeds", () -> 1);
            return failing(scope, new IllegalStateException("failed"));
        });

        assertThat(failed.status()).isEqualTo(Task.Status.FAILED);
        assertThat(log.messages(Level.WARN)).isEmpty();
    }

    @EngineTest
    void anySuccessfulOrThrow_success_endsTheScopeSilently(ScopeFactory scopes) {
        Task<Integer> task = scopes.call("call", s -> s.withPolicy(ScopePolicy.anySuccessfulOrThrow()), scope -> {
            failing(scope, new IllegalStateException("failed"));
            scope.spawn("forever", Blocking::forever);
            return scope.spawn("succeeds", () -> 1);
        });

        assertThat(task.join()).isEqualTo(1);
        assertThat(task.scope().isCancelled()).isTrue();
    }

    @EngineTest
    void anySuccessfulOrThrow_allFail_throwsTheFirst(ScopeFactory scopes) {
        RuntimeException first = new IllegalStateException("first");
        RuntimeException second = new IllegalArgumentException("second");
        assertThatThrownBy(() -> scopes.run(
                        "run",
                        s -> s.withPolicy(ScopePolicy.anySuccessfulOrThrow()).withMaxConcurrency(1),
                        scope -> {
                            failing(scope, first);
                            failing(scope, second);
                        }))
                .isSameAs(first)
                .satisfies(e -> assertThat(e.getSuppressed()).contains(second));
    }

    @EngineTest
    void anySuccessfulOrThrow_timeout_keepsTheFailures(ScopeFactory scopes, io.traio.test.TestClock clock) {
        RuntimeException failure = new IllegalStateException("failed");
        assertThatThrownBy(() -> scopes.run(
                        "run",
                        s -> s.withPolicy(ScopePolicy.anySuccessfulOrThrow())
                                .withTimeout(java.time.Duration.ofSeconds(1)),
                        scope -> {
                            failing(scope, failure).awaitEnd();
                            clock.advance(java.time.Duration.ofSeconds(1));
                            Blocking.forever();
                        }))
                .isInstanceOf(ScopeTimeoutException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).contains(failure));
    }

    @EngineTest
    void allSuccessfulOrThrow_failure_cancelsTheScope(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("failed");
        for (ScopePolicy policy :
                List.of(ScopePolicy.allSuccessfulOrThrow(), ScopePolicy.awaitAllSuccessfulOrThrow())) {
            assertThatThrownBy(() -> scopes.run("run", s -> s.withPolicy(policy), scope -> {
                        scope.spawn("forever", Blocking::forever);
                        failing(scope, failure);
                    }))
                    .isSameAs(failure);
        }
    }

    @EngineTest
    void allUntil_predicateHolds_endsTheScope(ScopeFactory scopes) {
        List<Task<?>> asked = new CopyOnWriteArrayList<>();
        ScopePolicy twoFailed = ScopePolicy.allUntil(task -> {
            asked.add(task);
            return asked.stream().filter(t -> t.status() == Task.Status.FAILED).count() == 2;
        });
        scopes.run("run", s -> s.withPolicy(twoFailed), scope -> {
            failing(scope, new IllegalStateException("first"));
            failing(scope, new IllegalStateException("second"));
            scope.spawn("forever", Blocking::forever);
        });

        assertThat(asked).hasSize(2);
    }

    @EngineTest
    void policy_backgroundTask_isNotAskedAbout(ScopeFactory scopes) {
        List<String> asked = new CopyOnWriteArrayList<>();
        ScopePolicy policy = (task, failure) -> {
            asked.add(task.name());
            return Verdict.CONTINUE;
        };
        scopes.run("run", s -> s.withPolicy(policy), scope -> {
            scope.spawn("background", () -> 1, t -> t.withAwaited(false)).join();
            scope.spawn("awaited", () -> 1);
        });

        assertThat(asked).containsExactly("awaited");
    }

    @EngineTest
    void policy_failureOfAJoiner_isTheJoiners(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("failed");
        scopes.run("run", s -> s.withPolicy((task, f) -> Verdict.FAIL), scope -> {
            Task<Object> task = scope.spawnToJoin("fails", () -> {
                throw failure;
            });
            assertThatThrownBy(task::join).isSameAs(failure);
        });
    }

    @EngineTest
    void policy_deferredAndJoined_isNotThrownByTheExit(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("failed");
        scopes.run("run", s -> s.withPolicy((task, f) -> Verdict.DEFER), scope -> {
            Task<Object> task = failing(scope, failure);
            task.awaitEnd();
            assertThatThrownBy(task::join).isSameAs(failure);
        });
    }

    @EngineTest
    void policy_bubbleFalse_failureIsLogged(Harness harness) {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));
        scopes.run("run", s -> s.withPolicy((task, f) -> Verdict.DEFER), scope -> {
            scope.spawn(
                    "fails",
                    () -> {
                        throw new IllegalStateException("failed");
                    },
                    t -> t.withBubble(false));
        });

        assertThat(log.messages(Level.WARN)).hasSize(1);
    }

    @EngineTest
    void policy_throws_isLoggedAndTheScopeGoesOnWithoutIt(Harness harness) {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));
        RuntimeException broken = new IllegalStateException("broken policy");
        RuntimeException failure = new IllegalStateException("failed");
        ScopePolicy policy = (task, f) -> {
            throw broken;
        };
        assertThatThrownBy(() -> scopes.run("run", s -> s.withPolicy(policy), scope -> {
                    scope.spawn("succeeds", () -> 1);
                    failing(scope, failure);
                }))
                .isSameAs(failure);
        assertThat(log.thrown(Level.ERROR)).contains(broken);
    }

    @EngineTest
    void policy_endWhileTheBodyRuns_interruptsTheBodyAndRunIsSilent(ScopeFactory scopes) {
        CountDownLatch go = new CountDownLatch(1);
        scopes.run("run", s -> s.withPolicy(ScopePolicy.anySuccessfulOrThrow()), scope -> {
            scope.spawn("succeeds", () -> Blocking.await(go));
            go.countDown();
            Blocking.forever();
        });
    }

    @EngineTest
    void policy_endWhileTheBodyRuns_callHasNoValue(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.call("call", s -> s.withPolicy(ScopePolicy.anySuccessfulOrThrow()), scope -> {
                    scope.spawn("succeeds", () -> 1);
                    return Blocking.forever();
                }))
                .isInstanceOf(ScopeCancelledException.class)
                .hasMessageContaining("policy");
    }

    @EngineTest
    void policy_ofASharedScope_isAsked(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("shared", s -> s.withPolicy(ScopePolicy.anySuccessfulOrThrow()));
        scope.spawn("forever", Blocking::forever);
        scope.spawn("succeeds", () -> 1);
        scope.awaitDone();
        assertThat(scope.isCancelled()).isTrue();
    }

    @Test
    void withPolicy_null_isRefused() {
        assertThatNullPointerException().isThrownBy(() -> ScopeOptions.DEFAULT.withPolicy(null));
        assertThatNullPointerException().isThrownBy(() -> ScopeOptions.DEFAULT.withKind(null));
        assertThatNullPointerException().isThrownBy(() -> ScopePolicy.allUntil(null));
    }
}
