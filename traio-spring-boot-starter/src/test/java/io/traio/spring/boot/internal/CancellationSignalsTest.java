// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CancellationSignalsTest {

    static List<Throwable> signals() {
        return List.of(
                new InterruptedException(),
                new InterruptedIOException(),
                new ClosedByInterruptException(),
                new CancellationException());
    }

    @ParameterizedTest
    @MethodSource("signals")
    void signal_itselfOrAsACause_isOne(Throwable signal) {
        assertThat(CancellationSignals.isSignal(signal)).isTrue();
        assertThat(CancellationSignals.isSignal(new IllegalStateException(new RuntimeException(signal))))
                .isTrue();
    }

    @Test
    void failure_anyOther_isNone() {
        assertThat(CancellationSignals.isSignal(new IOException())).isFalse();
        assertThat(CancellationSignals.isSignal(new SocketTimeoutException())).isFalse();
    }

    @Test
    void failure_withCyclicCauses_isNone() {
        Exception first = new Exception();
        first.initCause(new Exception(first));
        assertThat(CancellationSignals.isSignal(first)).isFalse();
    }
}
