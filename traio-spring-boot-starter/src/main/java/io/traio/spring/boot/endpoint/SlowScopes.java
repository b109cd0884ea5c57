// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeSnapshot;
import io.traio.spi.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds root scopes that have been open for long, while they are. Looks at all of them every now and then, so that a scope need
 * not set an alarm of its own; while none is open, nothing runs.
 *
 * <p>Thread-safe.
 */
final class SlowScopes implements AutoCloseable {

    private static final long MIN_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** In place of a time: the scope has been reported, or never will be. */
    private static final long SETTLED = Long.MAX_VALUE;

    private final long thresholdNanos;
    private final long periodNanos;
    private final TimeSource time;
    private final Supplier<List<ScopeFactory>> factories;
    private final BiConsumer<Scope, ScopeSnapshot> slow;

    private final AtomicBoolean watching = new AtomicBoolean();
    private volatile boolean closed;
    private volatile TimeSource.@Nullable Alarm alarm;
    /** When scopes that live were seen first, by id. Used by one look at a time. */
    private Map<Long, Long> firstSeen = Map.of();

    SlowScopes(
            Duration threshold,
            TimeSource time,
            Supplier<List<ScopeFactory>> factories,
            BiConsumer<Scope, ScopeSnapshot> slow) {
        this.thresholdNanos = TimeUnit.NANOSECONDS.convert(threshold);
        this.periodNanos = Math.max(thresholdNanos / 4, MIN_PERIOD_NANOS);
        this.time = time;
        this.factories = factories;
        this.slow = slow;
    }

    boolean isSlow(long openNanos) {
        return openNanos >= thresholdNanos;
    }

    /** A scope was opened. */
    void watch() {
        if (!watching.get() && watching.compareAndSet(false, true)) {
            lookAgain();
        }
    }

    private void lookAgain() {
        if (!closed) {
            alarm = time.schedule(periodNanos, this::look);
        }
    }

    private void look() {
        if (closed) {
            return;
        }
        long now = time.nanoTime();
        Map<Long, Long> seen = new HashMap<>();
        for (ScopeFactory factory : factories.get()) {
            for (Scope scope : factory.scopes()) {
                long first = firstSeen.getOrDefault(scope.id(), now);
                // It was opened up to one period before.
                boolean mayBeSlow = first != SETTLED && now - first + periodNanos >= thresholdNanos;
                seen.put(scope.id(), mayBeSlow && isSettled(scope) ? SETTLED : first);
            }
        }
        firstSeen = seen;
        if (!seen.isEmpty()) {
            lookAgain();
            return;
        }
        watching.set(false);
        if (factories.get().stream().anyMatch(factory -> !factory.scopes().isEmpty())) {
            watch();
        }
    }

    /** Reports a scope if it is slow; false if it may become so. */
    private boolean isSettled(Scope scope) {
        ScopeSnapshot snapshot = scope.snapshot(1);
        boolean isSlow = snapshot.age().compareTo(Duration.ofNanos(thresholdNanos)) >= 0;
        if (isSlow && !snapshot.endless()) {
            slow.accept(scope, scope.snapshot(RecentScopes.MAX_SNAPSHOT));
        }
        return isSlow || snapshot.endless();
    }

    @Override
    public void close() {
        closed = true;
        TimeSource.Alarm next = alarm;
        if (next != null) {
            next.cancel();
        }
    }
}
