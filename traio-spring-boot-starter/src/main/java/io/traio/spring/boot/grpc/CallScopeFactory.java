// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.grpc;

import io.grpc.Deadline;
import io.traio.OpenScope;
import io.traio.ScopeFactory;
import io.traio.ScopeOptions;
import io.traio.spi.TimeSource;
import io.traio.spring.boot.internal.HandlerScope;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Prepares and opens the scopes of the calls that a server handles.
 *
 * <p>Thread-safe.
 */
public final class CallScopeFactory {

    private static final String NAME = "grpc.call";
    private static final long NO_TIME_LEFT = 1;

    private final ScopeFactory factory;
    private final @Nullable Duration timeout;
    private final boolean joinsAtEnd;
    private final TimeSource time;

    /**
     * Creates a factory.
     *
     * @param factory opens the scopes
     * @param timeout how long the scope of a call may last; null for no limit but the deadline of the call
     * @param joinsAtEnd whether the end of a call waits for tasks that are left; if not, it cancels them first
     * @param time the time source of the scopes
     */
    public CallScopeFactory(ScopeFactory factory, @Nullable Duration timeout, boolean joinsAtEnd, TimeSource time) {
        this.factory = factory;
        this.timeout = timeout;
        this.joinsAtEnd = joinsAtEnd;
        this.time = time;
    }

    boolean joinsAtEnd() {
        return joinsAtEnd;
    }

    /** Returns the scope of a call that begins now, which is opened on first use. */
    HandlerScope prepare(@Nullable Deadline deadline) {
        long since = time.nanoTime();
        return new HandlerScope(() -> open(deadline, since));
    }

    private OpenScope open(@Nullable Deadline deadline, long since) {
        long left = Long.MAX_VALUE;
        if (timeout != null) {
            left = timeout.minusNanos(time.nanoTime() - since).toNanos();
        }
        if (deadline != null) {
            left = Math.min(left, deadline.timeRemaining(TimeUnit.NANOSECONDS));
        }
        Duration shortest = left != Long.MAX_VALUE ? Duration.ofNanos(Math.max(left, NO_TIME_LEFT)) : null;
        return factory.openShared(NAME, defaults -> {
            // The end of the call joins the scope.
            ScopeOptions options = defaults.withDetached(true).withObserved(true);
            return shortest != null ? options.withTimeout(shortest) : options;
        });
    }
}
