// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeOptions;
import io.traio.spi.TimeSource;
import io.traio.spring.boot.web.RequestScopeProperties.AtEnd;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Makes the scopes of an application's requests, by its properties. */
final class RequestScopes {

    /** The name of every request's scope. */
    static final String NAME = "http.request";

    /** Those that live: anybody may give a scope that name. */
    private static final Set<Scope> OF_REQUESTS = ConcurrentHashMap.newKeySet();

    private static final Duration NO_TIME_LEFT = Duration.ofNanos(1);

    private final ScopeFactory factory;
    private final RequestScopeProperties properties;
    private final List<RequestTimeoutResolver> timeouts;
    private final TimeSource time;

    RequestScopes(
            ScopeFactory factory,
            RequestScopeProperties properties,
            List<RequestTimeoutResolver> timeouts,
            TimeSource time) {
        this.factory = factory;
        this.properties = properties.validated();
        this.timeouts = timeouts;
        this.time = time;
    }

    /** Whether a scope is that of a request, and has not ended. */
    static boolean isOfRequest(Scope scope) {
        return OF_REQUESTS.contains(scope);
    }

    boolean isJoinedAtEnd() {
        return properties.getAtEnd() == AtEnd.JOIN;
    }

    /** The shortest time that somebody allows for this request, counted from now; null if nobody does. */
    @Nullable
    Limit limitOf(HttpServletRequest request) {
        Duration shortest = null;
        for (RequestTimeoutResolver resolver : timeouts) {
            shortest = shorter(shortest, resolver.resolve(request));
        }
        return shortest != null ? new Limit(shortest, time.nanoTime()) : null;
    }

    /** A scope that will be opened on first use; the application's own timeout counts from now. */
    RequestScope prepare(@Nullable Limit limit) {
        long since = time.nanoTime();
        return new RequestScope(() -> open(limit, since));
    }

    private OpenScope open(@Nullable Limit limit, long since) {
        OpenScope scope = factory.openShared(NAME, defaults -> {
            ScopeOptions options = defaults.withDetached(true);
            Duration own = properties.getTimeout() != null ? properties.getTimeout() : defaults.timeout();
            Duration timeout = shorter(
                    own != null ? left(own, since) : null, limit != null ? left(limit.time(), limit.since()) : null);
            return timeout != null ? options.withTimeout(timeout) : options;
        });
        OF_REQUESTS.add(scope);
        // Whoever ends the request awaits the scope: until then, with this callback, its failure is not one that nobody
        // sees.
        scope.onDone(OF_REQUESTS::remove);
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
     * How much time all scopes of a request have together.
     *
     * @param time how much
     * @param since when it began to count, by the time source
     */
    record Limit(Duration time, long since) {}
}
