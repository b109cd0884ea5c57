// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.Blocking;
import io.traio.EngineTest;
import io.traio.Harness;
import io.traio.LogCapture;
import io.traio.ScopeFactory;
import io.traio.Spec;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Exceptions by which the code of a library leaves when it is interrupted. */
@Spec("S6")
class CancellationSignalTest {

    /** As a library might throw it: it says nothing of the interrupt. */
    private static final class LibraryStopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static @Nullable Throwable cancelled(ScopeFactory scopes) {
        return catchThrowable(() -> scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("task", () -> {
                started.countDown();
                try {
                    return Blocking.forever();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("wrapped", new LibraryStopped());
                }
            });
            Blocking.await(started);
            scope.cancel();
        }));
    }

    @EngineTest
    void signalIsKnown_cancelledTaskLeavesByIt_isNoFailure(Harness harness) {
        LogCapture log = new LogCapture();

        Throwable thrown = cancelled(harness.scopes(
                f -> f.withLogger(log.logger()).withCancellationSignal(LibraryStopped.class::isInstance)));

        assertThat(thrown).isNull();
        assertThat(log.messages(Level.WARN)).isEmpty();
    }

    @EngineTest
    void signalIsNotKnown_cancelledTaskLeavesByIt_isSeen(Harness harness) {
        LogCapture log = new LogCapture();

        Throwable thrown = cancelled(harness.scopes(f -> f.withLogger(log.logger())));

        assertThat(thrown).isNull();
        assertThat(log.messages(Level.WARN)).hasSize(1);
    }

    @EngineTest
    void signalThrows_standardOnesAreUsed(Harness harness) {
        LogCapture log = new LogCapture();

        Throwable thrown =
                cancelled(harness.scopes(f -> f.withLogger(log.logger()).withCancellationSignal(failure -> {
                    throw new UnsupportedOperationException("broken");
                })));

        assertThat(thrown).isNull();
        assertThat(log.messages(Level.ERROR)).isNotEmpty();
    }
}
