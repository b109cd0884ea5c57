// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spi.ScopeListener;
import io.traio.spi.TimeSource;
import io.traio.test.TestClock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What listeners are notified of the times of a task. */
class TaskTimesTest {

    private final List<String> notified = new CopyOnWriteArrayList<>();
    private final ScopeListener listener = new ScopeListener() {
        @Override
        public void taskStarted(Task<?> task, long waitNanos) {
            notified.add("started");
        }

        @Override
        public void taskEnded(Task<?> task, Throwable failure, long runNanos) {
            notified.add("ended after " + runNanos);
        }
    };

    @Test
    void runNanos_startedAndEndedInOneInstant_isOne() {
        ScopeFactory scopes =
                ScopeFactory.create(f -> f.withTimeSource(new TestClock()).withListener(listener));
        scopes.run("scope", scope -> scope.spawn(() -> {}));
        assertThat(notified).containsExactly("started", "ended after 1");
    }

    @Test
    void runNanos_clockBeginsAtZero_isPositive() {
        TestClock clock = new TestClock();
        long origin = clock.nanoTime();
        TimeSource fromZero = new TimeSource() {
            @Override
            public long nanoTime() {
                return clock.nanoTime() - origin;
            }

            @Override
            public Instant now() {
                return clock.now();
            }

            @Override
            public Alarm schedule(long delayNanos, Runnable action) {
                return clock.schedule(delayNanos, action);
            }
        };
        ScopeFactory scopes =
                ScopeFactory.create(f -> f.withTimeSource(fromZero).withListener(listener));
        scopes.run("scope", scope -> scope.spawn(() -> {}));
        assertThat(notified).containsExactly("started", "ended after 1");
    }

    @Test
    void runNanos_cancelledInTheQueue_isZero() throws Exception {
        ScopeFactory scopes = ScopeFactory.create(f -> f.withListener(listener));
        scopes.run("scope", s -> s.withMaxConcurrency(1), scope -> {
            CountDownLatch free = new CountDownLatch(1);
            scope.spawn(() -> {
                free.await();
                return null;
            });
            scope.spawn(() -> {}).cancel();
            assertThat(notified).contains("ended after 0");
            free.countDown();
        });
        assertThat(notified).hasSize(3).filteredOn("started"::equals).hasSize(1);
    }

    @Test
    void start_abandonedBeforeItWasReported_isNeverReported() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch abandoned = new CountDownLatch(1);
        Thread test = Thread.currentThread();
        TestClock clock = new TestClock();
        TimeSource slow = new TimeSource() {
            @Override
            public long nanoTime() {
                if (Thread.currentThread() != test) {
                    begun.countDown();
                    await(abandoned);
                }
                return clock.nanoTime();
            }

            @Override
            public Instant now() {
                return clock.now();
            }

            @Override
            public Alarm schedule(long delayNanos, Runnable action) {
                return clock.schedule(delayNanos, action);
            }
        };
        ScopeFactory scopes = ScopeFactory.create(f -> f.withTimeSource(slow).withListener(listener));
        scopes.run("scope", scope -> {
            Task<?> task = scope.spawn("late", () -> {}, t -> t.withAbandonOnCancel(true));
            begun.await();
            task.cancel();
            assertThat(notified).containsExactly("ended after 0");
        });
        abandoned.countDown();
        while (scopes.abandoned() > 0) {
            Thread.onSpinWait();
        }
        assertThat(notified).containsExactly("ended after 0");
    }

    private static void await(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
