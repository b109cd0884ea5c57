// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.traio.spi.TimeSource;
import io.traio.test.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The clock for tests (B7). */
@Spec("B7")
class TestClockTest {

    private final TestClock clock = new TestClock();
    private final List<String> rang = new ArrayList<>();

    @Test
    void clock_nobodyAdvances_standsStill() {
        long nanos = clock.nanoTime();

        assertThat(clock.nanoTime()).isEqualTo(nanos);
        assertThat(clock.now()).isEqualTo(Instant.parse("2000-01-01T00:00:00Z"));
    }

    @Test
    void advance_movesBothTimes() {
        long nanos = clock.nanoTime();

        clock.advance(Duration.ofSeconds(90));

        assertThat(clock.nanoTime() - nanos).isEqualTo(90_000_000_000L);
        assertThat(clock.now()).isEqualTo(Instant.parse("2000-01-01T00:01:30Z"));
    }

    @Test
    void advance_alarmsAreDue_goOffInOrderEachAtItsTime() {
        Instant start = clock.now();
        clock.schedule(Duration.ofSeconds(2).toNanos(), () -> rang.add("late " + Duration.between(start, clock.now())));
        clock.schedule(Duration.ofSeconds(1).toNanos(), () -> rang.add("a " + Duration.between(start, clock.now())));
        clock.schedule(Duration.ofSeconds(1).toNanos(), () -> rang.add("b " + Duration.between(start, clock.now())));
        clock.schedule(Duration.ofSeconds(9).toNanos(), () -> rang.add("never"));

        clock.advance(Duration.ofSeconds(5));

        assertThat(rang).containsExactly("a PT1S", "b PT1S", "late PT2S");
        assertThat(clock.pendingAlarms()).isEqualTo(1);
        assertThat(clock.now()).isEqualTo(start.plusSeconds(5));
    }

    @Test
    void advance_alarmSetsAnother_thatGoesOffToo() {
        clock.schedule(1, () -> clock.schedule(1, () -> rang.add("second")));

        clock.advance(Duration.ofNanos(2));

        assertThat(rang).containsExactly("second");
    }

    @Test
    void schedule_dueAtOnce_goesOffAtNextAdvance() {
        clock.schedule(-5, () -> rang.add("due"));
        assertThat(rang).isEmpty();

        clock.advance(Duration.ZERO);

        assertThat(rang).containsExactly("due");
    }

    @Test
    void cancel_alarmNeverGoesOff() {
        TimeSource.Alarm alarm = clock.schedule(1, () -> rang.add("cancelled"));

        alarm.cancel();
        alarm.cancel();
        assertThat(clock.pendingAlarms()).isZero();
        clock.advance(Duration.ofDays(1));

        assertThat(rang).isEmpty();
    }

    @Test
    void advance_backwards_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> clock.advance(Duration.ofNanos(-1)));
    }

    @EngineTest(on = EngineTest.Threads.DEFAULT)
    void awaitAlarms_waitsUntilTheyAreSet(Harness harness) throws InterruptedException {
        Thread test = Thread.currentThread();
        harness.helper(() -> {
            Blocking.untilParked(test);
            clock.schedule(1, () -> rang.add("set"));
        });

        clock.awaitAlarms(1);

        assertThat(clock.pendingAlarms()).isEqualTo(1);
    }
}
