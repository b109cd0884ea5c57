// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc;

import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.spring.boot.internal.Rethrow;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call that talks to the database, and whose thread is not interrupted for some time. If it executes a statement, that is
 * cancelled with the code that executes it.
 */
final class GuardedCall {

    private static final Logger LOGGER = LoggerFactory.getLogger(GuardedCall.class);
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_CAUSES = 100;

    private final @Nullable Statement statement;
    private final Scope.CancelHook hook;

    /** The query timeout to be set again; negative if it is to stay. */
    private int timeoutBefore = -1;

    private volatile @Nullable Thread canceller;
    private volatile boolean ended;

    private GuardedCall(@Nullable Statement statement, Duration interruptAfter) {
        this.statement = statement;
        this.hook = Scope.onCancel(interruptAfter, this::cancel);
    }

    /** A call that executes no statement. */
    static GuardedCall withoutStatement(Duration interruptAfter) {
        return new GuardedCall(null, interruptAfter);
    }

    /**
     * The execution of a statement.
     *
     * @param left the time that it may take; null if there is no limit
     */
    static GuardedCall of(Statement statement, @Nullable Duration left, Duration interruptAfter) {
        GuardedCall call = new GuardedCall(statement, interruptAfter);
        if (left != null) {
            call.limit(statement, left);
        }
        return call;
    }

    private void limit(Statement limited, Duration left) {
        try {
            int seconds = (int)
                    Math.min(Integer.MAX_VALUE, left.plusNanos(999_999_999).toSeconds());
            int before = limited.getQueryTimeout();
            if (before == 0 || before > seconds) {
                limited.setQueryTimeout(seconds);
                timeoutBefore = before;
            }
        } catch (SQLException | RuntimeException e) {
            LOGGER.debug("The driver takes no query timeout", e);
        }
    }

    /** Repeated, since a driver forgets a cancel that comes before the statement has begun. */
    private void cancel() throws SQLException {
        Statement running = statement;
        if (running == null) {
            return;
        }
        canceller = Thread.currentThread();
        try {
            running.cancel();
        } catch (SQLException e) {
            if (!ended) {
                throw e;
            }
        }
        for (long pause = FIRST_PAUSE_NANOS; !ended; pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS)) {
            LockSupport.parkNanos(this, pause);
            if (!ended) {
                cancelAgain(running);
            }
        }
    }

    private static void cancelAgain(Statement running) {
        try {
            RepeatedCancel.send(running);
        } catch (SQLException e) {
            LOGGER.debug("A statement could not be cancelled once more", e);
        }
    }

    /**
     * The call has returned or thrown; called by the same thread. Throws in place of an exception that cannot say why its
     * statement was cancelled.
     */
    void end(@Nullable Throwable thrown) {
        ended = true;
        Thread waiting = canceller;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
        try {
            resetTimeout();
        } finally {
            hook.close();
        }
        SQLException cancelled = waiting != null ? cancelledIn(thrown) : null;
        if (cancelled != null) {
            sayWhy(cancelled);
        }
    }

    private void resetTimeout() {
        if (statement != null && timeoutBefore >= 0) {
            try {
                statement.setQueryTimeout(timeoutBefore);
            } catch (SQLException e) {
                LOGGER.debug("The query timeout of a statement could not be set again", e);
            }
        }
    }

    /** The exception by which a statement says that it was cancelled; null if it says something else. */
    private static @Nullable SQLException cancelledIn(@Nullable Throwable thrown) {
        Throwable t = thrown;
        for (int depth = 0; t != null && depth < MAX_CAUSES; t = t.getCause(), depth++) {
            if (t instanceof SQLException sql && CancelledStates.isCancelled(sql)) {
                return sql;
            }
        }
        return null;
    }

    /** With traio's own exception among its causes it is known as no failure. Some drivers let no cause be added. */
    private static void sayWhy(SQLException cancelled) {
        String why = "The statement was cancelled with its scope or task";
        try {
            cancelled.initCause(new ScopeCancelledException(why, null));
        } catch (IllegalStateException e) {
            throw Rethrow.asIs(new SQLTimeoutException(
                    cancelled.getMessage(),
                    cancelled.getSQLState(),
                    cancelled.getErrorCode(),
                    new ScopeCancelledException(why, cancelled)));
        }
    }
}
