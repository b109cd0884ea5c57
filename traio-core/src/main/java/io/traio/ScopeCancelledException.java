// SPDX-License-Identifier: Apache-2.0
package io.traio;

import org.jspecify.annotations.Nullable;

/**
 * A scope was cancelled, and so is what was asked of it. Thrown at the exit of a scope that has no value to return, and by
 * every wait inside a cancelled scope or task. Inside a scope it is the signal to leave: let it pass. The {@linkplain
 * #getCause() cause} is the failure that the scope, or the one above it, was cancelled with, if there was one.
 *
 * <p>It is no {@link IllegalStateException}, unlike {@link java.util.concurrent.CancellationException}: code that catches
 * what a misuse throws does not catch this.
 */
public class ScopeCancelledException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message names the scope and says why it was cancelled
     * @param cause what the scope was cancelled with; null if nothing
     */
    public ScopeCancelledException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
