// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A shared scope that is meant to run for ever: nobody waits for its end at shutdown, it is cancelled (section 3). */
@Spec("S3")
class EndlessScopeTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private static OpenScope endless(ScopeFactory scopes) {
        return scopes.openShared("endless", s -> s.withEndless(true));
    }

    @EngineTest
    void drain_onlyEndlessScopesLive_returnsAtOnce(Harness harness, ScopeFactory scopes) throws InterruptedException {
        OpenScope endless = endless(scopes);
        endless.spawn("serve", Blocking::forever);

        assertThat(Aside.call(harness, () -> scopes.drain(LONG)).value()).isTrue();

        assertThat(endless.isCancelled()).isFalse();
        scopes.close();
        assertThat(endless.state()).isEqualTo(Scope.State.CLOSED);
    }

    @EngineTest
    void drain_endlessScopeHasChildren_doesNotWaitForThem(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        OpenScope endless = endless(scopes);
        OpenScope child = endless.fork().openShared("child");
        child.spawn("serve", Blocking::forever);

        assertThat(Aside.call(harness, () -> scopes.drain(LONG)).value()).isTrue();

        scopes.close();
        assertThat(child.state()).isEqualTo(Scope.State.CLOSED);
    }

    @EngineTest
    void drain_anotherScopeLives_waitsForThatOne(Harness harness, ScopeFactory scopes) throws InterruptedException {
        OpenScope endless = endless(scopes);
        CountDownLatch mayEnd = new CountDownLatch(1);
        OpenScope other = scopes.openShared("other");
        other.spawn("task", () -> Briefly.await(mayEnd));
        other.complete();

        assertThat(scopes.drain(Duration.ofMillis(20))).isFalse();
        Aside<Boolean> drained = Aside.call(harness, () -> scopes.drain(LONG));
        mayEnd.countDown();
        assertThat(drained.value()).isTrue();

        scopes.close();
        assertThat(catchThrowable(endless::awaitDone)).isExactlyInstanceOf(ScopeCancelledException.class);
    }

    @EngineTest
    void close_endlessScopeWasNeverCompleted_isNoCauseForAWarning(Harness harness) {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));
        endless(scopes).spawn("serve", Blocking::forever);

        scopes.close();

        assertThat(log.messages(Level.WARN)).isEmpty();
        assertThat(log.messages(Level.ERROR)).isEmpty();
    }

    @EngineTest
    void parentHasNothingElseLeft_endlessChildIsCancelledWithoutAWarning(Harness harness) throws InterruptedException {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));
        OpenScope parent = scopes.openShared("parent");
        OpenScope endless = parent.fork().openShared("endless", s -> s.withEndless(true));
        endless.spawn("serve", Blocking::forever);

        assertThat(Aside.run(harness, parent::join).failure()).isNull();

        assertThat(endless.state()).isEqualTo(Scope.State.CLOSED);
        assertThat(log.messages(Level.WARN)).isEmpty();
    }

    @EngineTest
    void factoryHasADefaultTimeout_endlessScopeHasNone(Harness harness, TestClock clock) {
        ScopeFactory scopes = harness.scopes(f -> f.withDefaults(s -> s.withTimeout(Duration.ofSeconds(1))));
        try (OpenScope endless = endless(scopes)) {
            clock.advance(LONG);

            assertThat(endless.isCancelled()).isFalse();
            assertThat(endless.remaining()).isEmpty();
        }
    }

    /** Its failure is what it would be: it was not cancelled. */
    @EngineTest
    void taskFails_endlessScopeEndsWithTheFailure(ScopeFactory scopes) {
        IllegalArgumentException failure = new IllegalArgumentException("task");
        OpenScope endless = endless(scopes);
        endless.spawn("serve", () -> {
            throw failure;
        });

        assertThat(catchThrowable(endless::awaitDone)).isSameAs(failure);
    }
}
