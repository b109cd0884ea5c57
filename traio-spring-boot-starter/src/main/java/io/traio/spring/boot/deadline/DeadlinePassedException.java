// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import io.traio.ScopeTimeoutException;
import java.time.Duration;
import java.util.List;

/**
 * A call to another service was not sent since there is no time left for it: the deadline of the current scope, or of one
 * above, has passed or does so within the millisecond.
 */
public class DeadlinePassedException extends ScopeTimeoutException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message names the scope and the call, fit to print
     * @param scopeName name of the scope that the call was made in
     * @param left what was left: less than a millisecond
     */
    public DeadlinePassedException(String message, String scopeName, Duration left) {
        super(message, scopeName, left, List.of());
    }

    /**
     * What was left when the call was to be sent: less than a millisecond.
     *
     * @return the time
     */
    @Override
    public Duration timeout() {
        return super.timeout();
    }
}
