// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.internal;

import io.traio.ScopeInterruptedException;
import io.traio.StragglerException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CancellationException;

/** Distinguishes signals of a cancellation, on their way out of cancelled code, from failures of that code. */
public final class CancellationSignals {

    private static final int MAX_CAUSES = 100;

    private CancellationSignals() {}

    /**
     * Returns whether an exception, or one of its causes, signals that the code which threw it was cancelled.
     *
     * @param thrown what the code threw
     * @return whether it is a signal, and no failure
     */
    public static boolean isSignal(Throwable thrown) {
        int depth = 0;
        for (Throwable t = thrown; t != null && depth < MAX_CAUSES; t = t.getCause(), depth++) {
            if (t instanceof StragglerException) {
                return false;
            }
            if (t instanceof InterruptedException
                    || t instanceof InterruptedIOException && !(t instanceof SocketTimeoutException)
                    || t instanceof ClosedByInterruptException
                    || t instanceof ScopeInterruptedException
                    || t instanceof CancellationException) {
                return true;
            }
        }
        return false;
    }
}
