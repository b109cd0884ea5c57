// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Durations as text for people, and as numbers that can be added to a clock. */
class NanosTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 ms",
        "PT0.000000001S, 0.001 µs",
        "PT0.0015S, 1.5 ms",
        "PT0.2S, 200 ms",
        "PT1S, 1 s",
        "PT1.5S, 1.5 s",
        "PT1M17S, 1 min 17 s",
        "PT2M, 2 min",
        "PT3H5M, 3 h 5 min",
        "PT-0.2S, -200 ms",
    })
    void text_isForPeople(Duration duration, String text) {
        assertThat(Nanos.text(duration)).isEqualTo(text);
    }

    @Test
    void text_longestDuration_isForEver() {
        assertThat(Nanos.text(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo("for ever");
    }

    @Test
    void of_anyDuration_canBeAddedToAClock() {
        assertThat(Nanos.of(Duration.ofSeconds(-1))).isZero();
        assertThat(Nanos.of(Duration.ofMillis(2))).isEqualTo(2_000_000);
        assertThat(Nanos.of(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(Nanos.FOREVER);
        assertThat(System.nanoTime() + Nanos.FOREVER).isPositive();
    }
}
