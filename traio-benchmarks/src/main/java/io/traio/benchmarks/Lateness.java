// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import io.traio.OpenScope;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;

/**
 * How late timeouts come while tasks compute on all processors: that of a scope in another factory, on platform threads,
 * beside that of a {@link CompletableFuture}. The tasks compute on virtual threads where the JDK has them.
 */
final class Lateness {

    private static final Duration TIMEOUT = Duration.ofMillis(300);
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private Lateness() {}

    static Markdown table(Options options, Owner owner) throws Exception {
        int rounds = options.rounds();
        Markdown table = new Markdown(List.of(
                String.format(Locale.ROOT, "ms late after %d ms, %d rounds", TIMEOUT.toMillis(), rounds),
                "scope, median",
                "scope, max",
                "orTimeout, median",
                "orTimeout, max"));
        ThreadFactory platform = command -> {
            Thread thread = new Thread(command, "lateness");
            thread.setDaemon(true);
            return thread;
        };
        ScopeFactory scopes = ScopeFactory.create(f -> f.withThreadFactory(platform));
        ScopeFactory computing = ScopeFactory.create();
        // Loads the classes.
        scope(scopes);
        future();
        for (int times = 0; times <= 2; times++) {
            int tasks = times * PROCESSORS;
            List<Double> ofScope = new ArrayList<>();
            List<Double> ofFuture = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                ofScope.add(whileComputing(computing, tasks, () -> scope(scopes)));
                ofFuture.add(whileComputing(computing, tasks, Lateness::future));
            }
            table.row(List.of(
                    tasks + " computing tasks, " + PROCESSORS + " processors",
                    median(ofScope),
                    max(ofScope),
                    median(ofFuture),
                    max(ofFuture)));
        }
        return table;
    }

    /** Measures while so many tasks of another factory compute. */
    private static double whileComputing(ScopeFactory computing, int tasks, DoubleSupplier measurement)
            throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(Math.min(tasks, PROCESSORS));
        AtomicBoolean over = new AtomicBoolean();
        try (OpenScope scope = computing.openShared("computing")) {
            for (int i = 0; i < tasks; i++) {
                scope.spawn(() -> {
                    busy.countDown();
                    while (!over.get()) {
                        Thread.onSpinWait();
                    }
                });
            }
            busy.await();
            try {
                return measurement.getAsDouble();
            } finally {
                over.set(true);
            }
        }
    }

    private static double scope(ScopeFactory scopes) {
        long start = System.nanoTime();
        try {
            scopes.run(
                    "late",
                    s -> s.withTimeout(TIMEOUT),
                    scope -> scope.spawn(() -> Thread.sleep(Workload.TEN_SECONDS.toMillis())));
            throw new IllegalStateException("no timeout");
        } catch (ScopeTimeoutException e) {
            return late(start);
        }
    }

    private static double future() {
        long start = System.nanoTime();
        try {
            new CompletableFuture<>()
                    .orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
            throw new IllegalStateException("no timeout");
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof TimeoutException)) {
                throw e;
            }
            return late(start);
        }
    }

    private static double late(long start) {
        return (System.nanoTime() - start - TIMEOUT.toNanos()) / 1e6;
    }

    private static String median(List<Double> values) {
        return String.format(Locale.ROOT, "%.1f", Statistics.of(values).median());
    }

    private static String max(List<Double> values) {
        return String.format(Locale.ROOT, "%.1f", Collections.max(values));
    }
}
