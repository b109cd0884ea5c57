// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.spi.TimeSource;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A time source that breaks its word leaves every scope in a state in which it can end. */
@Timeout(20)
class FaultyClockTest {

    private static final IllegalStateException BROKEN = new IllegalStateException("the clock is broken");

    private final List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    private volatile boolean noTimeInTasks;
    private volatile boolean noAlarms;

    private final TimeSource faulty = new TimeSource() {
        @Override
        public long nanoTime() {
            if (noTimeInTasks && Thread.currentThread().getName().equals("task")) {
                throw BROKEN;
            }
            return System.nanoTime();
        }

        @Override
        public Instant now() {
            return Instant.now();
        }

        @Override
        public Alarm schedule(long delayNanos, Runnable action) {
            if (noAlarms) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return TimeSource.system().schedule(delayNanos, action);
        }
    };

    private final ScopeFactory scopes =
            ScopeFactory.create(f -> f.withTimeSource(faulty).withThreadFactory(this::thread));

    private Thread thread(Runnable command) {
        Thread thread = new Thread(command, "task");
        thread.setUncaughtExceptionHandler((t, e) -> uncaught.add(e));
        return thread;
    }

    @AfterEach
    void closeFactory() {
        scopes.close();
    }

    @Test
    void timeSource_throwsWhenATaskStarts_scopeEnds() {
        noTimeInTasks = true;
        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> scope.spawn("task", () -> 1)));

        // Notified one way or the other: by the scope, or by the thread.
        Blocking.until("the error is seen", () -> thrown == BROKEN || uncaught.contains(BROKEN));
        assertThat(scopes.scopes()).isEmpty();
    }

    @Test
    void timeSource_givesNoAlarmForStragglers_everybodyIsCancelledAllTheSame() {
        CountDownLatch started = new CountDownLatch(2);
        Task<?>[] tasks = new Task<?>[2];
        scopes.run("run", scope -> {
            for (int i = 0; i < 2; i++) {
                tasks[i] = scope.spawn(() -> {
                    started.countDown();
                    return Blocking.forever();
                });
            }
            Blocking.await(started);
            noAlarms = true;
            scope.cancel();
        });

        assertThat(tasks).allMatch(task -> task.status() == Task.Status.CANCELLED);
    }
}
