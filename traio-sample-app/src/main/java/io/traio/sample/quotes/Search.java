// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import io.traio.sample.suppliers.Airport;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What somebody wants to know.
 *
 * @param timeout how long the suppliers may take
 * @param enough with how many quotes the search is content; the other suppliers are then cancelled
 * @param latency how long suppliers shall take, by name: for trying things out
 * @param fail which suppliers shall fail: for trying things out
 */
record Search(Airport from, Airport to, Duration timeout, int enough, Map<String, Duration> latency, Set<String> fail) {

    /** The way back. */
    Search reversed() {
        return new Search(to, from, timeout, enough, latency, fail);
    }
}
