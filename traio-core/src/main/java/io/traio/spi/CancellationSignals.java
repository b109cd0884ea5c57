// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

import io.traio.ScopeCancelledException;
import io.traio.ScopeInterruptedException;
import io.traio.StragglerException;
import io.traio.internal.SpawnRefusedException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Distinguishes a cancellation signal, on its way out of cancelled code, from a real failure of that code. The only such
 * classification: the engine and integrations share it. Thread-safe.
 *
 * <p>Signals come in many forms. Code that is blocked when its thread is interrupted leaves by an
 * {@link InterruptedException}, {@link InterruptedIOException}, {@link ClosedByInterruptException} or
 * {@link FileLockInterruptionException}; a socket on a virtual thread by a {@link SocketException} with the message "Closed
 * by interrupt" and without a cause; a wait of traio by a {@link ScopeCancelledException}. Libraries wrap these in
 * exceptions of their own, so the causes are searched. A {@link SocketTimeoutException} is a failure, although it is an
 * {@code InterruptedIOException}. So is whatever hangs on a {@link StragglerException}, which says more than the signal.
 */
public final class CancellationSignals {

    private static final int MAX_CAUSES = 100;

    private static final String CLOSED_BY_INTERRUPT = "Closed by interrupt";

    private CancellationSignals() {}

    /**
     * Returns whether an exception is a cancellation signal, or has it among its causes.
     *
     * @param thrown an exception that left cancelled code
     * @return whether it is a signal rather than a failure
     */
    public static boolean isSignal(Throwable thrown) {
        return isSignal(thrown, List.of());
    }

    /**
     * Returns whether an exception is a cancellation signal, or has it among its causes.
     *
     * @param thrown an exception that left cancelled code
     * @param more signals beside those of the JDK and of traio
     * @return whether it is a signal rather than a failure
     */
    public static boolean isSignal(Throwable thrown, List<CancellationSignal> more) {
        Throwable t = thrown;
        for (int depth = 0; t != null && depth < MAX_CAUSES; t = causeOf(t), depth++) {
            if (t instanceof StragglerException) {
                return false;
            }
            if (isSignalItself(t)) {
                return true;
            }
            for (CancellationSignal signal : more) {
                if (signal.isSignal(t)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Returns whether an exception says that a thread was interrupted, and can say nothing else.
     *
     * @param thrown an exception that left cancelled code
     * @return whether it is an interruption and no more
     */
    public static boolean isInterruption(Throwable thrown) {
        return thrown instanceof InterruptedException
                || thrown instanceof ClosedByInterruptException
                || thrown instanceof FileLockInterruptionException
                || thrown instanceof SocketException && CLOSED_BY_INTERRUPT.equals(thrown.getMessage());
    }

    private static boolean isSignalItself(Throwable thrown) {
        return isInterruption(thrown)
                || thrown instanceof InterruptedIOException && !(thrown instanceof SocketTimeoutException)
                || thrown instanceof ScopeInterruptedException
                || isOfTraio(thrown);
    }

    /**
     * Returns whether an exception is traio's own refusal to go on in a cancelled scope, or has it among its causes.
     *
     * @param thrown an exception that left cancelled code
     * @return whether a wait or a spawn of traio has thrown it
     */
    public static boolean isRefusal(Throwable thrown) {
        Throwable t = thrown;
        for (int depth = 0; t != null && depth < MAX_CAUSES; t = causeOf(t), depth++) {
            if (isOfTraio(t)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOfTraio(Throwable thrown) {
        return thrown instanceof ScopeCancelledException || thrown instanceof SpawnRefusedException;
    }

    private static @Nullable Throwable causeOf(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (RuntimeException broken) {
            return null;
        }
    }
}
