// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.EngineTest.Threads;
import io.traio.spi.TimeSource;
import io.traio.test.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** No backlog of timers: an alarm is removed as soon as it has no meaning (section 3). */
@Spec("Threads")
class TimersTest {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    /** The system's clock, with the alarms that are set counted. */
    private static final class Counting implements TimeSource {

        private final AtomicInteger set = new AtomicInteger();
        private final AtomicInteger pending = new AtomicInteger();

        @Override
        public long nanoTime() {
            return TimeSource.system().nanoTime();
        }

        @Override
        public Instant now() {
            return TimeSource.system().now();
        }

        @Override
        public Alarm schedule(long delayNanos, Runnable action) {
            set.incrementAndGet();
            pending.incrementAndGet();
            AtomicInteger alive = new AtomicInteger(1);
            Runnable once = () -> pending.addAndGet(-alive.getAndSet(0));
            Alarm alarm = TimeSource.system().schedule(delayNanos, () -> {
                once.run();
                action.run();
            });
            return () -> {
                once.run();
                alarm.cancel();
            };
        }
    }

    @EngineTest(on = Threads.DEFAULT)
    void hundredThousandShortScopes_leaveNoAlarm(Harness harness) {
        Counting time = new Counting();
        ScopeFactory scopes = ScopeFactory.create(f -> f.withTimeSource(time));

        for (int i = 0; i < 100_000; i++) {
            scopes.run("scope-" + i, s -> s.withTimeout(TEN_SECONDS), scope -> {});
            assertThat(time.pending.get()).isZero();
        }

        assertThat(time.set).hasValue(100_000);
        assertThat(scopes.scopes()).isEmpty();
    }

    @EngineTest
    void scope_endsHoweverItDoes_alarmIsRemovedAtOnce(ScopeFactory scopes, TestClock clock) {
        scopes.run("returns", s -> s.withTimeout(TEN_SECONDS), scope -> scope.spawn(() -> 1));
        assertThat(clock.pendingAlarms()).isZero();

        assertThatThrownBy(() -> scopes.run("throws", s -> s.withTimeout(TEN_SECONDS), scope -> {
                    throw new IllegalStateException("expected");
                }))
                .hasMessage("expected");
        assertThat(clock.pendingAlarms()).isZero();

        scopes.run("cancelled", s -> s.withTimeout(TEN_SECONDS), Scope::cancel);
        assertThat(clock.pendingAlarms()).isZero();
    }

    @EngineTest
    void timeout_setAnew_formerAlarmIsRemoved(ScopeFactory scopes, TestClock clock) {
        scopes.run("run", s -> s.withTimeout(TEN_SECONDS), scope -> {
            for (int i = 0; i < 100; i++) {
                scope.setTimeout(TEN_SECONDS);
                assertThat(clock.pendingAlarms()).isEqualTo(1);
            }
            scope.setTimeout(ScopeOptions.FOREVER);
            assertThat(clock.pendingAlarms()).isZero();
        });
    }

    @EngineTest
    void timedWait_isOver_leavesNoAlarm(Harness harness, ScopeFactory scopes, TestClock clock) {
        scopes.run("run", scope -> {
            CountDownLatch end = new CountDownLatch(1);
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn(() -> {
                started.countDown();
                return Blocking.await(end);
            });
            Blocking.await(started);
            harness.helper(() -> {
                clock.awaitAlarms(1);
                clock.advance(TEN_SECONDS);
            });
            assertThatThrownBy(() -> task.get(10, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(clock.pendingAlarms()).isZero();

            harness.helper(() -> {
                clock.awaitAlarms(1);
                end.countDown();
            });
            task.get(10, TimeUnit.SECONDS);
            assertThat(clock.pendingAlarms()).isZero();
        });
    }
}
