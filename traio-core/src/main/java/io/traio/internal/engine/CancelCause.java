// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Task;
import io.traio.internal.Names;
import io.traio.spi.CancelReason;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a scope was cancelled: the first cause wins.
 *
 * @param reason the kind of cause
 * @param failure what the exit is to throw; null if there is none
 * @param text what the canceller says about it, safe to print; null if nothing
 * @param task the label of the task that failed; null if it was not a task
 * @param timeout the timeout that has passed; null if none has
 * @param atNanos when it happened
 */
record CancelCause(
        CancelReason reason,
        @Nullable Throwable failure,
        @Nullable String text,
        @Nullable String task,
        @Nullable Timeout timeout,
        long atNanos) {

    /**
     * A timeout that has passed.
     *
     * @param duration its length
     * @param byDefault whether it is the default one of the factory
     * @param unfinished tasks that were not done then
     */
    record Timeout(Duration duration, boolean byDefault, List<? extends Task<?>> unfinished) {}

    static CancelCause of(CancelReason reason, @Nullable Throwable failure, @Nullable String task, long atNanos) {
        return new CancelCause(reason, failure, null, task, null, atNanos);
    }

    /** A cancel by the application that says why. */
    static CancelCause explicit(String text, @Nullable Throwable failure, long atNanos) {
        return new CancelCause(CancelReason.EXPLICIT, failure, Names.printable(text), null, null, atNanos);
    }
}
