// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

import io.traio.ScopeCancelledException;

/**
 * What the exit of a scope raises after an operator has cancelled it. A cancel without a cause would let {@code run}
 * return as if all had been done; the code that opened the scope did not ask for that.
 */
public final class EndpointCancelledException extends ScopeCancelledException {

    private static final long serialVersionUID = 1L;

    EndpointCancelledException(String scope) {
        super(scope + " was cancelled by an operator, over the scopes endpoint", null);
    }
}
