// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * How a scope behaves. Immutable; each {@code with} method gives a changed copy.
 *
 * @param timeout how long the scope may take from its opening until its tasks are done; null for no limit. Default: none
 * @param cancelTimeout how long its tasks may take to end once they are cancelled, unless they say otherwise. Default: 1 s
 * @param maxConcurrency how many tasks of the scope may run at once; 0 for no limit. Default: 0
 * @param overflow what {@code spawn} does with one task more. Default: {@link Overflow#QUEUE}
 * @param detached a root scope even where another scope is current. Default: false
 * @param logger where life-cycle steps are logged; null for the factory's. Default: null
 */
public record ScopeOptions(
        @Nullable Duration timeout,
        Duration cancelTimeout,
        int maxConcurrency,
        Overflow overflow,
        boolean detached,
        @Nullable Logger logger) {

    /** A duration that never ends: as a timeout it means none. */
    public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    /** What a scope is opened with unless the factory or the caller says otherwise. */
    public static final ScopeOptions DEFAULT =
            new ScopeOptions(null, Duration.ofSeconds(1), 0, Overflow.QUEUE, false, null);

    /** What {@code spawn} does when {@link ScopeOptions#maxConcurrency()} tasks have not ended yet. */
    public enum Overflow {
        /** The task waits for its turn, in order. */
        QUEUE,
        /**
         * {@code spawn} waits for a place. Called from a task of the same scope it does not, and the new task is queued:
         * the caller might wait for itself.
         */
        BLOCK,
        /** {@code spawn} throws {@link java.util.concurrent.RejectedExecutionException}. */
        REJECT
    }

    /**
     * Checks the values.
     *
     * @param timeout {@link #timeout()}
     * @param cancelTimeout {@link #cancelTimeout()}
     * @param maxConcurrency {@link #maxConcurrency()}
     * @param overflow {@link #overflow()}
     * @param detached {@link #detached()}
     * @param logger {@link #logger()}
     * @throws NullPointerException if {@code cancelTimeout} or {@code overflow} is null
     * @throws IllegalArgumentException if a duration is zero or negative, or {@code maxConcurrency} is negative
     */
    public ScopeOptions {
        if (timeout != null) {
            requirePositive(timeout, "timeout");
        }
        requirePositive(cancelTimeout, "cancelTimeout");
        Objects.requireNonNull(overflow, "overflow");
        if (maxConcurrency < 0) {
            throw new IllegalArgumentException(
                    "maxConcurrency must be 0 (no limit) or more, but was " + maxConcurrency);
        }
    }

    /**
     * Changes {@link #timeout()}.
     *
     * @param value how long the scope may take
     * @return a changed copy
     * @throws NullPointerException if the value is null
     * @throws IllegalArgumentException if it is zero or negative
     */
    public ScopeOptions withTimeout(Duration value) {
        return new ScopeOptions(
                Objects.requireNonNull(value, "timeout"), cancelTimeout, maxConcurrency, overflow, detached, logger);
    }

    /**
     * Changes {@link #cancelTimeout()}.
     *
     * @param value how long tasks may take to end once they are cancelled
     * @return a changed copy
     * @throws NullPointerException if the value is null
     * @throws IllegalArgumentException if it is zero or negative
     */
    public ScopeOptions withCancelTimeout(Duration value) {
        return new ScopeOptions(timeout, value, maxConcurrency, overflow, detached, logger);
    }

    /**
     * Changes {@link #maxConcurrency()}.
     *
     * @param value how many tasks may run at once; 0 for no limit
     * @return a changed copy
     * @throws IllegalArgumentException if the value is negative
     */
    public ScopeOptions withMaxConcurrency(int value) {
        return new ScopeOptions(timeout, cancelTimeout, value, overflow, detached, logger);
    }

    /**
     * Changes {@link #overflow()}.
     *
     * @param value what {@code spawn} does with one task more
     * @return a changed copy
     * @throws NullPointerException if the value is null
     */
    public ScopeOptions withOverflow(Overflow value) {
        return new ScopeOptions(timeout, cancelTimeout, maxConcurrency, value, detached, logger);
    }

    /**
     * Changes {@link #detached()}.
     *
     * @param value whether the scope is a root even where another scope is current
     * @return a changed copy
     */
    public ScopeOptions withDetached(boolean value) {
        return new ScopeOptions(timeout, cancelTimeout, maxConcurrency, overflow, value, logger);
    }

    /**
     * Changes {@link #logger()}.
     *
     * @param value where life-cycle steps are logged
     * @return a changed copy
     * @throws NullPointerException if the value is null
     */
    public ScopeOptions withLogger(Logger value) {
        return new ScopeOptions(
                timeout, cancelTimeout, maxConcurrency, overflow, detached, Objects.requireNonNull(value, "logger"));
    }

    static Duration requirePositive(Duration value, String what) {
        Objects.requireNonNull(value, what);
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(what + " must be positive, but was " + value);
        }
        return value;
    }
}
