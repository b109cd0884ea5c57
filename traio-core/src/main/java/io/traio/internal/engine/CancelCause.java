// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.spi.CancelReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a scope was cancelled: the first cause wins.
 *
 * @param reason the kind of cause
 * @param failure what the exit is to throw; null if there is none
 * @param task the label of the task that failed; null if it was not a task
 * @param deadline the deadline that has passed; null if none has
 * @param unfinished the tasks that were not done when a deadline passed
 * @param atNanos when it happened
 */
record CancelCause(
        CancelReason reason,
        @Nullable Throwable failure,
        @Nullable String task,
        @Nullable Deadline deadline,
        List<TaskNode<?>> unfinished,
        long atNanos) {

    static CancelCause of(CancelReason reason, @Nullable Throwable failure, @Nullable String task, long atNanos) {
        return new CancelCause(reason, failure, task, null, List.of(), atNanos);
    }
}
