// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.OpenScope;
import io.traio.ScopeFactory;
import io.traio.ScopeOptions;
import io.traio.spi.TimeSource;
import io.traio.spring.boot.internal.HandlerScope;
import io.traio.spring.boot.internal.RequestScopes;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Prepares and opens the scopes of an application's requests.
 *
 * <p>Thread-safe.
 *
 * @param <R> type of a request
 */
public final class RequestScopeFactory<R> {

    /** The name of every request's scope. */
    static final String NAME = "http.request";

    private static final Duration NO_TIME_LEFT = Duration.ofNanos(1);

    private final ScopeFactory factory;
    private final @Nullable Duration timeout;
    private final boolean joinsAtEnd;
    private final List<Function<R, @Nullable Duration>> resolvers;
    private final TimeSource time;

    /**
     * Creates a factory.
     *
     * @param factory opens the scopes
     * @param timeout how long the scope of a request may last; null for no limit
     * @param joinsAtEnd whether the end of a request waits for tasks that are left; if not, it cancels them first
     * @param resolvers give further limits for single requests
     * @param time the time source of the scopes
     */
    public RequestScopeFactory(
            ScopeFactory factory,
            @Nullable Duration timeout,
            boolean joinsAtEnd,
            List<Function<R, @Nullable Duration>> resolvers,
            TimeSource time) {
        this.factory = factory;
        this.timeout = timeout;
        this.joinsAtEnd = joinsAtEnd;
        this.resolvers = List.copyOf(resolvers);
        this.time = time;
    }

    boolean joinsAtEnd() {
        return joinsAtEnd;
    }

    /** Returns the shortest limit that a resolver gives for a request, counted from now; null if there is none. */
    @Nullable
    Limit limitOf(R request) {
        Duration shortest = null;
        for (Function<R, @Nullable Duration> resolver : resolvers) {
            shortest = shorter(shortest, resolver.apply(request));
        }
        return shortest != null ? new Limit(shortest, time.nanoTime()) : null;
    }

    /** Returns a scope that is opened on first use. The application's own timeout counts from now. */
    HandlerScope prepare(@Nullable Limit limit) {
        return new HandlerScope(opener(limit));
    }

    /** Returns what opens a scope when it is called. The application's own timeout counts from now. */
    Supplier<OpenScope> opener(@Nullable Limit limit) {
        long since = time.nanoTime();
        return () -> open(limit, since);
    }

    private OpenScope open(@Nullable Limit limit, long since) {
        OpenScope scope = factory.openShared(NAME, defaults -> {
            // The thread that ends the request joins the scope.
            ScopeOptions options = defaults.withDetached(true).withObserved(true);
            Duration shortest = shorter(
                    timeout != null ? left(timeout, since) : null,
                    limit != null ? left(limit.time(), limit.since()) : null);
            return shortest != null ? options.withTimeout(shortest) : options;
        });
        RequestScopes.add(scope);
        return scope;
    }

    private Duration left(Duration timeout, long since) {
        Duration left = timeout.minusNanos(time.nanoTime() - since);
        return left.compareTo(NO_TIME_LEFT) > 0 ? left : NO_TIME_LEFT;
    }

    private static @Nullable Duration shorter(@Nullable Duration one, @Nullable Duration other) {
        if (one == null || other == null) {
            return one != null ? one : other;
        }
        return one.compareTo(other) <= 0 ? one : other;
    }

    /**
     * The time that all scopes of a request have together.
     *
     * @param time the time
     * @param since when it began to count, by the time source
     */
    record Limit(Duration time, long since) {}
}
