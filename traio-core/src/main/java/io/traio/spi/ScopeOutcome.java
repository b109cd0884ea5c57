// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

import io.traio.ScopeCancelledException;
import io.traio.ScopeInterruptedException;
import io.traio.ScopeTimeoutException;
import org.jspecify.annotations.Nullable;

/** How a scope ended. Immutable and thread-safe. Made by the engine; other implementations are for tests of listeners. */
public interface ScopeOutcome {

    /** What an outcome amounts to. */
    enum Kind {
        /** The scope did what it was opened for: it ended by itself, with its master task, or by its policy. */
        SUCCESS,
        /** The exit throws a failure. */
        FAILURE,
        /** The deadline of the scope passed, or that of a scope below, whose timeout this exit throws, too. */
        TIMEOUT,
        /** The scope was cancelled, and the exit throws nothing but that. */
        CANCELLED
    }

    /**
     * Returns why the scope was cancelled.
     *
     * @return the reason; null if the scope ended by itself
     */
    @Nullable
    CancelReason reason();

    /**
     * Returns what the exit throws.
     *
     * @return the failure; null if the exit is silent
     */
    @Nullable
    Throwable failure();

    /**
     * Returns the time from the opening of the scope to its end, in nanoseconds.
     *
     * @return the nanoseconds
     */
    long openNanos();

    /**
     * Returns the time from the cancellation of the scope to its end, in nanoseconds.
     *
     * @return the nanoseconds; 0 if the scope was not cancelled
     */
    long unwindNanos();

    /**
     * Returns what this outcome amounts to.
     *
     * @return the kind of outcome
     */
    default Kind kind() {
        Throwable thrown = failure();
        if (thrown == null) {
            boolean planned = reason() == CancelReason.MASTER || reason() == CancelReason.POLICY;
            return reason() == null || planned ? Kind.SUCCESS : Kind.CANCELLED;
        }
        if (reason() == CancelReason.TIMEOUT || thrown instanceof ScopeTimeoutException) {
            return Kind.TIMEOUT;
        }
        boolean cancelled = thrown instanceof ScopeCancelledException || thrown instanceof ScopeInterruptedException;
        return cancelled ? Kind.CANCELLED : Kind.FAILURE;
    }
}
