// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.helpers.NOPLogger;

/** The alarm of a scope goes off at the moment in which the scope ends or is given another timeout. */
@Spec({"S4", "S5"})
@Timeout(30)
class DeadlineRaceTest {

    private static final int ROUNDS = 30_000;

    /** A clock that stands still: its alarms go off when the test says so. */
    private static final class StandingClock implements TimeSource {

        final AtomicReference<Runnable> last = new AtomicReference<>();

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public Alarm schedule(long delayNanos, Runnable action) {
            last.set(action);
            return () -> {};
        }
    }

    private static ScopeOptions aMillisecond(ScopeOptions options) {
        return options.withTimeout(Duration.ofMillis(1)).withObserved(true);
    }

    private final StandingClock clock = new StandingClock();
    private final ScopeFactory scopes =
            ScopeFactory.create(f -> f.withTimeSource(clock).withLogger(NOPLogger.NOP_LOGGER));

    /** Runs the alarm of a child while something happens to that; the parent has an hour left, always. */
    private void assertParentHasTime(Consumer<OpenScope> meanwhile) throws InterruptedException {
        AtomicReference<Runnable> due = new AtomicReference<>();
        AtomicBoolean over = new AtomicBoolean();
        Thread alarms = new Thread(() -> {
            while (!over.get()) {
                Runnable action = due.getAndSet(null);
                if (action != null) {
                    action.run();
                }
            }
        });
        alarms.start();
        try {
            scopes.run("parent", s -> s.withTimeout(Duration.ofHours(1)), parent -> {
                for (int i = 0; i < ROUNDS; i++) {
                    try (OpenScope child = parent.fork().openShared("child", DeadlineRaceTest::aMillisecond)) {
                        due.set(clock.last.get());
                        Blocking.spin(i % 400);
                        meanwhile.accept(child);
                    }
                    assertThat(parent.isCancelled())
                            .as("the parent timed out in round %d", i)
                            .isFalse();
                }
            });
        } finally {
            over.set(true);
            alarms.join();
            scopes.close();
        }
    }

    @Test
    void alarm_childEndsMeanwhile_parentHasTime() throws InterruptedException {
        assertParentHasTime(OpenScope::complete);
    }

    @Test
    void alarm_childIsGivenMoreTimeMeanwhile_parentHasTime() throws InterruptedException {
        assertParentHasTime(child -> {
            try {
                child.setTimeout(Duration.ofHours(2));
            } catch (IllegalStateException tooLate) {
                // The timeout came first.
            }
        });
    }
}
