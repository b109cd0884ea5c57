// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.traio.ScopeOptions.Overflow;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Options are values: each change makes another one, and equal ones are equal. */
class OptionValuesTest {

    private static final Duration SECOND = Duration.ofSeconds(2);

    private static void assertDistinct(List<?> values) {
        for (Object value : values) {
            assertThat(values.stream().filter(value::equals)).hasSize(1);
            assertThat(values.stream().filter(other -> other.toString().equals(value.toString())))
                    .hasSize(1);
        }
    }

    @Test
    void taskOptions_eachChange_makesAnotherValue() {
        TaskOptions d = TaskOptions.DEFAULT;
        List<TaskOptions> values = List.of(
                d,
                d.withMaster(true),
                d.withBubble(false),
                d.withToJoin(true),
                d.withAwaited(false),
                d.withCancelTimeout(SECOND),
                d.withAbandonOnCancel(true),
                d.withInterruptOnCancel(false));

        assertDistinct(values);
        assertThat(d.withMaster(true)).isEqualTo(d.withMaster(true)).hasSameHashCodeAs(d.withMaster(true));
    }

    @Test
    void scopeOptions_eachChange_makesAnotherValue() {
        ScopeOptions d = ScopeOptions.DEFAULT;
        List<ScopeOptions> values = List.of(
                d,
                d.withTimeout(SECOND),
                d.withCancelTimeout(SECOND),
                d.withMaxConcurrency(2),
                d.withOverflow(Overflow.REJECT),
                d.withDetached(true),
                d.withEndless(true),
                d.withPolicy(ScopePolicy.awaitAll()),
                d.withKind("race"),
                d.withLogger(LoggerFactory.getLogger("another")));

        assertDistinct(values);
        assertThat(d.withTimeout(SECOND).withoutTimeout()).isEqualTo(d).hasSameHashCodeAs(d);
    }

    @Test
    void maxConcurrency_negative_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScopeOptions.DEFAULT.withMaxConcurrency(-1))
                .withMessageContaining("maxConcurrency");
    }

    @Test
    void factoryOptions_eachChange_isThere() {
        FactoryOptions changed = FactoryOptions.DEFAULT
                .withCompensation(false)
                .withIntegrationPackage("com.example.")
                .withCancellationSignal(thrown -> false)
                .withLogger(LoggerFactory.getLogger("another"));

        assertThat(changed.compensation()).isFalse();
        assertThat(changed.integrationPackages()).containsExactly("com.example.");
        assertThat(changed.cancellationSignals()).hasSize(1);
        assertThat(changed.logger().getName()).isEqualTo("another");
        assertThat(FactoryOptions.DEFAULT.compensation()).isTrue();
    }
}
