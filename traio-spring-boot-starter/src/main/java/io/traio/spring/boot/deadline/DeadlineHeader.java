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
 * The header that passes a deadline on. Its value is the time left in milliseconds, as decimal digits and nothing else.
 *
 * @param name the name of the header
 * @param min the shortest time that is accepted; a shorter one is raised to it
 * @param max the longest time that is accepted; a longer one is cut to it
 */
public record DeadlineHeader(String name, Duration min, Duration max) {

    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

    /**
     * Reads the values of a request's header.
     *
     * @param values the values
     * @return the time, at least {@link #min} and at most {@link #max}; null if there is no value
     * @throws InvalidDeadlineException if there is more than one value, or the value is not a number from 1 on
     */
    public @Nullable Duration parse(List<String> values) {
        if (values.isEmpty()) {
            return null;
        }
        String value = values.get(0);
        long millis = values.size() == 1 && DIGITS.matcher(value).matches() ? Long.parseLong(value) : 0;
        if (millis == 0) {
            throw new InvalidDeadlineException(name);
        }
        Duration time = Duration.ofMillis(millis);
        Duration raised = time.compareTo(min) > 0 ? time : min;
        return raised.compareTo(max) < 0 ? raised : max;
    }

    /**
     * Returns the value to send now with a call from a scope.
     *
     * @param scope the scope that makes the call; null outside any scope
     * @return milliseconds left; empty outside any scope, or if none has a deadline
     * @throws DeadlinePassedException if less than a millisecond is left
     */
    static Optional<String> valueFor(@Nullable Scope scope, HttpMethod method, URI uri) {
        Duration left = scope != null ? scope.remaining().orElse(null) : null;
        if (scope == null || left == null) {
            return Optional.empty();
        }
        if (left.toMillis() < 1) {
            throw new DeadlinePassedException(
                    "No time left in " + scope + " for " + method + " to " + uri.getHost() + ": request not sent",
                    scope.name(),
                    left);
        }
        return Optional.of(Long.toString(left.toMillis()));
    }
}
