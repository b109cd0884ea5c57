// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.traio.spi.ScopeListener;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** The failure of a shared scope goes to who awaits it, or is reported: once, and never lost between the two. */
@Spec({"S1", "S9"})
class UnobservedFailureTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final IllegalStateException failure = new IllegalStateException("lost");
    private final CountDownLatch mayFail = new CountDownLatch(1);
    private final LogCapture log = new LogCapture();
    private final Queue<Throwable> notified = new ConcurrentLinkedQueue<>();

    private ScopeFactory listening(Harness harness) {
        return harness.scopes(f -> f.withLogger(log.logger()).withListener(new ScopeListener() {
            @Override
            public void scopeFailureUnobserved(Scope scope, Throwable unobserved) {
                notified.add(unobserved);
            }
        }));
    }

    private OpenScope failing(ScopeFactory scopes) {
        OpenScope shared = scopes.openShared("shared");
        shared.spawn("task", () -> {
            Blocking.stubbornly(mayFail);
            throw failure;
        });
        return shared;
    }

    private void assertReportedOnce() {
        Blocking.until("the failure is reported", () -> !notified.isEmpty());
        assertThat(notified).containsExactly(failure);
        assertThat(log.messages(Level.WARN)).singleElement().asString().contains("'shared'", "nobody awaits it");
        assertThat(log.thrown(Level.WARN)).containsExactly(failure);
    }

    private void assertNotReported() {
        assertThat(notified).isEmpty();
        assertThat(log.messages(Level.WARN)).isEmpty();
    }

    @EngineTest
    void failure_openerObservesIt_isThrownAtItsJoinOnly(Harness harness) {
        ScopeFactory scopes = listening(harness);
        OpenScope shared = scopes.openShared("shared", s -> s.withObserved(true));
        shared.spawn("task", () -> {
            throw failure;
        });
        Blocking.until("the scope has ended", () -> shared.state() == Scope.State.CLOSED);
        assertNotReported();
        shared.close();
        assertThatThrownBy(shared::join).isSameAs(failure);
        assertNotReported();
    }

    @EngineTest
    void drain_waitsAsTheScopeFails_failureIsReported(Harness harness) throws Exception {
        ScopeFactory scopes = listening(harness);
        failing(scopes);
        Thread drains = harness.helper(
                () -> assertThat(scopes.drain(Duration.ofHours(1))).isTrue());
        Blocking.untilParked(drains);
        mayFail.countDown();
        drains.join();

        assertReportedOnce();
    }

    @EngineTest
    void close_waitsAsTheScopeEndsWithAFailure_failureIsReported(Harness harness) throws Exception {
        ScopeFactory scopes = listening(harness);
        OpenScope shared = scopes.openShared("shared");
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch cleanUp = new CountDownLatch(1);
        shared.spawn("slow", () -> {
            started.countDown();
            return Blocking.stubbornly(cleanUp);
        });
        Blocking.await(started);
        shared.spawn("bad", () -> {
            throw failure;
        });
        Blocking.until("the scope has failed", shared::isCancelled);
        Thread closes = harness.helper(shared::close);
        Blocking.untilParked(closes);
        assertNotReported();
        cleanUp.countDown();
        closes.join();

        assertReportedOnce();
    }

    @EngineTest
    void awaitDone_waitsAsTheScopeFails_getsTheFailureAndNobodyElseDoes(Harness harness) throws Exception {
        OpenScope shared = failing(listening(harness));
        Thread waits =
                harness.helper(() -> assertThatThrownBy(shared::awaitDone).isSameAs(failure));
        Blocking.untilParked(waits);
        mayFail.countDown();
        waits.join();
        shared.close();

        assertNotReported();
    }

    @EngineTest
    void awaitDone_gaveUpBefore_failureIsReported(Harness harness, TestClock clock) throws Exception {
        OpenScope shared = failing(listening(harness));
        Thread waits = harness.helper(() -> assertThat(shared.awaitDone(SECOND)).isFalse());
        clock.awaitAlarms(1);
        clock.advance(SECOND);
        waits.join();
        mayFail.countDown();

        assertReportedOnce();
    }

    @EngineTest
    void awaitDone_oneGivesUpAndAnotherWaits_failureIsTheOthers(Harness harness, TestClock clock) throws Exception {
        OpenScope shared = failing(listening(harness));
        Thread stays =
                harness.helper(() -> assertThatThrownBy(shared::awaitDone).isSameAs(failure));
        Blocking.untilParked(stays);
        Thread givesUp =
                harness.helper(() -> assertThat(shared.awaitDone(SECOND)).isFalse());
        clock.awaitAlarms(1);
        clock.advance(SECOND);
        givesUp.join();
        mayFail.countDown();
        stays.join();

        assertNotReported();
    }

    @EngineTest
    void onDone_only_failureIsReported(Harness harness) {
        OpenScope shared = failing(listening(harness));
        shared.onDone(scope -> {});
        mayFail.countDown();

        assertReportedOnce();
    }

    @EngineTest
    void join_afterTheScopeHasFailed_throwsIt(Harness harness) {
        OpenScope shared = failing(listening(harness));
        mayFail.countDown();
        Blocking.until("the scope is closed", () -> shared.state() == Scope.State.CLOSED);

        assertThatThrownBy(shared::join).isSameAs(failure);
        shared.close();
        assertReportedOnce();
    }
}
