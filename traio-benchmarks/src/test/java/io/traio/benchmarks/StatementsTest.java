// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StatementsTest {

    @Test
    void table_hasARowWithAndWithoutATimeout() throws Exception {
        String table = Statements.table(new Options(List.of("--rounds=2", "--warmup=1", "--slice=1")), Owner.usual())
                .toString();
        assertThat(table.lines()).hasSize(2 + 2);
        assertThat(table).contains("in a scope |", "in a scope with a timeout");
    }
}
