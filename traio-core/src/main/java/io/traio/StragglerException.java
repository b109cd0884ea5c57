// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a scope has ended, but cancelled tasks did not end within their {@linkplain TaskOptions#cancelTimeout() grace
 * period} and run on. Names these tasks, and holds the stack of each one's thread in a {@linkplain Throwable#getSuppressed()
 * suppressed} exception. The {@linkplain #getCause() cause} is what the exit would have thrown without them.
 */
public class StragglerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Names of the tasks that run on. */
    private final List<String> stragglers;

    /**
     * Constructs an exception.
     *
     * @param message names the scope and the tasks, sanitized
     * @param cause what the exit would have thrown otherwise; null if nothing
     * @param stragglers names of the tasks that run on; a long list may be cut
     */
    public StragglerException(String message, @Nullable Throwable cause, List<String> stragglers) {
        super(message, cause);
        this.stragglers = List.copyOf(stragglers);
    }

    /**
     * Returns the names of the tasks that run on, as they were given; at most 32.
     *
     * @return an immutable list
     */
    public List<String> stragglers() {
        return stragglers;
    }
}
