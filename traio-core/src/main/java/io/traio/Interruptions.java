// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;

/** Tells the news of a cancellation, on its way out of cancelled code, from a real failure of that code. */
final class Interruptions {

    private static final int MAX_CAUSES = 100;

    private Interruptions() {}

    /**
     * Whether an interruption, or traio's refusal to go on in a cancelled scope, is among the causes. That tasks run on
     * after such a one is more than the news of it.
     */
    static boolean isCancelSignal(Throwable thrown) {
        int depth = 0;
        for (Throwable t = thrown; t != null && depth < MAX_CAUSES; t = t.getCause(), depth++) {
            if (t instanceof StragglerException) {
                return false;
            }
            if (isInterruption(t) || t instanceof ScopeCancelledException || t instanceof RefusedException) {
                return true;
            }
        }
        return false;
    }

    private static boolean isInterruption(Throwable t) {
        return t instanceof InterruptedException
                || t instanceof InterruptedIOException && !(t instanceof SocketTimeoutException)
                || t instanceof ClosedByInterruptException
                || t instanceof ScopeInterruptedException;
    }
}
