// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.Limiter;
import io.traio.ScopeOptions;
import io.traio.TaskOptions;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Options of random scopes and tasks, as plain values that print themselves; zero and below stand for "not set". */
final class Options {

    private Options() {}

    static Duration micros(long micros) {
        return Duration.of(micros, ChronoUnit.MICROS);
    }

    /** Options of a scope. */
    record OfScope(
            int timeoutMicros,
            int cancelTimeoutMicros,
            int maxConcurrency,
            ScopeOptions.Overflow overflow,
            @Nullable Limiter limiter,
            boolean detached,
            boolean shielded,
            int forkOf) {

        static final OfScope NONE = new OfScope(0, 0, 0, ScopeOptions.Overflow.QUEUE, null, false, false, -1);

        /** Returns whether tasks may wait for a permit. */
        boolean isLimited() {
            return maxConcurrency > 0 || limiter != null;
        }

        ScopeOptions applyTo(ScopeOptions options) {
            ScopeOptions applied = options.withDetached(detached)
                    .withShielded(shielded)
                    .withMaxConcurrency(maxConcurrency)
                    .withOverflow(overflow);
            applied = limiter != null ? applied.withLimiter(limiter) : applied;
            applied = timeoutMicros > 0
                    ? applied.withTimeout(micros(timeoutMicros))
                    : shielded ? applied.withTimeout(ScopeOptions.FOREVER) : applied;
            return cancelTimeoutMicros > 0 ? applied.withCancelTimeout(micros(cancelTimeoutMicros)) : applied;
        }

        @Override
        public String toString() {
            return (timeoutMicros > 0 ? " timeout=" + timeoutMicros + "us" : "")
                    + (cancelTimeoutMicros > 0 ? " cancelTimeout=" + cancelTimeoutMicros + "us" : "")
                    + (maxConcurrency > 0 ? " maxConcurrency=" + maxConcurrency + "," + overflow : "")
                    + (limiter != null ? " " + limiter.name() : "")
                    + (detached ? " detached" : "")
                    + (shielded ? " shielded" : "")
                    + (forkOf >= 0 ? " forkOf=#" + forkOf : "");
        }
    }

    /** Options of a task. A flag that is to be added here is set in {@link #applyTo} and drawn by {@link TreeMaker}. */
    record OfTask(
            boolean master,
            boolean bubble,
            boolean awaited,
            int cancelTimeoutMicros,
            boolean abandonOnCancel,
            boolean interruptOnCancel) {

        static final OfTask NONE = new OfTask(false, true, true, 0, false, true);

        TaskOptions applyTo(TaskOptions options) {
            TaskOptions applied = options.withMaster(master)
                    .withBubble(bubble)
                    .withAwaited(awaited)
                    .withAbandonOnCancel(abandonOnCancel)
                    .withInterruptOnCancel(interruptOnCancel);
            return cancelTimeoutMicros > 0 ? applied.withCancelTimeout(micros(cancelTimeoutMicros)) : applied;
        }

        @Override
        public String toString() {
            return (master ? " master" : "")
                    + (bubble ? "" : " bubble=false")
                    + (awaited ? "" : " awaited=false")
                    + (cancelTimeoutMicros > 0 ? " cancelTimeout=" + cancelTimeoutMicros + "us" : "")
                    + (abandonOnCancel ? " abandonOnCancel" : "")
                    + (interruptOnCancel ? "" : " interruptOnCancel=false");
        }
    }
}
