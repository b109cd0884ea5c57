// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.ScopeCancelledException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Failures that came too late for the response. */
final class UnansweredFailures {

    private static final Logger LOGGER = LoggerFactory.getLogger(UnansweredFailures.class);

    private UnansweredFailures() {}

    static void log(Throwable failure) {
        if (DisconnectedClient.isCauseOf(failure)) {
            LOGGER.debug("The client of a request has gone", failure);
        } else if (failure instanceof ScopeCancelledException) {
            LOGGER.warn("A request was cancelled after its response was decided: {}", failure.getMessage());
        } else {
            LOGGER.error("Tasks of a request failed after its response was decided", failure);
        }
    }
}
