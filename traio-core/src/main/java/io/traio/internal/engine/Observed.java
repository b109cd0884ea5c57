// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a task that is observed: by listeners, a recording, or the log at debug. The number says what was
 * reported, so that the end of an abandoned task is not reported before its start.
 */
final class Observed extends AtomicInteger {

    private static final long serialVersionUID = 1L;
    private static final int START_REPORTED = 1;
    private static final int END_DUE = 2;

    final long spawnedAtNanos;
    /** Whether its steps are logged. */
    final boolean logged;

    /** What {@link FlightEvents} began for the task; null if no recording wanted it. */
    @Nullable
    transient Object flightEvent;

    Observed(long spawnedAtNanos, boolean logged) {
        this.spawnedAtNanos = spawnedAtNanos;
        this.logged = logged;
    }

    /** The start was reported; whether the task was abandoned meanwhile and is to be ended now. */
    boolean startReported() {
        return !compareAndSet(0, START_REPORTED);
    }

    /** A task that has started was abandoned; whether the canceller is to end it, rather than its thread after the start. */
    boolean mayReportEnd() {
        return !compareAndSet(0, END_DUE);
    }
}
