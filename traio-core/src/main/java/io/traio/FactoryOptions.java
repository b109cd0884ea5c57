// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.internal.engine.Engines;
import io.traio.spi.CancellationSignal;
import io.traio.spi.ContextPropagator;
import io.traio.spi.ScopeListener;
import io.traio.spi.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a {@link ScopeFactory} works. Immutable and thread-safe; each {@code with} method returns a changed copy of {@link
 * #DEFAULT} or of a copy of it.
 */
public final class FactoryOptions {

    /** What a factory is made with unless its maker says otherwise. */
    public static final FactoryOptions DEFAULT = new FactoryOptions(new Values());

    private final ScopeOptions defaults;
    private final @Nullable Executor executor;
    private final boolean compensation;
    private final @Nullable ThreadFactory threadFactory;
    private final TimeSource timeSource;
    private final Logger logger;
    private final List<ScopeListener> listeners;
    private final List<ContextPropagator> propagators;
    private final List<String> integrationPackages;
    private final List<CancellationSignal> cancellationSignals;
    private final LeakDetection leakDetection;

    private FactoryOptions(Values values) {
        if (values.executor != null && values.threadFactory != null) {
            throw new IllegalArgumentException("Give an executor or a thread factory, not both");
        }
        this.defaults = values.defaults;
        this.executor = values.executor;
        this.compensation = values.compensation;
        this.threadFactory = values.threadFactory;
        this.timeSource = values.timeSource;
        this.logger = values.logger;
        this.listeners = values.listeners;
        this.propagators = values.propagators;
        this.integrationPackages = values.integrationPackages;
        this.cancellationSignals = values.cancellationSignals;
        this.leakDetection = values.leakDetection;
    }

    /** What a changed copy is made of. */
    private static final class Values {

        ScopeOptions defaults = ScopeOptions.DEFAULT;

        @Nullable
        Executor executor;

        boolean compensation = true;

        @Nullable
        ThreadFactory threadFactory;

        TimeSource timeSource = TimeSource.system();
        Logger logger = LoggerFactory.getLogger(Scope.class);
        List<ScopeListener> listeners = List.of();
        List<ContextPropagator> propagators = List.of();
        List<String> integrationPackages = List.of();
        List<CancellationSignal> cancellationSignals = List.of();
        LeakDetection leakDetection = LeakDetection.SAMPLED;
    }

    private Values values() {
        Values values = new Values();
        values.defaults = defaults;
        values.executor = executor;
        values.compensation = compensation;
        values.threadFactory = threadFactory;
        values.timeSource = timeSource;
        values.logger = logger;
        values.listeners = listeners;
        values.propagators = propagators;
        values.integrationPackages = integrationPackages;
        values.cancellationSignals = cancellationSignals;
        values.leakDetection = leakDetection;
        return values;
    }

    /**
     * Returns the options that the factory's scopes are opened with unless the caller says otherwise. Its timeout holds for
     * scopes with an owner only. Default: {@link ScopeOptions#DEFAULT}.
     *
     * @return the options of scopes
     */
    public ScopeOptions defaults() {
        return defaults;
    }

    /**
     * Returns the executor that runs the tasks. It may be bounded, see {@link #compensation()}. Default: null.
     *
     * @return the executor; null for a thread per task
     */
    public @Nullable Executor executor() {
        return executor;
    }

    /**
     * Returns whether a waiting thread is compensated for: while it waits in traio for tasks that the executor has queued,
     * one thread outside of the executor is lent to run them. So scopes nest at will, even on an executor with one thread
     * (the idea of {@link java.util.concurrent.ForkJoinPool.ManagedBlocker}). Only has a meaning with an executor. Default:
     * true.
     *
     * @return whether threads are lent
     */
    public boolean compensation() {
        return compensation;
    }

    /**
     * Returns the factory that makes a thread for each task where there is no executor. Default: null.
     *
     * @return the thread factory; null for virtual threads where the JDK has them, pooled platform threads otherwise
     */
    public @Nullable ThreadFactory threadFactory() {
        return threadFactory;
    }

    /**
     * Returns the source of time. Default: {@link TimeSource#system()}.
     *
     * @return the source of time
     */
    public TimeSource timeSource() {
        return timeSource;
    }

    /**
     * Returns the logger of life-cycle steps. Default: the logger {@code io.traio.Scope}.
     *
     * @return the logger
     */
    public Logger logger() {
        return logger;
    }

    /**
     * Returns the listeners that are notified of every step, in this order. Default: none.
     *
     * @return an immutable list
     */
    public List<ScopeListener> listeners() {
        return listeners;
    }

    /**
     * Returns the propagators that carry context from where a task is spawned to where it runs. They are set in this order and
     * restored in reverse. Default: none.
     *
     * @return an immutable list
     */
    public List<ContextPropagator> propagators() {
        return propagators;
    }

    /**
     * Returns the prefixes of class names that are passed over when a scope notes which place of the application has opened
     * it: those of integrations which open scopes for others. Default: none.
     *
     * @return an immutable list
     */
    public List<String> integrationPackages() {
        return integrationPackages;
    }

    /**
     * Returns for which scopes the place that opened them is recorded. Default: {@link LeakDetection#SAMPLED}.
     *
     * @return the level
     */
    public LeakDetection leakDetection() {
        return leakDetection;
    }

    /**
     * Returns a copy with another {@link #leakDetection()}.
     *
     * @param level the level
     * @return a changed copy
     * @throws NullPointerException if the level is null
     */
    public FactoryOptions withLeakDetection(LeakDetection level) {
        Objects.requireNonNull(level, "level");
        Values changed = values();
        changed.leakDetection = level;
        return new FactoryOptions(changed);
    }

    /**
     * Returns how cancelled code leaves, beside what {@link io.traio.spi.CancellationSignals} knows. Default: none.
     *
     * @return an immutable list
     */
    public List<CancellationSignal> cancellationSignals() {
        return cancellationSignals;
    }

    /**
     * Returns a copy with one more of the {@link #cancellationSignals()}.
     *
     * @param added recognizes exceptions of a library
     * @return a changed copy
     * @throws NullPointerException if the signal is null
     */
    public FactoryOptions withCancellationSignal(CancellationSignal added) {
        Objects.requireNonNull(added, "signal");
        Values changed = values();
        changed.cancellationSignals = append(cancellationSignals, added);
        return new FactoryOptions(changed);
    }

    /**
     * Returns a copy with other {@link #defaults()}.
     *
     * @param change from the defaults so far to the new ones
     * @return a changed copy
     * @throws NullPointerException if the function or its result is null
     */
    public FactoryOptions withDefaults(UnaryOperator<ScopeOptions> change) {
        ScopeOptions value = Objects.requireNonNull(change, "change").apply(defaults);
        Objects.requireNonNull(value, "result of change");
        Values changed = values();
        changed.defaults = value;
        return new FactoryOptions(changed);
    }

    /**
     * Returns a copy with another {@link #executor()}.
     *
     * @param value runs the tasks
     * @return a changed copy
     * @throws NullPointerException if the value is null
     * @throws IllegalArgumentException if there is a thread factory
     */
    public FactoryOptions withExecutor(Executor value) {
        Objects.requireNonNull(value, "executor");
        Values changed = values();
        changed.executor = value;
        return new FactoryOptions(changed);
    }

    /**
     * Returns a copy with another value of {@link #compensation()}. False is only right for an executor that starts every
     * task at once, such as one with a thread per task: on a bounded one, waiting tasks could deadlock.
     * For tasks that wait for a permit of {@link ScopeOptions#maxConcurrency()} threads are lent all the same.
     *
     * @param value whether threads are lent while others wait
     * @return a changed copy
     */
    public FactoryOptions withCompensation(boolean value) {
        Values changed = values();
        changed.compensation = value;
        return new FactoryOptions(changed);
    }

    /**
     * Returns a copy with another {@link #threadFactory()}.
     *
     * @param value makes a thread for each task
     * @return a changed copy
     * @throws NullPointerException if the value is null
     * @throws IllegalArgumentException if there is an executor
     */
    public FactoryOptions withThreadFactory(ThreadFactory value) {
        Objects.requireNonNull(value, "threadFactory");
        Values changed = values();
        changed.threadFactory = value;
        return new FactoryOptions(changed);
    }

    /**
     * Returns a copy with another {@link #timeSource()}.
     *
     * @param value the source of time
     * @return a changed copy
     * @throws NullPointerException if the value is null
     */
    public FactoryOptions withTimeSource(TimeSource value) {
        Objects.requireNonNull(value, "timeSource");
        Values changed = values();
        changed.timeSource = value;
        return new FactoryOptions(changed);
    }

    /**
     * Returns a copy with another {@link #logger()}.
     *
     * @param value where life-cycle steps are logged
     * @return a changed copy
     * @throws NullPointerException if the value is null
     */
    public FactoryOptions withLogger(Logger value) {
        Objects.requireNonNull(value, "logger");
        Values changed = values();
        changed.logger = value;
        return new FactoryOptions(changed);
    }

    /**
     * Returns a copy with one more of the {@link #listeners()}.
     *
     * @param added notified after those so far
     * @return a changed copy
     * @throws NullPointerException if the listener is null
     */
    public FactoryOptions withListener(ScopeListener added) {
        Objects.requireNonNull(added, "listener");
        Values changed = values();
        changed.listeners = append(listeners, added);
        return new FactoryOptions(changed);
    }

    /**
     * Returns a copy with one more of the {@link #propagators()}.
     *
     * @param added set after those so far, and restored before them
     * @return a changed copy
     * @throws NullPointerException if the propagator is null
     */
    public FactoryOptions withPropagator(ContextPropagator added) {
        Objects.requireNonNull(added, "propagator");
        Values changed = values();
        changed.propagators = append(propagators, added);
        return new FactoryOptions(changed);
    }

    /**
     * Returns a copy with one more of the {@link #integrationPackages()}.
     *
     * @param added prefix of the class names that are passed over, such as {@code com.example.web.}
     * @return a changed copy
     * @throws NullPointerException if the prefix is null
     */
    public FactoryOptions withIntegrationPackage(String added) {
        Objects.requireNonNull(added, "package");
        Values changed = values();
        changed.integrationPackages = append(integrationPackages, added);
        return new FactoryOptions(changed);
    }

    /**
     * Returns a factory of virtual threads, named by a prefix and a number from 1 on, for an executor that has a thread for
     * each task and starts it by this factory. A thread of it that is made for a task itself, rather than for a runnable
     * around the task, costs what a thread of traio's own does: it finds its task without a thread local.
     *
     * @param namePrefix what the names of the threads start with
     * @return makes threads, not started; thread-safe
     * @throws NullPointerException if the prefix is null
     * @throws IllegalStateException if the JDK has no virtual threads, which come with 21
     */
    public static ThreadFactory virtualThreads(String namePrefix) {
        return Engines.virtualThreads(Objects.requireNonNull(namePrefix, "namePrefix"));
    }

    private static <E> List<E> append(List<E> list, E element) {
        List<E> copy = new ArrayList<>(list);
        copy.add(element);
        return List.copyOf(copy);
    }
}
