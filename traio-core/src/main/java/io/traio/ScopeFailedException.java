// SPDX-License-Identifier: Apache-2.0
package io.traio;

/**
 * Wraps the checked exception of a task or of a body, which is its {@linkplain #getCause() cause}, and names the scope
 * and the task. Unchecked exceptions and errors are not wrapped.
 */
public class ScopeFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message names the scope and the task
     * @param cause the checked exception
     */
    public ScopeFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
