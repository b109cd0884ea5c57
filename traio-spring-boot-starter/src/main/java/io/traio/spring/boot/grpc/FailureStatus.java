// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFailedException;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import io.traio.spi.CancellationSignals;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status of a call whose scope has failed: what the application's handlers answer, to the failure or to its cause;
 * otherwise {@code DEADLINE_EXCEEDED} for a timeout, and {@code CANCELLED} for a cancellation. Names and messages are not
 * disclosed.
 */
final class FailureStatus {

    private static final Logger LOGGER = LoggerFactory.getLogger(ScopeServerInterceptor.class);

    private final Function<Throwable, @Nullable StatusException> handlers;

    FailureStatus(Function<Throwable, @Nullable StatusException> handlers) {
        this.handlers = handlers;
    }

    /**
     * Returns the answer to what the handler of a call has thrown, if a scope has thrown it. Other exceptions are not traio's.
     *
     * @param gone whether the call was cancelled, so that no client gets the answer
     */
    @Nullable
    Answer ofScope(Throwable failure, boolean gone) {
        if (gone) {
            return CancellationSignals.isSignal(failure) || failure instanceof ScopeTimeoutException
                    ? answer(Status.CANCELLED, "The call was cancelled", failure)
                    : null;
        }
        boolean ofScope = failure instanceof ScopeTimeoutException
                || failure instanceof ScopeCancelledException
                || failure instanceof ScopeFailedException
                || failure instanceof StragglerException;
        return ofScope ? find(failure) : null;
    }

    /** Returns the answer to a failure of the tasks, and logs it where the answer does not say what happened. */
    Answer ofTasks(Throwable failure) {
        Answer found = find(failure);
        if (found != null) {
            return found;
        }
        LOGGER.error("The scope of a call failed", failure);
        return answer(Status.UNKNOWN, "The call failed", causeOf(failure));
    }

    private @Nullable Answer find(Throwable failure) {
        StatusException handled = handlers.apply(failure);
        Throwable cause = causeOf(failure);
        if (handled == null && cause != failure) {
            handled = handlers.apply(cause);
        }
        if (handled != null) {
            Metadata trailers = handled.getTrailers();
            return new Answer(handled.getStatus(), trailers != null ? trailers : new Metadata());
        }
        if (cause instanceof ScopeTimeoutException) {
            return answer(Status.DEADLINE_EXCEEDED, "The call could not be answered in time", failure);
        }
        if (cause instanceof ScopeCancelledException) {
            LOGGER.warn("A call was cancelled: {}", cause.getMessage());
            return answer(Status.CANCELLED, "The call was cancelled", failure);
        }
        return null;
    }

    /** Logs a failure that is not the answer. */
    static void logUnanswered(Throwable failure) {
        if (failure instanceof ScopeCancelledException || failure instanceof ScopeTimeoutException) {
            LOGGER.debug("A call was cancelled after its status was decided", failure);
        } else {
            LOGGER.error("Tasks of a call failed after its status was decided", failure);
        }
    }

    private static Answer answer(Status status, String description, Throwable cause) {
        return new Answer(status.withDescription(description).withCause(cause), new Metadata());
    }

    private static Throwable causeOf(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof ScopeFailedException || cause instanceof StragglerException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /**
     * How a call ends.
     *
     * @param status its status
     * @param trailers what is sent with it
     */
    record Answer(Status status, Metadata trailers) {}
}
