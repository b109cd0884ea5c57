// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

import io.traio.ScopeCancelledException;
import io.traio.ScopeInterruptedException;
import org.jspecify.annotations.Nullable;

/**
 * How a scope ended.
 *
 * @param reason why it was cancelled; null if it ended by itself
 * @param failure what its exit raises; null if it ends silently
 * @param openNanos time from its opening to its end, in nanoseconds
 * @param unwindNanos time from its cancellation to its end, in nanoseconds; 0 if it was not cancelled
 */
public record ScopeOutcome(
        @Nullable CancelReason reason, @Nullable Throwable failure, long openNanos, long unwindNanos) {

    /** What the outcome amounts to. */
    public enum Kind {
        /** It did what it was opened for: it ended by itself, or with its master task. */
        SUCCESS,
        /** It raises a failure. */
        FAILURE,
        /** Its deadline has passed. */
        TIMEOUT,
        /** It was cancelled, and raises nothing but that. */
        CANCELLED
    }

    /**
     * What this outcome amounts to.
     *
     * @return the kind of outcome
     */
    public Kind kind() {
        if (failure == null) {
            return reason == null || reason == CancelReason.MASTER ? Kind.SUCCESS : Kind.CANCELLED;
        }
        if (reason == CancelReason.TIMEOUT) {
            return Kind.TIMEOUT;
        }
        boolean cancelled = failure instanceof ScopeCancelledException || failure instanceof ScopeInterruptedException;
        return cancelled ? Kind.CANCELLED : Kind.FAILURE;
    }
}
