// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import io.traio.Scope;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;

/**
 * The header, and how its value is read and written: milliseconds, as decimal digits and nothing else.
 *
 * @param name the name of the header
 * @param max what a longer time is cut to
 */
record DeadlineHeader(String name, Duration max) {

    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

    /**
     * Reads the values of a request's header.
     *
     * @return the time, at most {@link #max}; null if there is no value
     * @throws InvalidDeadlineException if there is more than one value, or it is no number from 1 on
     */
    @Nullable
    Duration parse(List<String> values) {
        if (values.isEmpty()) {
            return null;
        }
        String value = values.get(0);
        long millis = values.size() == 1 && DIGITS.matcher(value).matches() ? Long.parseLong(value) : 0;
        if (millis == 0) {
            throw new InvalidDeadlineException(name);
        }
        Duration time = Duration.ofMillis(millis);
        return time.compareTo(max) < 0 ? time : max;
    }

    /** The value to send now with a call from this thread, as {@link #valueFor(Scope, HttpMethod, URI)}. */
    static Optional<String> valueFor(HttpMethod method, URI uri) {
        return valueFor(Scope.current().orElse(null), method, uri);
    }

    /**
     * The value to send now with a call from a scope.
     *
     * @param scope where the call is made; null outside of any
     * @return milliseconds left; empty outside of any scope, or if none has a deadline
     * @throws DeadlinePassedException if less than a millisecond is left
     */
    static Optional<String> valueFor(@Nullable Scope scope, HttpMethod method, URI uri) {
        Duration left = scope != null ? scope.remaining().orElse(null) : null;
        if (scope == null || left == null) {
            return Optional.empty();
        }
        if (left.toMillis() < 1) {
            throw new DeadlinePassedException(
                    "No time is left in " + scope + " for " + method + " to " + uri.getHost() + ": it was not sent",
                    scope.name(),
                    left);
        }
        return Optional.of(Long.toString(left.toMillis()));
    }
}
