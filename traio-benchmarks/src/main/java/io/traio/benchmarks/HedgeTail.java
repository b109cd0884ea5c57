// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import io.traio.Operators;
import io.traio.ScopeFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What {@code hedge} does to the slowest answers of a supplier that is slow now and then: most calls take 5 to 10 ms, 2 of 100
 * take 200 ms. Calls come one after the other; the second attempt starts after the delay. The supplier only sleeps, so that
 * nothing but the waiting counts.
 */
final class HedgeTail {

    private static final long SEED = 42;
    private static final int SLOW_PERCENT = 2;
    private static final int SLOW_MILLIS = 200;

    private HedgeTail() {}

    static Markdown table(Options options, Owner owner) throws Exception {
        Markdown table =
                new Markdown(List.of(options.calls() + " calls, ms", "p50", "p99", "p99.9", "slowest", "extra calls"));
        try (ScopeFactory scopes = ScopeFactory.create()) {
            table.row(owner.call(() -> row("without", null, options.calls(), scopes)));
            for (int delay : new int[] {10, 15, 30}) {
                Duration after = Duration.ofMillis(delay);
                table.row(owner.call(() -> row("hedge after " + delay + " ms", after, options.calls(), scopes)));
            }
        }
        return table;
    }

    private static List<String> row(String label, @Nullable Duration delay, int calls, ScopeFactory scopes)
            throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] millis = new double[calls];
        AtomicInteger attempts = new AtomicInteger();
        for (int i = 0; i < calls; i++) {
            Callable<Integer> first = supplier(random, attempts);
            Callable<Integer> second = supplier(random, attempts);
            long start = System.nanoTime();
            if (delay == null) {
                first.call();
            } else {
                Operators.on(scopes).hedge(delay, first, second);
            }
            millis[i] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(millis);
        return List.of(
                label,
                text(percentile(millis, 50)),
                text(percentile(millis, 99)),
                text(percentile(millis, 99.9)),
                text(millis[calls - 1]),
                String.format(Locale.ROOT, "%.1f %%", 100.0 * (attempts.get() - calls) / calls));
    }

    /** A call whose time is known beforehand, so that each row has the same calls. */
    private static Callable<Integer> supplier(SplittableRandom random, AtomicInteger attempts) {
        boolean slow = random.nextInt(100) < SLOW_PERCENT;
        int millis = slow ? SLOW_MILLIS : 5 + random.nextInt(6);
        return () -> {
            attempts.incrementAndGet();
            Thread.sleep(millis);
            return millis;
        };
    }

    /** The smallest of the sorted values that so many of a hundred do not exceed. */
    static double percentile(double[] sorted, double percent) {
        // Not quite up: 99.9 % of 1,000 are 999, whatever a double makes of it.
        int rank = (int) Math.ceil(percent / 100 * sorted.length - 1e-6);
        return sorted[Math.max(0, rank - 1)];
    }

    private static String text(double millis) {
        return String.format(Locale.ROOT, "%.1f", millis);
    }
}
