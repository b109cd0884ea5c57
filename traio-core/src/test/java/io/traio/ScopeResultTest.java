// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.spi.CancelReason;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Timeouts and cancels as results (B10). */
@Spec("B10")
class ScopeResultTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final UnaryOperator<ScopeOptions> TIMED = s -> s.withTimeout(TIMEOUT);
    private static final UnaryOperator<ScopeOptions> PLAIN = UnaryOperator.identity();

    @EngineTest
    void tryCall_value_isPresent(ScopeFactory scopes) {
        ScopeResult<String> result = scopes.tryCall("call", PLAIN, scope -> "value");
        assertThat(result.isPresent()).isTrue();
        assertThat(result.get()).isEqualTo("value");
        assertThat(result.orElse("other")).isEqualTo("value");
        assertThat(result.toOptional()).hasValue("value");
        assertThat(result.reason()).isNull();
        assertThat(result.message()).isNull();
    }

    @EngineTest
    void tryCall_null_isPresent(ScopeFactory scopes) {
        ScopeResult<String> result = scopes.tryCall("call", PLAIN, scope -> null);
        assertThat(result.isPresent()).isTrue();
        assertThat(result.orElse("other")).isNull();
        assertThat(result.toOptional()).isEmpty();
    }

    @EngineTest
    void tryCall_timeout_isAResult(ScopeFactory scopes, TestClock clock) {
        ScopeResult<Object> result = scopes.tryCall("call", TIMED, scope -> {
            scope.spawn("slow", Blocking::forever);
            clock.advance(TIMEOUT);
            return Blocking.forever();
        });
        assertThat(result.isPresent()).isFalse();
        assertThat(result.orElse("other")).isEqualTo("other");
        assertThat(result.toOptional()).isEmpty();
        assertThat(result.reason()).isEqualTo(CancelReason.TIMEOUT);
        assertThat(result.message()).contains("'call'", "timed out", "'slow'");
        assertThatExceptionOfType(ScopeTimeoutException.class).isThrownBy(result::get);
    }

    @EngineTest
    void tryCall_timeoutInTheExit_isAResultWithoutValue(ScopeFactory scopes, TestClock clock) {
        ScopeResult<Integer> result = scopes.tryCall("call", TIMED, scope -> {
            scope.spawn("slow", () -> {
                clock.advance(TIMEOUT);
                return Blocking.forever();
            });
            return 1;
        });
        assertThat(result.orElse(2)).isEqualTo(2);
    }

    @EngineTest
    void tryCall_timeoutWithAFailure_throwsBoth(ScopeFactory scopes, TestClock clock) {
        RuntimeException failure = new IllegalStateException("clean-up failed");
        assertThatThrownBy(() -> scopes.tryCall("call", TIMED, scope -> {
                    CountDownLatch runs = new CountDownLatch(1);
                    scope.spawn("cleans up badly", () -> {
                        runs.countDown();
                        try {
                            return Blocking.forever();
                        } catch (InterruptedException e) {
                            throw failure;
                        }
                    });
                    Blocking.await(runs);
                    clock.advance(TIMEOUT);
                    return Blocking.forever();
                }))
                .isInstanceOf(ScopeTimeoutException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).contains(failure));
    }

    @EngineTest
    void tryCall_timeoutOfTheOuterScope_isThrown(ScopeFactory scopes, TestClock clock) {
        AtomicReference<Throwable> inner = new AtomicReference<>();
        ScopeResult<Object> outer = scopes.tryCall("outer", TIMED, scope -> {
            try {
                return scopes.tryCall("inner", PLAIN, s -> {
                    clock.advance(TIMEOUT);
                    return Blocking.forever();
                });
            } catch (RuntimeException e) {
                inner.set(e);
                throw e;
            }
        });
        assertThat(inner.get()).isInstanceOf(ScopeCancelledException.class);
        assertThat(outer.reason()).isEqualTo(CancelReason.TIMEOUT);
    }

    @EngineTest
    void tryCall_cancelled_saysWhy(ScopeFactory scopes) {
        ScopeResult<Object> result = scopes.tryCall("call", PLAIN, scope -> {
            scope.cancel("client went away");
            return Blocking.forever();
        });
        assertThat(result.isPresent()).isFalse();
        assertThat(result.reason()).isEqualTo(CancelReason.EXPLICIT);
        assertThat(result.message()).contains("'call'", "client went away");
        assertThatExceptionOfType(ScopeCancelledException.class).isThrownBy(result::get);
    }

    @EngineTest
    void tryCall_cancelledAfterTheBody_keepsTheValue(ScopeFactory scopes) {
        ScopeResult<Integer> result = scopes.tryCall("call", PLAIN, scope -> {
            CountDownLatch returned = new CountDownLatch(1);
            scope.spawn("canceller", () -> {
                // The body has returned once the scope takes no more from outside.
                Blocking.until("the body has ended", () -> scope.state() != Scope.State.OPEN);
                scope.cancel();
                returned.countDown();
                return Blocking.forever();
            });
            return 1;
        });
        assertThat(result.orElse(2)).isEqualTo(1);
        assertThat(result.reason()).isEqualTo(CancelReason.EXPLICIT);
    }

    @EngineTest
    void tryCall_cancelledWithACause_throwsTheCause(ScopeFactory scopes) {
        RuntimeException cause = new IllegalStateException("cause");
        assertThatThrownBy(() -> scopes.tryCall("call", PLAIN, scope -> {
                    scope.cancel(cause);
                    return Blocking.forever();
                }))
                .isSameAs(cause);
    }

    @EngineTest
    void tryCall_failure_isThrown(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("failed");
        assertThatThrownBy(() -> scopes.tryCall("call", PLAIN, scope -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    @EngineTest
    void tryRun_timeout_isAResult(ScopeFactory scopes, TestClock clock) {
        ScopeResult<Void> result = scopes.tryRun("run", TIMED, scope -> {
            clock.advance(TIMEOUT);
            Blocking.forever();
        });
        assertThat(result.isPresent()).isFalse();
        assertThat(result.reason()).isEqualTo(CancelReason.TIMEOUT);
    }

    @EngineTest
    void tryRun_ends_isPresent(ScopeFactory scopes) {
        ScopeResult<Void> result = scopes.tryRun("run", PLAIN, scope -> scope.spawn("task", () -> 1));
        assertThat(result.isPresent()).isTrue();
        assertThat(result.get()).isNull();
    }

    @Test
    void tryCall_null_isRefused() {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            assertThatNullPointerException().isThrownBy(() -> scopes.tryCall("call", PLAIN, null));
            assertThatNullPointerException().isThrownBy(() -> scopes.tryCall("call", null, scope -> 1));
            assertThatNullPointerException().isThrownBy(() -> scopes.tryRun("run", PLAIN, null));
            assertThat(scopes.scopes()).isEmpty();
        }
    }
}
