// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cancelled tasks did not end within their {@link TaskOptions#cancelTimeout() cancelTimeout} and run on while the scope
 * is left. Each one is named, with the stack of its thread in a {@linkplain Throwable#getSuppressed() suppressed}
 * exception. What the scope would have raised without them is the {@linkplain #getCause() cause}.
 */
public class StragglerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Names of the tasks that run on. */
    private final List<String> stragglers;

    /**
     * Makes an exception.
     *
     * @param message names the scope and the tasks, fit to print
     * @param cause what the scope failed with; null if with nothing else
     * @param stragglers names of the tasks that run on; a long list may be cut
     */
    public StragglerException(String message, @Nullable Throwable cause, List<String> stragglers) {
        super(message, cause);
        this.stragglers = List.copyOf(stragglers);
    }

    /**
     * Names of the tasks that run on, as they were given; at most 32.
     *
     * @return an immutable list
     */
    public List<String> stragglers() {
        return stragglers;
    }
}
