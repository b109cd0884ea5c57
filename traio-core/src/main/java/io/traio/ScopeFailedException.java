// SPDX-License-Identifier: Apache-2.0
package io.traio;

import org.jspecify.annotations.Nullable;

/**
 * Thrown in place of the checked exception of a task or of a body, which is its {@linkplain #getCause() cause}. Names the scope
 * and the task. Unchecked exceptions and errors are not wrapped, with two exceptions: what {@link OpenScope#close()} throws,
 * and a {@link ScopeInterruptedException} of another thread.
 */
public class ScopeFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Constructs an exception.
     *
     * @param message names the scope and the task
     * @param cause the failure; null if it hangs on what was thrown before, and could not be suppressed by that
     */
    public ScopeFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
