// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A scope was cancelled, and so is what was asked of it. Thrown at the exit of a scope that has no value to return, and
 * by every wait inside a cancelled scope or task. Inside a scope it is the signal to leave: let it pass.
 */
public class ScopeCancelledException extends CancellationException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message names the scope and says why it was cancelled
     * @param cause what the scope was cancelled with; null if nothing
     */
    public ScopeCancelledException(String message, @Nullable Throwable cause) {
        super(message);
        if (cause != null) {
            initCause(cause);
        }
    }
}
