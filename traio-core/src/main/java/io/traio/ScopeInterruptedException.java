// SPDX-License-Identifier: Apache-2.0
package io.traio;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when this thread was interrupted from outside while it waited for a scope or a task, or while it ran the body of a
 * scope. The interrupt flag of the thread is set when this is thrown.
 */
public class ScopeInterruptedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Constructs an exception.
     *
     * @param message names what was waited for
     * @param cause the exception that brought the interrupt; null if there was none
     */
    public ScopeInterruptedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
