// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.internal.Names;
import io.traio.spi.CancelReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a scope was cancelled: the first cause wins.
 *
 * @param reason the kind of cause
 * @param failure what the exit is to throw; null if there is none
 * @param text what the canceller says about it, safe to print; null if nothing
 * @param task the label of the task that failed; null if it was not a task
 * @param deadline the deadline that has passed; null if none has
 * @param unfinished the tasks that were not done when a deadline passed
 * @param atNanos when it happened
 */
record EndCause(
        CancelReason reason,
        @Nullable Throwable failure,
        @Nullable String text,
        @Nullable String task,
        @Nullable Deadline deadline,
        List<TaskNode<?>> unfinished,
        long atNanos) {

    static EndCause of(CancelReason reason, @Nullable Throwable failure, @Nullable String task, long atNanos) {
        return new EndCause(reason, failure, null, task, null, List.of(), atNanos);
    }

    /** A cancel by the application that says why. */
    static EndCause explicit(String text, @Nullable Throwable failure, long atNanos) {
        return new EndCause(CancelReason.EXPLICIT, failure, Names.printable(text), null, null, List.of(), atNanos);
    }
}
