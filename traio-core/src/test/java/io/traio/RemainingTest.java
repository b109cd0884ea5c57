// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.test.TestClock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The time left of a scope is zero when its deadline has passed, until it has ended (S5). */
@Spec("S5")
class RemainingTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final AtomicReference<Scope> opened = new AtomicReference<>();

    @EngineTest
    void scopeTimesOut_zeroWhileItEnds(ScopeFactory scopes, TestClock clock) {
        AtomicReference<Optional<Duration>> seen = new AtomicReference<>();
        assertThatThrownBy(() -> scopes.run("run", s -> s.withTimeout(TIMEOUT), scope -> {
                    clock.advance(TIMEOUT);
                    assertThat(catchThrowable(Briefly::untilInterrupted)).isInstanceOf(InterruptedException.class);
                    seen.set(scope.remaining());
                }))
                .isInstanceOf(ScopeTimeoutException.class);

        assertThat(seen.get()).contains(Duration.ZERO);
    }

    @EngineTest
    void scopeHasTimedOut_zeroAfterItsEnd(ScopeFactory scopes, TestClock clock) {
        assertThatThrownBy(() -> scopes.run("run", s -> s.withTimeout(TIMEOUT), scope -> {
                    opened.set(scope);
                    clock.advance(TIMEOUT);
                    Briefly.untilInterrupted();
                }))
                .isInstanceOf(ScopeTimeoutException.class);

        assertThat(opened.get().remaining()).contains(Duration.ZERO);
    }

    @EngineTest
    void sharedScopeHasTimedOut_zeroAfterItsEnd(ScopeFactory scopes, TestClock clock) {
        OpenScope shared = scopes.openShared("shared", s -> s.withTimeout(TIMEOUT));
        clock.advance(TIMEOUT);
        assertThatThrownBy(shared::awaitDone).isInstanceOf(ScopeTimeoutException.class);

        assertThat(shared.remaining()).contains(Duration.ZERO);
    }

    @EngineTest
    void scopeHasEndedInTime_emptyAfterItsEnd(ScopeFactory scopes, TestClock clock) {
        scopes.run("run", s -> s.withTimeout(TIMEOUT), opened::set);
        assertThat(opened.get().remaining()).isEmpty();
        clock.advance(TIMEOUT);
        assertThat(opened.get().remaining()).isEmpty();
    }

    @EngineTest
    void childHasEnded_parentHasADeadline_emptyAfterItsEnd(ScopeFactory scopes, TestClock clock) {
        scopes.run("parent", s -> s.withTimeout(TIMEOUT), parent -> {
            scopes.run("child", child -> {
                opened.set(child);
                assertThat(child.remaining()).contains(TIMEOUT);
            });
            assertThat(opened.get().remaining()).isEmpty();
        });
    }

    @EngineTest
    void childIsCancelledByTheTimeoutOfItsParent_emptyAfterItsEnd(ScopeFactory scopes, TestClock clock) {
        assertThatThrownBy(() -> scopes.run(
                        "parent",
                        s -> s.withTimeout(TIMEOUT),
                        parent -> scopes.run("child", child -> {
                            opened.set(child);
                            clock.advance(TIMEOUT);
                            Briefly.untilInterrupted();
                        })))
                .isInstanceOf(ScopeTimeoutException.class);

        assertThat(opened.get().remaining()).isEmpty();
    }
}
