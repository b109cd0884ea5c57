// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeOptions;
import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class ScopeFactoryLifecycleTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    private final Map<String, ScopeOutcome> outcomes = new ConcurrentHashMap<>();
    private final ScopeFactory scopes = factory();
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch free = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    private ScopeFactory factory() {
        return ScopeFactory.create(f -> f.withListener(new ScopeListener() {
            @Override
            public void scopeClosed(Scope scope, ScopeOutcome outcome) {
                outcomes.put(scope.name(), outcome);
            }
        }));
    }

    private static ScopeFactoryLifecycle lifecycle(Duration timeout, Duration drainTimeout, ScopeFactory... factories) {
        ScopeFactoryLifecycle lifecycle =
                new ScopeFactoryLifecycle(List.of(factories), timeout, drainTimeout, () -> true);
        lifecycle.start();
        return lifecycle;
    }

    @AfterEach
    void letStragglersEnd() {
        free.countDown();
    }

    /** Opens a scope with a task, without which it would not be waited for. */
    private OpenScope openWithTask() throws InterruptedException {
        OpenScope live = scopes.openShared("live");
        live.spawn("alpha", () -> {
            started.countDown();
            free.await();
            return null;
        });
        started.await();
        return live;
    }

    /** Waits in the task until {@link #free}, even if it is interrupted. */
    private Void stubborn() {
        started.countDown();
        while (true) {
            try {
                free.await();
                return null;
            } catch (InterruptedException e) {
                // As a stubborn task does.
            }
        }
    }

    @Test
    void stop_noScopeLives_isDoneAtOnce() {
        ScopeFactoryLifecycle lifecycle = lifecycle(LONG, LONG, scopes);
        assertThat(lifecycle.isRunning()).isTrue();
        lifecycle.stop(stopped::countDown);
        assertThat(stopped.getCount()).isZero();
        assertThat(lifecycle.isRunning()).isFalse();
    }

    @Test
    void rootScope_afterTheStopBegan_isRefused() throws Exception {
        OpenScope live = openWithTask();
        lifecycle(LONG, LONG, scopes).stop(stopped::countDown);
        assertThatIllegalStateException()
                .isThrownBy(() -> scopes.run("late", scope -> {}))
                .withMessageContaining("late")
                .withMessageContaining("closed");
        assertThat(live.state()).isEqualTo(Scope.State.OPEN);
        free.countDown();
        live.complete();
        stopped.await();
    }

    @Test
    void childScope_whileTheParentIsDrained_isOpened() throws Exception {
        OpenScope live = openWithTask();
        lifecycle(LONG, LONG, scopes).stop(stopped::countDown);
        int answer = live.fork().call("child", child -> 42);
        assertThat(answer).isEqualTo(42);
        free.countDown();
        live.complete();
        stopped.await();
    }

    @Test
    void scope_thatEndsByItself_isNotCancelled() throws Exception {
        OpenScope live = openWithTask();
        lifecycle(LONG, LONG, scopes).stop(stopped::countDown);
        assertThat(stopped.getCount()).isOne();
        free.countDown();
        live.complete();
        stopped.await();
        assertThat(outcomes.get("live").reason()).isNull();
    }

    @Test
    void fault24_scopeThatDoesNotEnd_isCancelledBecauseOfTheShutdownAndJoined() throws Exception {
        OpenScope live = scopes.openShared("live");
        CountDownLatch interrupted = new CountDownLatch(1);
        live.spawn("alpha", () -> {
            started.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                interrupted.countDown();
            }
            return null;
        });
        started.await();
        lifecycle(LONG, Duration.ofMillis(20), scopes).stop(stopped::countDown);
        stopped.await();
        assertThat(interrupted.getCount()).isZero();
        assertThat(outcomes.get("live").reason()).isEqualTo(CancelReason.SHUTDOWN);
        assertThat(live.state()).isEqualTo(Scope.State.CLOSED);
    }

    @Test
    void stop_timeoutsHuge_cancelsAllTheSame() throws Exception {
        scopes.openShared("live");
        lifecycle(Duration.ofDays(200_000), Duration.ZERO, scopes).stop(stopped::countDown);
        stopped.await();
        assertThat(outcomes.get("live").reason()).isEqualTo(CancelReason.SHUTDOWN);
    }

    @Test
    void stop_drainTimeoutHuge_waits() throws Exception {
        OpenScope live = openWithTask();
        lifecycle(Duration.ofDays(200_000), Duration.ofDays(199_999), scopes).stop(stopped::countDown);
        free.countDown();
        live.complete();
        stopped.await();
        assertThat(outcomes.get("live").reason()).isNull();
    }

    @Test
    void straggler_remaining_isLoggedByName(CapturedOutput output) throws Exception {
        OpenScope live = scopes.openShared("live", s -> s.withCancelTimeout(Duration.ofMillis(20)));
        live.spawn("stubborn", this::stubborn);
        started.await();
        lifecycle(LONG, Duration.ZERO, scopes).stop(stopped::countDown);
        stopped.await();
        assertThat(output).contains("scope 'live'").contains("remaining").contains("task 'stubborn'");
    }

    @Test
    void straggler_fromBeforeTheStop_isLoggedByName(CapturedOutput output) throws Exception {
        OpenScope live = scopes.openShared("live", s -> s.withCancelTimeout(Duration.ofMillis(20)));
        CountDownLatch ended = new CountDownLatch(1);
        live.onDone(scope -> ended.countDown());
        live.spawn("stubborn", this::stubborn);
        started.await();
        live.cancel();
        ended.await();
        lifecycle(LONG, LONG, scopes).stop(stopped::countDown);
        stopped.await();
        assertThat(output).contains("remaining").contains("task 'stubborn'");
    }

    @Test
    void stop_taskMayTakeForEver_endsWithinTheTimeout(CapturedOutput output) throws Exception {
        OpenScope live = scopes.openShared("live", s -> s.withCancelTimeout(ScopeOptions.FOREVER));
        live.spawn("stubborn", this::stubborn);
        started.await();
        lifecycle(Duration.ofMillis(300), Duration.ofMillis(20), scopes).stop(stopped::countDown);
        assertThat(stopped.await(50, TimeUnit.SECONDS)).isTrue();
        assertThat(output).contains("remaining").contains("task 'stubborn'");
        assertThat(live.state()).isEqualTo(Scope.State.ENDING);
        scopes.close();
    }

    @Test
    void stop_oneOfTwoFactoriesHangs_endsTheScopesOfTheOther() throws Exception {
        ScopeFactory other = factory();
        scopes.openShared("hanging", s -> s.withCancelTimeout(ScopeOptions.FOREVER))
                .spawn("stubborn", this::stubborn);
        other.openShared("other");
        started.await();
        lifecycle(Duration.ofMillis(300), Duration.ZERO, scopes, other).stop(stopped::countDown);
        stopped.await();
        assertThat(outcomes.get("other").reason()).isEqualTo(CancelReason.SHUTDOWN);
    }

    @Test
    void stop_notForGood_leavesTheFactoriesAlone() {
        ScopeFactoryLifecycle lifecycle = new ScopeFactoryLifecycle(List.of(scopes), LONG, LONG, () -> false);
        lifecycle.start();
        OpenScope live = scopes.openShared("live");
        lifecycle.stop(stopped::countDown);
        assertThat(stopped.getCount()).isZero();
        assertThat(lifecycle.isRunning())
                .as("to be stopped when the context is closed")
                .isTrue();
        scopes.run("another", scope -> {});
        assertThat(live.state()).isEqualTo(Scope.State.OPEN);
        live.close();
    }

    @Test
    void stop_withoutCallback_isDoneWhenItReturns() {
        scopes.openShared("live");
        ScopeFactoryLifecycle lifecycle = lifecycle(LONG, Duration.ZERO, scopes);
        lifecycle.stop();
        assertThat(lifecycle.isRunning()).isFalse();
        assertThat(outcomes.get("live").reason()).isEqualTo(CancelReason.SHUTDOWN);
    }

    @Test
    void scope_endless_isCancelledAtOnceBesideAnIdleOne(CapturedOutput output) throws Exception {
        scopes.openShared("idle");
        OpenScope live = scopes.openShared("live", s -> s.withEndless(true));
        live.spawn("alpha", () -> {
            started.countDown();
            free.await();
            return null;
        });
        started.await();
        lifecycle(LONG, LONG, scopes).stop(stopped::countDown);
        stopped.await();
        assertThat(outcomes.get("live").reason()).isEqualTo(CancelReason.SHUTDOWN);
        assertThat(outcomes.get("idle").reason()).isEqualTo(CancelReason.SHUTDOWN);
        assertThat(output).doesNotContain("Waiting for live scopes").contains("Cancelling scopes");
    }

    @Test
    void scope_sharedWithNothingInIt_isCancelledAtOnce() throws Exception {
        OpenScope forgotten = scopes.openShared("forgotten");
        forgotten.fork().openShared("below");
        lifecycle(LONG, LONG, scopes).stop(stopped::countDown);
        stopped.await();
        assertThat(outcomes.get("forgotten").reason()).isEqualTo(CancelReason.SHUTDOWN);
    }
}
