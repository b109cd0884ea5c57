// SPDX-License-Identifier: Apache-2.0
package io.traio;

import org.jspecify.annotations.Nullable;

/** What has to be remembered of a task that somebody watches: listeners, a recording, or the log at debug. */
final class Observed {

    final long spawnedAtNanos;
    /** Whether its steps are logged. */
    final boolean logged;

    /** What {@link FlightEvents} began for the task; null if no recording wanted it. */
    @Nullable
    Object flightEvent;

    Observed(long spawnedAtNanos, boolean logged) {
        this.spawnedAtNanos = spawnedAtNanos;
        this.logged = logged;
    }
}
