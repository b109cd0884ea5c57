// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory;

import io.traio.Scope;
import io.traio.ScopeCancelledException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by the exit of a scope that an operator has cancelled over the endpoint {@code scopes}. A cancel without a cause
 * would let {@code run} return as if all work had been done, although the code that opened the scope did not ask for that.
 */
public final class OperatorCancelledException extends ScopeCancelledException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param scope the cancelled scope
     * @param reason what the operator has said about it, sanitized; null if nothing
     */
    public OperatorCancelledException(Scope scope, @Nullable String reason) {
        super(
                "scope '" + scope.displayName() + "' (#" + scope.id()
                        + ") was cancelled by an operator, over the scopes endpoint"
                        + (reason == null ? "" : ": " + reason),
                null);
    }
}
