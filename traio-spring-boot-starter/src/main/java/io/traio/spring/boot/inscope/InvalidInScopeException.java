// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope;

import org.jspecify.annotations.Nullable;

/** Thrown for an {@link InScope} on a method that cannot have a scope, or with an invalid value. */
public final class InvalidInScopeException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    InvalidInScopeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
