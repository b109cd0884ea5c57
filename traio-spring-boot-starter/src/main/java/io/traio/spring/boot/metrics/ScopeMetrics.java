// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.traio.Scope;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import io.traio.spring.boot.factory.OperatorCancelledException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and times scopes and tasks.
 *
 * <table>
 * <caption>Meters; each has the tag {@code scope.name}</caption>
 * <tr><th>name</th><th>type</th><th>further tags</th></tr>
 * <tr><td>{@code traio.scope}</td><td>timer: from opening to end</td><td>{@code outcome}, {@code exception}</td></tr>
 * <tr><td>{@code traio.scope.active}</td><td>gauge: scopes that live</td><td></td></tr>
 * <tr><td>{@code traio.scope.cancellations}</td><td>counter</td><td>{@code reason}</td></tr>
 * <tr><td>{@code traio.scope.stragglers}</td><td>counter: cancelled scopes whose body did not end in time</td><td></td></tr>
 * <tr><td>{@code traio.scope.unobserved}</td><td>counter: failures of scopes that no code awaited</td><td></td></tr>
 * <tr><td>{@code traio.scope.unwind}</td><td>timer: from cancellation to end</td><td></td></tr>
 * <tr><td>{@code traio.task}</td><td>timer: run time</td><td>{@code outcome}, {@code exception}</td></tr>
 * <tr><td>{@code traio.task.wait}</td><td>timer: from spawn to start</td><td></td></tr>
 * <tr><td>{@code traio.task.active}</td><td>gauge: tasks that run, stragglers included</td><td></td></tr>
 * <tr><td>{@code traio.task.queued}</td><td>gauge: tasks that have not started</td><td></td></tr>
 * <tr><td>{@code traio.task.stragglers}</td><td>gauge: cancelled tasks that did not end in time</td><td></td></tr>
 * </table>
 *
 * <p>The tag {@code outcome} is one of {@code success}, {@code failure}, {@code timeout} (scopes only) and {@code cancelled};
 * {@code exception} is the simple name of a class, or {@code none}. A task that never started counts with a run time of
 * zero. The number of different scope names is limited before they reach the registry: further ones, and names of more
 * than 200 characters, count as {@code other}; {@code http.request} never does. Counters are there from the first scope of a
 * name on, so that a rate sees the first event.
 *
 * <p>A registry often needs beans that need scopes, so it is {@linkplain #bindTo bound} later, as Spring Boot does with
 * {@link MeterBinder} beans. Up to 10,000 events that happen before are recorded in the first registry.
 *
 * <p>Thread-safe.
 */
public final class ScopeMetrics implements ScopeListener, MeterBinder, AutoCloseable {

    private static final Logger LOGGER = LoggerFactory.getLogger(ScopeMetrics.class);
    private static final String OTHER = "other";

    /** The name of the scopes of requests, which is never among the others. */
    private static final String REQUEST = "http.request";

    /** The reason of a cancellation over the endpoint. */
    static final String BY_OPERATOR = "endpoint";

    private static final int MAX_NAME_LENGTH = 200;
    private static final int MAX_EARLY_EVENTS = 10_000;

    private final int maxNames;
    private final Map<String, NameMeters> byName = new ConcurrentHashMap<>();
    /** By tag, which several names may share once they are sanitized. Guarded by the lock. */
    private final Map<String, NameMeters> byTag = new HashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    /** Events that happened before the first registry was bound. */
    private final LinkedBlockingQueue<Runnable> early = new LinkedBlockingQueue<>(MAX_EARLY_EVENTS);

    private volatile @Nullable NameMeters other;
    /** The bound registries. Replaced and never changed; written under the lock. */
    private volatile List<MeterRegistry> registries = List.of();

    /**
     * Creates a listener, to be added to a {@link io.traio.FactoryOptions#withListener factory} and bound to a registry.
     *
     * @param maxNames how many different scope names become tags; the rest counts as {@code other}
     * @throws IllegalArgumentException if it is negative
     */
    public ScopeMetrics(int maxNames) {
        if (maxNames < 0) {
            throw new IllegalArgumentException("maxNames must not be negative, but was " + maxNames);
        }
        this.maxNames = maxNames;
    }

    /**
     * Records in a registry from now on. Several may be bound; to bind one again is a no-op.
     *
     * @param registry the registry
     * @throws NullPointerException if the registry is null
     */
    @Override
    public void bindTo(MeterRegistry registry) {
        Objects.requireNonNull(registry, "registry");
        lock.lock();
        try {
            if (registries.contains(registry)) {
                return;
            }
            byTag.values().forEach(meters -> meters.bindTo(registry));
            List<MeterRegistry> bound = new ArrayList<>(registries);
            bound.add(registry);
            registries = List.copyOf(bound);
        } finally {
            lock.unlock();
        }
        recordEarly();
    }

    /**
     * Removes the gauges from the registries, which may live on; what has been counted and timed stays. Idempotent. To be
     * called when the factory is closed.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            byTag.values().forEach(NameMeters::removeGauges);
        } finally {
            lock.unlock();
        }
    }

    private void recordEarly() {
        for (Runnable event = early.poll(); event != null; event = early.poll()) {
            event.run();
        }
    }

    /** Records an event now, or once a registry is bound. */
    private void record(NameMeters counts, Consumer<RegisteredMeters> event) {
        if (!registries.isEmpty()) {
            counts.record(event);
        } else {
            early.offer(() -> counts.record(event));
            if (!registries.isEmpty()) {
                recordEarly();
            }
        }
    }

    // ---- names ----

    private NameMeters metersOf(Scope scope) {
        String name = scope.name();
        if (name.length() > MAX_NAME_LENGTH) {
            return other(scope);
        }
        NameMeters known = byName.get(name);
        return known != null ? known : hasRoomFor(name) ? metersOfNew(scope, name) : other(scope);
    }

    private boolean hasRoomFor(String name) {
        return byName.size() < maxNames || name.equals(REQUEST);
    }

    private NameMeters metersOfNew(Scope scope, String name) {
        String tag = scope.displayName();
        lock.lock();
        try {
            if (hasRoomFor(name) || byName.containsKey(name)) {
                return byName.computeIfAbsent(name, n -> metersWith(tag));
            }
        } finally {
            lock.unlock();
        }
        return other(scope);
    }

    private NameMeters other(Scope scope) {
        NameMeters known = other;
        if (known != null) {
            return known;
        }
        lock.lock();
        try {
            if (other == null) {
                LOGGER.warn(
                        "{} counts as '{}': at most {} scope names of at most {} characters have meters of their own",
                        scope,
                        OTHER,
                        maxNames,
                        MAX_NAME_LENGTH);
            }
            known = metersWith(OTHER);
            other = known;
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** Called under the lock. */
    private NameMeters metersWith(String tag) {
        return byTag.computeIfAbsent(tag, t -> {
            NameMeters meters = new NameMeters(t);
            registries.forEach(meters::bindTo);
            return meters;
        });
    }

    // ---- events ----

    @Override
    public void scopeOpened(Scope scope) {
        metersOf(scope).scopes.increment();
    }

    @Override
    public void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {
        String tag = reason == CancelReason.EXPLICIT ? explicit(cause) : tagOf(reason);
        record(metersOf(scope), meters -> meters.cancellations(tag).increment());
    }

    /** With another reason the operator cancelled a scope below, whose failure has propagated to this one. */
    private static String explicit(@Nullable Throwable cause) {
        if (cause instanceof OperatorCancelledException) {
            return BY_OPERATOR;
        }
        return cause instanceof ScopeTimeoutException ? tagOf(CancelReason.TIMEOUT) : tagOf(CancelReason.EXPLICIT);
    }

    static String tagOf(CancelReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void scopeClosed(Scope scope, ScopeOutcome outcome) {
        NameMeters counts = metersOf(scope);
        counts.scopes.decrement();
        record(counts, meters -> {
            meters.scope(OutcomeTags.of(outcome)).record(outcome.openNanos(), TimeUnit.NANOSECONDS);
            if (outcome.reason() != null) {
                meters.unwind().record(outcome.unwindNanos(), TimeUnit.NANOSECONDS);
            }
        });
    }

    @Override
    public void scopeFailureUnobserved(Scope scope, Throwable failure) {
        record(metersOf(scope), meters -> meters.unobserved().increment());
    }

    @Override
    public void bodyStraggling(Scope scope) {
        record(metersOf(scope), meters -> meters.bodyStragglers().increment());
    }

    @Override
    public void taskSpawned(Task<?> task) {
        metersOf(task.scope()).queued.increment();
    }

    @Override
    public void taskStarted(Task<?> task, long waitNanos) {
        NameMeters counts = metersOf(task.scope());
        counts.queued.decrement();
        counts.running.increment();
        record(counts, meters -> meters.taskWait().record(waitNanos, TimeUnit.NANOSECONDS));
    }

    @Override
    public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
        NameMeters counts = metersOf(task.scope());
        (runNanos > 0 ? counts.running : counts.queued).decrement();
        OutcomeTags outcome = OutcomeTags.of(task.status(), failure);
        record(counts, meters -> meters.task(outcome).record(runNanos, TimeUnit.NANOSECONDS));
    }

    @Override
    public void taskStraggling(Task<?> task) {
        metersOf(task.scope()).stragglers.increment();
    }

    @Override
    public void stragglerEnded(Task<?> task) {
        metersOf(task.scope()).stragglers.decrement();
    }
}
