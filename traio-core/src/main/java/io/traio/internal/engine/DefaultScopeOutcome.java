// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.spi.CancelReason;
import io.traio.spi.ScopeOutcome;
import org.jspecify.annotations.Nullable;

/** How a scope ended. */
record DefaultScopeOutcome(
        @Nullable CancelReason reason, @Nullable Throwable failure, long openNanos, long unwindNanos)
        implements ScopeOutcome {}
