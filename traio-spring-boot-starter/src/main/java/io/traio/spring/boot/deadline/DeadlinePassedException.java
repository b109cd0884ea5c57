// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import io.traio.ScopeTimeoutException;
import java.time.Duration;
import java.util.List;

/**
 * Thrown when a request to another service is not sent because no time is left for it: the deadline of the current scope,
 * or of a scope above it, has passed or passes within the millisecond.
 */
public class DeadlinePassedException extends ScopeTimeoutException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message names the scope and the request, sanitized
     * @param scopeName name of the scope that makes the request
     * @param left the time left: less than a millisecond
     */
    public DeadlinePassedException(String message, String scopeName, Duration left) {
        super(message, scopeName, left, List.of());
    }

    /**
     * Returns the time left when the request was about to be sent: less than a millisecond.
     *
     * @return the time left
     */
    @Override
    public Duration timeout() {
        return super.timeout();
    }
}
