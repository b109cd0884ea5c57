// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

import org.jspecify.annotations.Nullable;

/**
 * How a scope ended.
 *
 * @param reason why it was cancelled; null if it ended by itself
 * @param failure what its exit raises; null if it ends silently
 * @param openNanos time from its opening to its end, in nanoseconds
 * @param unwindNanos time from its cancellation to its end, in nanoseconds; 0 if it was not cancelled
 */
public record ScopeOutcome(
        @Nullable CancelReason reason, @Nullable Throwable failure, long openNanos, long unwindNanos) {}
