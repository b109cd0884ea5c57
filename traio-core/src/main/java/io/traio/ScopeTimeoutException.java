// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.time.Duration;
import java.util.List;

/**
 * Thrown when the timeout of a scope has passed. Names the scope, its timeout, and the tasks that were not done; the message
 * also says which of these never started.
 */
public class ScopeTimeoutException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Name of the scope. */
    private final String scopeName;

    /** The timeout that has passed. */
    private final Duration timeout;

    /** Names of tasks that were not done. */
    private final List<String> unfinished;

    /**
     * Constructs an exception.
     *
     * @param message names the scope, its timeout and the tasks, sanitized
     * @param scopeName the name of the scope
     * @param timeout the timeout that has passed
     * @param unfinished names of tasks that were not done; a long list may be cut
     */
    public ScopeTimeoutException(String message, String scopeName, Duration timeout, List<String> unfinished) {
        super(message);
        this.scopeName = scopeName;
        this.timeout = timeout;
        this.unfinished = List.copyOf(unfinished);
    }

    /**
     * Returns the name of the scope whose timeout has passed.
     *
     * @return the name, as it was given
     */
    public String scopeName() {
        return scopeName;
    }

    /**
     * Returns the timeout that has passed.
     *
     * @return the timeout
     */
    public Duration timeout() {
        return timeout;
    }

    /**
     * Returns the names of tasks, in the scope and below, that were not done, as they were given; at most 32.
     *
     * @return an immutable list
     */
    public List<String> unfinished() {
        return unfinished;
    }
}
