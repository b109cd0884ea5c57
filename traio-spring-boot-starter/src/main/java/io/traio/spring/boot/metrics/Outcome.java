// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import io.micrometer.core.instrument.Tags;
import io.traio.ScopeFailedException;
import io.traio.Task;
import io.traio.spi.ScopeOutcome;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a scope or task ended, as tags have it.
 *
 * @param outcome success, failure, timeout or cancelled
 * @param exception class of the exception
 */
record Outcome(String outcome, String exception) {

    private static final String NONE = "none";
    private static final Outcome SUCCESS = new Outcome("success", NONE);
    private static final Outcome CANCELLED = new Outcome("cancelled", NONE);

    static Outcome of(ScopeOutcome scope) {
        Throwable failure = scope.failure();
        String outcome = scope.kind().name().toLowerCase(Locale.ROOT);
        return new Outcome(outcome, failure != null ? name(failure) : NONE);
    }

    static Outcome of(Task.Status status, @Nullable Throwable failure) {
        if (status == Task.Status.SUCCEEDED) {
            return SUCCESS;
        }
        if (failure == null) {
            return CANCELLED;
        }
        return new Outcome(status == Task.Status.FAILED ? "failure" : "cancelled", name(failure));
    }

    /** Looks through the wrapper of a checked exception. */
    private static String name(Throwable failure) {
        Throwable cause = failure instanceof ScopeFailedException ? failure.getCause() : null;
        Class<?> type = (cause != null ? cause : failure).getClass();
        return type.getSimpleName().isEmpty() ? type.getName() : type.getSimpleName();
    }

    Tags tags() {
        return Tags.of("outcome", outcome, "exception", exception);
    }
}
