// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** What a canceller says is shown (B10). */
@Spec("B10")
class CancelTextTest {

    private static final String WHY = "client went away";

    @EngineTest
    void cancelWithText_call_throwsIt(ScopeFactory scopes) {
        assertThatExceptionOfType(ScopeCancelledException.class)
                .isThrownBy(() -> scopes.call("call", scope -> {
                    scope.cancel(WHY);
                    return Blocking.forever();
                }))
                .withMessageContainingAll("'call'", WHY);
    }

    @EngineTest
    void cancelWithText_run_isSilent(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            scope.cancel(WHY);
            Blocking.forever();
        });
    }

    @EngineTest
    void cancelWithTextAndCause_exitThrowsTheCause(ScopeFactory scopes) {
        IllegalStateException cause = new IllegalStateException("gone");
        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.cancel(WHY, cause);
                    Blocking.forever();
                }))
                .isSameAs(cause);
    }

    @EngineTest
    void cancelWithTextAndCause_scopeWasCancelledBefore_causeIsSuppressed(ScopeFactory scopes) {
        IllegalStateException first = new IllegalStateException("first");
        IllegalStateException second = new IllegalStateException("second");
        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.cancel(WHY, first);
                    scope.cancel("once more", second);
                }))
                .isSameAs(first)
                .hasSuppressedException(second);
    }

    @EngineTest
    void cancelWithTextAndCause_oneIsNull_isRefusedAndTheScopeGoesOn(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            assertThatNullPointerException().isThrownBy(() -> scope.cancel(null, new IllegalStateException()));
            assertThatNullPointerException().isThrownBy(() -> scope.cancel(WHY, null));
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void cancelWithText_child_saysIt(ScopeFactory scopes) {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        scopes.run(
                "outer",
                outer -> thrown.set(catchThrowable(() -> scopes.run("inner", inner -> {
                    outer.cancel(WHY);
                    Blocking.forever();
                }))));
        assertThat(thrown.get()).isInstanceOf(ScopeCancelledException.class).hasMessageContaining(WHY);
    }

    @EngineTest
    void cancelWithText_waitsJoinsAndSpawns_sayIt(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<Object> task = scope.spawn("task", Blocking::forever);
            scope.cancel(WHY);
            assertThatThrownBy(task::join)
                    .isInstanceOf(ScopeCancelledException.class)
                    .hasMessageContaining(WHY);
            assertThatThrownBy(() -> scope.spawn("late", () -> 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(WHY);
        });
    }

    @EngineTest
    void timeout_waitAndCheckpoint_sayIt(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.tryRun("quotes", s -> s.withTimeout(Duration.ofMillis(20)), scope -> {
            Task<Boolean> busy = scope.spawn("busy", () -> Blocking.stubbornly(mayEnd));
            assertThatThrownBy(busy::join)
                    .isInstanceOf(ScopeCancelledException.class)
                    .hasMessageStartingWith("scope 'quotes'")
                    .hasMessageContaining("is cancelled (timeout) and cannot wait for task 'busy'");
            assertThatThrownBy(Scope::checkCancelled).hasMessageEndingWith("is cancelled (timeout) and cannot go on");
            mayEnd.countDown();
        });
    }

    @EngineTest
    void cancelWithText_logAndSnapshot_showIt(Harness harness) {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));
        scopes.run("run", scope -> {
            assertThat(scope.snapshot().cancelled()).isNull();
            scope.cancel(WHY);
            assertThat(scope.snapshot().cancelled()).isEqualTo("explicit: " + WHY);
        });
        assertThat(log.messages(Level.DEBUG))
                .anySatisfy(message -> assertThat(message).contains("cancelled", WHY));
    }

    @EngineTest
    void cancelWithText_first_wins(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            scope.cancel(WHY);
            scope.cancel("another");
            assertThat(scope.snapshot().cancelled()).isEqualTo("explicit: " + WHY);
        });
    }

    @EngineTest
    void cancelWithText_controlCharacters_areEscaped(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            scope.cancel("a\nb");
            assertThat(scope.snapshot().cancelled()).doesNotContain("\n");
        });
    }

    @EngineTest
    void cancelWithText_null_isRefused(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            assertThatNullPointerException().isThrownBy(() -> scope.cancel((String) null));
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    // ---- checkpoint ----

    @EngineTest
    void checkCancelled_notCancelled_isANoOp(ScopeFactory scopes) {
        Scope.checkCancelled();
        scopes.run("run", scope -> Scope.checkCancelled());
    }

    @EngineTest
    void checkCancelled_scopeCancelled_throwsWithTheReason(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            scope.cancel(WHY);
            assertThatThrownBy(Scope::checkCancelled)
                    .isInstanceOf(ScopeCancelledException.class)
                    .hasMessageContaining(WHY);
            assertThatThrownBy(Scope::checkCancelled).isInstanceOf(ScopeCancelledException.class);
        });
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @EngineTest
    void checkCancelled_taskCancelled_throwsInIt(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            CountDownLatch runs = new CountDownLatch(1);
            Task<Boolean> task = scope.spawn("computes", () -> {
                runs.countDown();
                while (true) {
                    Scope.checkCancelled();
                    Thread.onSpinWait();
                }
            });
            Blocking.await(runs);
            task.cancel();
            task.awaitEnd();
            assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
        });
    }

    @EngineTest
    void checkCancelled_interruptFromOutside_isKept(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Thread.currentThread().interrupt();
            Scope.checkCancelled();
            assertThat(Thread.interrupted()).isTrue();
        });
    }

    // ---- current task ----

    @EngineTest
    void currentTask_inATask_isThatTaskInItsScopesToo(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            assertThat(Task.current()).isEmpty();
            AtomicReference<Task<?>> inside = new AtomicReference<>();
            AtomicReference<Task<?>> inChild = new AtomicReference<>();
            Task<Object> task = scope.spawn("task", () -> {
                inside.set(Task.current().orElseThrow());
                return scopes.call("child", child -> {
                    inChild.set(Task.current().orElseThrow());
                    return 1;
                });
            });
            task.join();
            assertThat(inside.get()).isSameAs(task);
            assertThat(inChild.get()).isSameAs(task);
        });
        assertThat(Task.current()).isEmpty();
    }
}
