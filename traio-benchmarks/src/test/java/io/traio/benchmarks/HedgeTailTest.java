// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HedgeTailTest {

    @Test
    void percentile_takesTheRank() {
        double[] values = new double[1000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i + 1;
        }
        assertThat(HedgeTail.percentile(values, 50)).isEqualTo(500);
        assertThat(HedgeTail.percentile(values, 99)).isEqualTo(990);
        assertThat(HedgeTail.percentile(values, 99.9)).isEqualTo(999);
        assertThat(HedgeTail.percentile(new double[] {1}, 0.1)).isEqualTo(1);
    }

    @Test
    void table_hasARowForEachDelay() throws Exception {
        String table = HedgeTail.table(new Options(List.of("--calls=20")), Owner.usual())
                .toString();
        assertThat(table.lines()).hasSize(2 + 4);
        assertThat(table).contains("without", "hedge after 15 ms");
    }
}
