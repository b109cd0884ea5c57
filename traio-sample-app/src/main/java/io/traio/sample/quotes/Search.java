// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import io.traio.sample.suppliers.Airport;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * A request for quotes.
 *
 * @param timeout how long the suppliers may take
 * @param enough how many quotes are enough; the other suppliers are then cancelled
 * @param latency how long suppliers take, by name: for experiments
 * @param fail the suppliers that fail: for experiments
 */
record Search(Airport from, Airport to, Duration timeout, int enough, Map<String, Duration> latency, Set<String> fail) {

    /** Returns the search for the way back. */
    Search reversed() {
        return new Search(to, from, timeout, enough, latency, fail);
    }
}
