// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;

/** What comes out of a scope, where that is not plain. */
class ExitFailuresTest {

    @EngineTest
    void run_outerScopeIsClosedInTheBody_misuseComesOutOfTheInner(ScopeFactory scopes) {
        OpenScope outer = scopes.open("outer");
        assertThatThrownBy(() -> scopes.run("inner", inner -> outer.close()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("inner");
        assertThat(Scope.current()).isEmpty();
    }

    @EngineTest
    void run_bodyFailsAfterItsScopeWasClosedWithAnOuter_failureComesOut(ScopeFactory scopes) {
        IllegalArgumentException failure = new IllegalArgumentException("real");
        OpenScope outer = scopes.open("outer");
        assertThatThrownBy(() -> scopes.run("inner", inner -> {
                    assertThatThrownBy(outer::close).isInstanceOf(IllegalStateException.class);
                    throw failure;
                }))
                .isSameAs(failure);
    }

    @EngineTest
    void cancel_withACause_placeThatWaitedIsInTheTrace(ScopeFactory scopes) {
        IllegalStateException cause = new IllegalStateException("cause");
        assertThatThrownBy(() -> scopes.run("scope", scope -> scope.cancel(cause)))
                .isSameAs(cause)
                .satisfies(e -> assertThat(e.getSuppressed())
                        .singleElement()
                        .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
                        .hasMessageStartingWith("waited for "));
    }

    @EngineTest
    void cancel_withACheckedCause_messageDoesNotBlameTheBody(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("scope", scope -> scope.cancel(new IOException("cause"))))
                .isInstanceOf(ScopeFailedException.class)
                .hasMessageStartingWith("scope 'scope'")
                .hasMessageContaining("was cancelled");
    }

    @EngineTest
    void open_alarmCannotBeSet_scopeIsClosed(Harness harness) {
        OutOfMemoryError error = new OutOfMemoryError("unable to create native thread");
        ScopeFactory noAlarms = harness.scopes(f -> f.withTimeSource(withoutAlarms(error)));
        assertThatThrownBy(() -> noAlarms.open("scope", s -> s.withTimeout(Duration.ofSeconds(1))))
                .isSameAs(error);
        assertThatThrownBy(() -> noAlarms.openShared("shared", s -> s.withTimeout(Duration.ofSeconds(1))))
                .isSameAs(error);
        assertThat(Scope.current()).isEmpty();
        assertThat(noAlarms.scopes()).isEmpty();
    }

    @EngineTest
    void get_alarmCannotBeSet_errorOfTheTaskIsHandedBack(Harness harness) {
        OutOfMemoryError error = new OutOfMemoryError("unable to create native thread");
        ScopeFactory noAlarms = harness.scopes(f -> f.withTimeSource(withoutAlarms(error)));
        IllegalStateException failure = new IllegalStateException("failure");
        assertThatThrownBy(() -> noAlarms.run("scope", scope -> {
                    CountDownLatch tried = new CountDownLatch(1);
                    Task<?> task = scope.spawn(() -> {
                        Blocking.await(tried);
                        throw failure;
                    });
                    assertThatThrownBy(() -> task.get(1, TimeUnit.SECONDS)).isSameAs(error);
                    tried.countDown();
                }))
                .isSameAs(failure);
    }

    private static TimeSource withoutAlarms(Error error) {
        return new TimeSource() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public Instant now() {
                return Instant.now();
            }

            @Override
            public Alarm schedule(long delayNanos, Runnable action) {
                throw error;
            }
        };
    }
}
