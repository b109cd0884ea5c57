// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class StatisticsTest {

    @Test
    void of_oddNumber_takesTheMiddle() {
        assertThat(Statistics.of(List.of(9.0, 1.0, 2.0))).isEqualTo(new Statistics(2.0, 1.0));
    }

    @Test
    void of_evenNumber_takesTheMeanOfTheMiddle() {
        assertThat(Statistics.of(List.of(4.0, 1.0, 3.0, 100.0))).isEqualTo(new Statistics(3.5, 1.5));
    }

    @Test
    void of_nothing_isRefused() {
        assertThatThrownBy(() -> Statistics.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
