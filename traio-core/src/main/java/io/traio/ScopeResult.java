// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.CancelReason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came of a scope in which a timeout or a cancel is no exception: the value of its body, or why there is none. Immutable
 * and thread-safe. Made by {@link ScopeOpener#tryCall tryCall} and {@link ScopeOpener#tryRun tryRun}.
 *
 * @param <T> type of the value
 */
public interface ScopeResult<T extends @Nullable Object> {

    /**
     * Returns whether the scope did what it was opened for: its body has returned, and its timeout has not passed.
     *
     * @return whether there is a value, which may be null
     */
    boolean isPresent();

    /**
     * Returns the value.
     *
     * @return what the body has returned; null if that was null, or the body returns nothing
     * @throws ScopeTimeoutException if there is no value because the scope has timed out
     * @throws ScopeCancelledException if there is no value because the scope was cancelled
     */
    T get();

    /**
     * Returns the value, or another one if there is none.
     *
     * @param other what to return in place of a value
     * @return a value
     */
    default T orElse(T other) {
        return isPresent() ? get() : other;
    }

    /**
     * Returns the value as an optional one.
     *
     * @return the value; empty if there is none, or it is null
     */
    default Optional<T> toOptional() {
        return isPresent() ? Optional.ofNullable(get()) : Optional.empty();
    }

    /**
     * Returns why the scope was cancelled. That may have happened after its body had returned a value.
     *
     * @return the reason; null if the scope ended by itself
     */
    @Nullable
    CancelReason reason();

    /**
     * Returns why there is no value, for people: which scope has timed out, with its unfinished tasks; or with what {@linkplain
     * Scope#cancel(String) words} it was cancelled.
     *
     * @return the message; null if there is a value
     */
    @Nullable
    String message();
}
