// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** What tasks and scopes may allocate. Bytes are counted, not time, so that it holds on a busy machine as well. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "Allocation is counted on JDK 21 and newer only")
class AllocationTest {

    private static final int MAX_BYTES_PER_TASK = 450;
    private static final int MAX_BYTES_PER_SCOPE_OF_ONE_TASK = 700;

    private final Allocation allocation = new Allocation();

    @Test
    void task_staysWithinItsBytes() throws Exception {
        double bytes = Owner.VIRTUAL.call(() -> allocation.bytesPerTask(Peers.get(Peers.TRAIO)));

        assertThat(bytes).isBetween(100.0, (double) MAX_BYTES_PER_TASK);
    }

    @Test
    void scopeOfOneTask_staysWithinItsBytes() throws Exception {
        double bytes = Owner.VIRTUAL.call(() -> allocation.bytesPerFanOut(Peers.get(Peers.TRAIO), 1));

        assertThat(bytes).isBetween(100.0, (double) MAX_BYTES_PER_SCOPE_OF_ONE_TASK);
    }
}
