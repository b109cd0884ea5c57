// SPDX-License-Identifier: Apache-2.0
package io.traio;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a scope was cancelled: by its exit, if that has no value to return or if the scope was cancelled with its parent,
 * and by every wait in a cancelled scope or task. Inside a scope this is the signal to leave: let it propagate. The
 * {@linkplain #getCause() cause} is the failure that the scope, or the one above it, was cancelled with.
 *
 * <p>Unlike {@link java.util.concurrent.CancellationException}, this is not an {@link IllegalStateException}: code that catches
 * a misuse does not catch the signal.
 */
public class ScopeCancelledException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Constructs an exception.
     *
     * @param message names the scope and says why it was cancelled
     * @param cause what the scope was cancelled with; null if nothing
     */
    public ScopeCancelledException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
