// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.lifecycle;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Ends all scopes when the application ends: factories refuse new root scopes, live scopes have a grace period to end by
 * themselves, then they are cancelled and awaited, and those that remain are logged by name. The timeout holds whatever the
 * tasks do.
 *
 * <p>Scopes that are {@linkplain io.traio.ScopeOptions#endless() endless}, and shared scopes with nothing in them, are not
 * waited for: if no others live, they are cancelled at once.
 *
 * <p>It stops after the web server, so that active requests can still open scopes, and before executors are shut down. A
 * context that is stopped or paused and not closed may start again, so its scopes run on, and this bean keeps running: it
 * stops when the context is closed, whatever was before.
 */
public final class ScopeFactoryLifecycle implements SmartLifecycle {

    /** After graceful shutdown and stop of the web server ({@code MAX - 1024} and {@code MAX - 2048}). */
    public static final int PHASE = Integer.MAX_VALUE - 3072;

    private static final Logger LOGGER = LoggerFactory.getLogger(ScopeFactoryLifecycle.class);
    private static final int MAX_NAMES = 32;
    private static final int MAX_SNAPSHOT = 1_000;
    /** The longest duration that can be added to {@link System#nanoTime} without overflow. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private final List<ScopeFactory> factories;
    private final Duration timeout;
    private final Duration drainTimeout;
    private final BooleanSupplier isShutdown;
    private volatile boolean running;

    /**
     * Creates a life cycle.
     *
     * @param factories the factories whose scopes are ended
     * @param timeout how long the shutdown may take in all
     * @param drainTimeout how long scopes may take to end by themselves; zero cancels them at once
     * @param isShutdown returns whether the application context is being closed
     */
    public ScopeFactoryLifecycle(
            Collection<ScopeFactory> factories, Duration timeout, Duration drainTimeout, BooleanSupplier isShutdown) {
        this.factories = List.copyOf(factories);
        this.timeout = timeout;
        this.drainTimeout = drainTimeout;
        this.isShutdown = isShutdown;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public boolean isPauseable() {
        return false;
    }

    @Override
    public void stop() {
        if (!isShutdown.getAsBoolean()) {
            return;
        }
        if (!refuseAndFindNone()) {
            shutDown();
        }
        running = false;
    }

    @Override
    public void stop(Runnable callback) {
        if (!isShutdown.getAsBoolean()) {
            callback.run();
            return;
        }
        if (refuseAndFindNone()) {
            running = false;
            callback.run();
            return;
        }
        inBackground("traio-shutdown", () -> {
            try {
                shutDown();
            } finally {
                running = false;
                callback.run();
            }
        });
    }

    /** Has the factories refuse new root scopes; returns whether no scope is live. */
    private boolean refuseAndFindNone() {
        factories.forEach(factory -> factory.drain(Duration.ZERO));
        return live().isEmpty();
    }

    private void shutDown() {
        long until = System.nanoTime() + nanos(timeout);
        List<Scope> mayEnd = live().stream()
                .filter(scope -> mayEnd(scope.snapshot(MAX_SNAPSHOT)))
                .toList();
        if (!mayEnd.isEmpty()) {
            LOGGER.info("Waiting for live scopes to end: {}", labels(mayEnd));
            inParallel(nanos(drainTimeout), factory -> factory.drain(drainTimeout));
        }
        List<Scope> left = live();
        if (left.isEmpty()) {
            LOGGER.info("All scopes have ended");
            return;
        }
        LOGGER.info("Cancelling scopes that have not ended: {}", labels(left));
        inParallel(until - System.nanoTime(), ScopeFactory::close);
        for (Scope scope : live()) {
            LOGGER.warn("{} has not ended at shutdown; remaining: {}", scope, remains(scope));
        }
    }

    /** Returns whether it is worth to wait for a scope to end by itself. */
    private static boolean mayEnd(ScopeSnapshot scope) {
        return !scope.endless() && !isIdle(scope);
    }

    /** Returns whether nothing runs in a shared scope, which then would never end by itself. */
    private static boolean isIdle(ScopeSnapshot scope) {
        return scope.thread() == null
                && scope.tasks().isEmpty()
                && scope.omitted() == 0
                && scope.children().stream().allMatch(ScopeFactoryLifecycle::isIdle);
    }

    private static long nanos(Duration duration) {
        return (duration.compareTo(LONGEST) < 0 ? duration : LONGEST).toNanos();
    }

    /** Waits for all factories at once, for a limited time of the system clock. */
    private void inParallel(long nanos, Consumer<ScopeFactory> waiting) {
        long until = System.nanoTime() + nanos;
        List<Thread> threads = factories.stream()
                .map(factory -> inBackground("traio-shutdown-wait", () -> waiting.accept(factory)))
                .toList();
        for (Thread thread : threads) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(until - System.nanoTime(), 1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            thread.interrupt();
        }
    }

    private static Thread inBackground(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((t, e) -> LOGGER.debug("{} ended early", t.getName(), e));
        thread.start();
        return thread;
    }

    private List<Scope> live() {
        List<Scope> live = new ArrayList<>();
        factories.forEach(factory -> live.addAll(factory.scopes()));
        return live;
    }

    private static List<String> labels(List<Scope> scopes) {
        List<String> labels = new ArrayList<>(
                scopes.stream().limit(MAX_NAMES).map(Scope::toString).toList());
        if (scopes.size() > MAX_NAMES) {
            labels.add(scopes.size() - MAX_NAMES + " more");
        }
        return labels;
    }

    private static List<String> remains(Scope scope) {
        List<String> names = new ArrayList<>();
        collect(scope.snapshot(MAX_SNAPSHOT), names);
        return names;
    }

    private static void collect(ScopeSnapshot scope, List<String> names) {
        for (ScopeSnapshot.TaskSnapshot task : scope.tasks()) {
            if (names.size() < MAX_NAMES) {
                names.add("task '" + task.displayName() + "' (#" + task.id() + ") of '" + scope.displayName() + "' "
                        + task.status() + (task.thread() != null ? " on " + task.thread() : ""));
            }
        }
        scope.children().forEach(child -> collect(child, names));
    }
}
