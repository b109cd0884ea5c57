// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeResult;
import io.traio.spi.CancelReason;
import org.jspecify.annotations.Nullable;

/**
 * What came of a scope.
 *
 * @param value what the body has returned
 * @param reason why the scope was cancelled; null if it was not
 * @param missing says why there is no value; null if there is one
 */
record Result<T extends @Nullable Object>(
        T value, @Nullable CancelReason reason, @Nullable RuntimeException missing) implements ScopeResult<T> {

    @Override
    public boolean isPresent() {
        return missing == null;
    }

    @Override
    public T get() {
        if (missing != null) {
            throw missing;
        }
        return value;
    }

    @Override
    public @Nullable String message() {
        return missing != null ? missing.getMessage() : null;
    }
}
