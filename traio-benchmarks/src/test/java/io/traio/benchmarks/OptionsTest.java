// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {

    @Test
    void peers_anyOrder_haveTheFloorFirst() {
        assertThat(new Options(List.of("--peers=reactor,traio")).peers()).containsExactly("floor", "reactor", "traio");
        assertThat(new Options(List.of()).peers()).startsWith("floor", "traio");
    }

    @Test
    void workloads_byName() {
        assertThat(new Options(List.of("--workloads=tasks-10,NESTED")).workloads())
                .containsExactly(Workload.TASKS_10, Workload.NESTED);
        assertThatThrownBy(() -> new Options(List.of("--workloads=many")).workloads())
                .hasMessageContaining("'many'")
                .hasMessageContaining("TASKS_10");
    }

    @Test
    void option_unknown_isRefused() {
        assertThatThrownBy(() -> new Options(List.of("--round=3")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--round=3")
                .hasMessageContaining("rounds");
    }

    @Test
    void number_belowOne_isRefused() {
        assertThatThrownBy(() -> new Options(List.of("--rounds=0")).rounds())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--rounds");
    }
}
