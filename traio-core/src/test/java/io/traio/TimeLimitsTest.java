// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Durations and clocks at their limits. */
class TimeLimitsTest {

    @EngineTest
    void awaitDone_mostNegativeDuration_doesNotWait(ScopeFactory scopes) {
        try (OpenScope scope = scopes.openShared("scope")) {
            assertThat(scope.awaitDone(Duration.ofSeconds(Long.MIN_VALUE))).isFalse();
        }
    }

    @EngineTest
    void cancel_clockStandsAtZero_stragglerIsFound(Harness harness) throws InterruptedException {
        ZeroClock clock = new ZeroClock();
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        OpenScope scope = harness.scopes(f -> f.withTimeSource(clock)).openShared("scope");
        scope.spawn("stubborn", () -> {
            started.countDown();
            while (release.getCount() > 0) {
                Thread.onSpinWait();
            }
        });
        Blocking.await(started);
        scope.cancel();
        clock.nanos.set(Duration.ofMinutes(1).toNanos());
        clock.alarms.remove().run();
        assertThatThrownBy(scope::awaitDone).isInstanceOf(StragglerException.class);
        release.countDown();
    }

    private static final class ZeroClock implements TimeSource {

        final AtomicLong nanos = new AtomicLong();
        final Queue<Runnable> alarms = new ConcurrentLinkedQueue<>();

        @Override
        public long nanoTime() {
            return nanos.get();
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public Alarm schedule(long delayNanos, Runnable action) {
            alarms.add(action);
            return () -> alarms.remove(action);
        }
    }
}
