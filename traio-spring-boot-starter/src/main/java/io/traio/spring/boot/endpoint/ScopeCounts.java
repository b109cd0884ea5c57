// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.Scope;
import io.traio.spi.ScopeOutcome;
import io.traio.spring.boot.endpoint.RecentScopesDescriptor.NameDescriptor;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Counts the scopes that have ended, by name. At most 100 names of at most 200 characters have counts of their own; the rest
 * counts as {@code other}.
 *
 * <p>Thread-safe.
 */
final class ScopeCounts {

    static final int MAX_NAMES = 100;
    private static final int MAX_NAME_LENGTH = 200;
    private static final String OTHER = "other";

    private final Map<String, Counts> byName = new ConcurrentHashMap<>();
    private final Counts other = new Counts(OTHER);

    void add(Scope scope, ScopeOutcome outcome, boolean straggling) {
        Counts counts = countsOf(scope);
        counts.latencies.add(outcome.openNanos());
        switch (outcome.kind()) {
            case FAILURE -> counts.failures.increment();
            case TIMEOUT -> counts.timeouts.increment();
            case CANCELLED -> counts.cancelled.increment();
            case SUCCESS -> {}
        }
        if (straggling) {
            counts.straggling.increment();
        }
    }

    private Counts countsOf(Scope scope) {
        String name = scope.name();
        Counts known = byName.get(name);
        if (known != null) {
            return known;
        }
        // Threads that come at once may make it a few names more.
        boolean full = byName.size() >= MAX_NAMES || name.length() > MAX_NAME_LENGTH;
        return full ? other : byName.computeIfAbsent(name, n -> new Counts(scope.displayName()));
    }

    /** Returns the counts, those of frequent names first, of the names that contain a text, or of all. */
    List<NameDescriptor> describe(@Nullable String part) {
        String lower = part == null ? "" : part.toLowerCase(Locale.ROOT);
        return Stream.concat(byName.values().stream(), Stream.of(other))
                .filter(counts -> counts.name.toLowerCase(Locale.ROOT).contains(lower))
                .map(Counts::describe)
                .filter(described -> described.count() > 0)
                .sorted(Comparator.comparingLong(NameDescriptor::count)
                        .reversed()
                        .thenComparing(NameDescriptor::name))
                .toList();
    }

    /** What is counted of one name. */
    private static final class Counts {

        private final String name;
        private final Latencies latencies = new Latencies();
        private final LongAdder failures = new LongAdder();
        private final LongAdder timeouts = new LongAdder();
        private final LongAdder cancelled = new LongAdder();
        private final LongAdder straggling = new LongAdder();

        Counts(String name) {
            this.name = name;
        }

        NameDescriptor describe() {
            return new NameDescriptor(
                    name,
                    latencies.count(),
                    failures.sum(),
                    timeouts.sum(),
                    cancelled.sum(),
                    straggling.sum(),
                    latencies.mean().truncatedTo(ChronoUnit.MICROS),
                    latencies.percentile(.5).truncatedTo(ChronoUnit.MICROS),
                    latencies.percentile(.99).truncatedTo(ChronoUnit.MICROS),
                    latencies.max().truncatedTo(ChronoUnit.MICROS));
        }
    }
}
