// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import io.micrometer.core.instrument.Tags;
import io.traio.ScopeFailedException;
import io.traio.Task;
import io.traio.spi.ScopeOutcome;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The tags that say how a scope or task ended.
 *
 * @param outcome success, failure, timeout or cancelled
 * @param exception simple name of the exception's class, or none
 */
record OutcomeTags(String outcome, String exception) {

    private static final String NONE = "none";
    private static final OutcomeTags SUCCESS = new OutcomeTags("success", NONE);
    private static final OutcomeTags CANCELLED = new OutcomeTags("cancelled", NONE);

    static OutcomeTags of(ScopeOutcome scope) {
        Throwable failure = scope.failure();
        String outcome = scope.kind().name().toLowerCase(Locale.ROOT);
        return new OutcomeTags(outcome, failure != null ? name(failure) : NONE);
    }

    static OutcomeTags of(Task.Status status, @Nullable Throwable failure) {
        if (status == Task.Status.SUCCEEDED) {
            return SUCCESS;
        }
        if (failure == null) {
            return CANCELLED;
        }
        return new OutcomeTags(status == Task.Status.FAILED ? "failure" : "cancelled", name(failure));
    }

    /** Returns the name of an exception's class; for the wrapper of a checked exception, that of its cause. */
    private static String name(Throwable failure) {
        Throwable cause = failure instanceof ScopeFailedException ? failure.getCause() : null;
        Class<?> type = (cause != null ? cause : failure).getClass();
        return type.getSimpleName().isEmpty() ? type.getName() : type.getSimpleName();
    }

    Tags tags() {
        return Tags.of("outcome", outcome, "exception", exception);
    }
}
