// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import io.traio.ScopeOpener;
import io.traio.spi.ScopeOutcome.Kind;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ScopeOutcomeTest {

    private final AtomicReference<ScopeOutcome> outcome = new AtomicReference<>();
    private final TestClock clock = new TestClock();
    private final ScopeFactory scopes =
            ScopeFactory.create(f -> f.withTimeSource(clock).withListener(new ScopeListener() {
                @Override
                public void scopeClosed(Scope scope, ScopeOutcome notified) {
                    outcome.set(notified);
                }
            }));

    private Kind kindOf(ScopeOpener.VoidBody body) {
        try {
            scopes.run("scope", s -> s.withTimeout(Duration.ofSeconds(1)), body);
        } catch (Exception expected) {
            assertThat(Thread.interrupted()).isEqualTo(outcome.get().reason() == CancelReason.INTERRUPT);
        }
        return outcome.get().kind();
    }

    @Test
    void kind_endedByItself_isSuccess() {
        assertThat(kindOf(scope -> {})).isEqualTo(Kind.SUCCESS);
    }

    @Test
    void kind_masterEnded_isSuccess() {
        assertThat(kindOf(scope -> scope.spawn("m", () -> {}, t -> t.withMaster(true))))
                .isEqualTo(Kind.SUCCESS);
    }

    @Test
    void kind_bodyFailed_isFailure() {
        assertThat(kindOf(scope -> {
                    throw new IllegalStateException();
                }))
                .isEqualTo(Kind.FAILURE);
    }

    @Test
    void kind_cancelledBecauseOfAFailure_isFailure() {
        assertThat(kindOf(scope -> scope.cancel(new IllegalStateException()))).isEqualTo(Kind.FAILURE);
    }

    @Test
    void kind_deadlinePassed_isTimeout() {
        assertThat(kindOf(scope -> clock.advance(Duration.ofSeconds(1)))).isEqualTo(Kind.TIMEOUT);
    }

    @Test
    void kind_exitThrowsTheTimeoutOfAChild_isTimeout() {
        assertThat(kindOf(scope -> scopes.run("child", s -> s.withTimeout(Duration.ofMillis(500)), child -> {
                    clock.advance(Duration.ofMillis(500));
                })))
                .isEqualTo(Kind.TIMEOUT);
    }

    @Test
    void kind_cancelled_isCancelled() {
        assertThat(kindOf(Scope::cancel)).isEqualTo(Kind.CANCELLED);
    }

    @Test
    void kind_cancelledBecauseOfACancellation_isCancelled() {
        assertThat(kindOf(scope -> scope.cancel(new ScopeCancelledException("operator", null))))
                .isEqualTo(Kind.CANCELLED);
    }

    @Test
    void kind_ownerInterrupted_isCancelled() {
        assertThat(kindOf(scope -> {
                    throw new InterruptedException();
                }))
                .isEqualTo(Kind.CANCELLED);
    }
}
