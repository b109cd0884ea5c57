// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import io.traio.sample.suppliers.Airport;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.stereotype.Component;

/** Searches like those of real users: any route, with suppliers that are fast or slow and occasionally fail. */
@Component
public final class RandomSearches {

    private static final Duration TIMEOUT = Duration.ofMillis(1200);
    private static final int MAX_LATENCY_MILLIS = 1600;
    private static final int FAILURE_IN = 20;
    private static final int MAX_PAUSE_MILLIS = 300;

    private final FareFinder finder;

    RandomSearches(FareFinder finder) {
        this.finder = finder;
    }

    /** Searches repeatedly, until this thread is interrupted or the scope that it runs in is cancelled. */
    public Void searchForEver() throws InterruptedException {
        while (true) {
            finder.find(search());
            Thread.sleep(ThreadLocalRandom.current().nextInt(MAX_PAUSE_MILLIS));
        }
    }

    private Search search() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        List<Airport> airports = List.of(Airport.values());
        int from = random.nextInt(airports.size());
        int to = (from + 1 + random.nextInt(airports.size() - 1)) % airports.size();
        Map<String, Duration> latency = new HashMap<>();
        finder.suppliers().forEach(name -> latency.put(name, Duration.ofMillis(random.nextInt(MAX_LATENCY_MILLIS))));
        String unlucky =
                finder.suppliers().get(random.nextInt(finder.suppliers().size()));
        Set<String> fail = random.nextInt(FAILURE_IN) == 0 ? Set.of(unlucky) : Set.of();
        return new Search(
                airports.get(from),
                airports.get(to),
                TIMEOUT,
                finder.suppliers().size(),
                latency,
                fail);
    }
}
