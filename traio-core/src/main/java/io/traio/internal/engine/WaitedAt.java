// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.Arrays;

/**
 * Marks in the exception of a task a place that waited for it: the exception is thrown there as the same instance, whose
 * own stack trace is that of the task's thread.
 */
final class WaitedAt extends Throwable {

    private static final long serialVersionUID = 1L;
    private static final int MAX_SUPPRESSED = 32;

    private WaitedAt(String waitedFor) {
        super("waited for " + waitedFor);
    }

    /** Marks the failure with the stack of this thread, once for each place, unless much hangs on it already. */
    static void mark(Throwable failure, String waitedFor) {
        Throwable[] suppressed = failure.getSuppressed();
        if (suppressed.length < MAX_SUPPRESSED) {
            WaitedAt mark = new WaitedAt(waitedFor);
            for (Throwable other : suppressed) {
                if (other instanceof WaitedAt known && known.isSameAs(mark)) {
                    return;
                }
            }
            failure.addSuppressed(mark);
        }
    }

    private boolean isSameAs(WaitedAt other) {
        return String.valueOf(getMessage()).equals(other.getMessage())
                && Arrays.equals(getStackTrace(), other.getStackTrace());
    }
}
