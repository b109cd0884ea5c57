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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Durations and clocks at their limits. */
@Timeout(20)
class TimeLimitsTest {

    @Test
    void awaitDone_mostNegativeDuration_doesNotWait() {
        try (OpenScope scope = ScopeFactory.create().openShared("scope")) {
            assertThat(scope.awaitDone(Duration.ofSeconds(Long.MIN_VALUE))).isFalse();
        }
    }

    @Test
    void cancel_clockStandsAtZero_stragglerIsFound() throws InterruptedException {
        ZeroClock clock = new ZeroClock();
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        OpenScope scope = ScopeFactory.create(f -> f.withTimeSource(clock)).openShared("scope");
        scope.spawn("stubborn", () -> {
            started.countDown();
            while (release.getCount() > 0) {
                Thread.onSpinWait();
            }
        });
        started.await();
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
