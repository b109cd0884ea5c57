// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.internal.VirtualThreads;
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
 * How a {@link ScopeFactory} works. Immutable; each {@code with} method gives a changed copy.
 *
 * @param defaults what its scopes are opened with unless they say otherwise. Default: {@link ScopeOptions#DEFAULT}
 * @param executor runs the tasks; null for a thread per task. Default: null
 * @param helping a thread that waits for a scope or task runs queued tasks of it itself, so that scopes nest on a bounded
 *     executor without deadlock. Only has a meaning with an executor. Default: true
 * @param threadFactory makes a thread for each task when there is no executor; null for virtual threads where the JDK has
 *     them, pooled platform threads otherwise. Default: null
 * @param timeSource where time comes from. Default: {@link TimeSource#system()}
 * @param logger where life-cycle steps are logged. Default: the logger {@code io.traio.Scope}
 * @param listeners told of every step, in this order. Default: none
 * @param propagators carry context from where a task is spawned to where it runs, set in this order and undone in
 *     reverse. Default: none
 */
public record FactoryOptions(
        ScopeOptions defaults,
        @Nullable Executor executor,
        boolean helping,
        @Nullable ThreadFactory threadFactory,
        TimeSource timeSource,
        Logger logger,
        List<ScopeListener> listeners,
        List<ContextPropagator> propagators) {

    /** What a factory is made with unless it is told otherwise. */
    public static final FactoryOptions DEFAULT = new FactoryOptions(
            ScopeOptions.DEFAULT,
            null,
            true,
            null,
            TimeSource.system(),
            LoggerFactory.getLogger(Scope.class),
            List.of(),
            List.of());

    /**
     * Checks the values and copies the lists.
     *
     * @param defaults {@link #defaults()}
     * @param executor {@link #executor()}
     * @param helping {@link #helping()}
     * @param threadFactory {@link #threadFactory()}
     * @param timeSource {@link #timeSource()}
     * @param logger {@link #logger()}
     * @param listeners {@link #listeners()}
     * @param propagators {@link #propagators()}
     * @throws NullPointerException if a value is null that may not be
     * @throws IllegalArgumentException if both an executor and a thread factory are given
     */
    public FactoryOptions {
        Objects.requireNonNull(defaults, "defaults");
        Objects.requireNonNull(timeSource, "timeSource");
        Objects.requireNonNull(logger, "logger");
        listeners = List.copyOf(listeners);
        propagators = List.copyOf(propagators);
        if (executor != null && threadFactory != null) {
            throw new IllegalArgumentException("Give an executor or a thread factory, not both");
        }
    }

    /**
     * Changes {@link #defaults()}.
     *
     * @param change from the defaults so far to the new ones
     * @return a changed copy
     * @throws NullPointerException if the function or its result is null
     */
    public FactoryOptions withDefaults(UnaryOperator<ScopeOptions> change) {
        ScopeOptions value = Objects.requireNonNull(change, "change").apply(defaults);
        return new FactoryOptions(value, executor, helping, threadFactory, timeSource, logger, listeners, propagators);
    }

    /**
     * Changes {@link #executor()}. It may be bounded: threads that wait {@linkplain #helping() help}.
     *
     * @param value runs the tasks
     * @return a changed copy
     * @throws NullPointerException if the value is null
     * @throws IllegalArgumentException if there is a thread factory
     */
    public FactoryOptions withExecutor(Executor value) {
        return new FactoryOptions(
                defaults,
                Objects.requireNonNull(value, "executor"),
                helping,
                threadFactory,
                timeSource,
                logger,
                listeners,
                propagators);
    }

    /**
     * Changes {@link #helping()}. Switch it off only for an executor that starts every task at once, such as one with a
     * thread per task: a bounded one can deadlock without.
     *
     * @param value whether a thread that waits runs queued tasks itself
     * @return a changed copy
     */
    public FactoryOptions withHelping(boolean value) {
        return new FactoryOptions(defaults, executor, value, threadFactory, timeSource, logger, listeners, propagators);
    }

    /**
     * Changes {@link #threadFactory()}.
     *
     * @param value makes a thread for each task
     * @return a changed copy
     * @throws NullPointerException if the value is null
     * @throws IllegalArgumentException if there is an executor
     */
    public FactoryOptions withThreadFactory(ThreadFactory value) {
        return new FactoryOptions(
                defaults,
                executor,
                helping,
                Objects.requireNonNull(value, "threadFactory"),
                timeSource,
                logger,
                listeners,
                propagators);
    }

    /**
     * Changes {@link #timeSource()}.
     *
     * @param value where time comes from
     * @return a changed copy
     * @throws NullPointerException if the value is null
     */
    public FactoryOptions withTimeSource(TimeSource value) {
        return new FactoryOptions(defaults, executor, helping, threadFactory, value, logger, listeners, propagators);
    }

    /**
     * Changes {@link #logger()}.
     *
     * @param value where life-cycle steps are logged
     * @return a changed copy
     * @throws NullPointerException if the value is null
     */
    public FactoryOptions withLogger(Logger value) {
        return new FactoryOptions(
                defaults, executor, helping, threadFactory, timeSource, value, listeners, propagators);
    }

    /**
     * Adds to {@link #listeners()}.
     *
     * @param added told after those so far
     * @return a changed copy
     * @throws NullPointerException if the listener is null
     */
    public FactoryOptions withListener(ScopeListener added) {
        return new FactoryOptions(
                defaults,
                executor,
                helping,
                threadFactory,
                timeSource,
                logger,
                append(listeners, Objects.requireNonNull(added, "listener")),
                propagators);
    }

    /**
     * Adds to {@link #propagators()}.
     *
     * @param added restored after those so far
     * @return a changed copy
     * @throws NullPointerException if the propagator is null
     */
    public FactoryOptions withPropagator(ContextPropagator added) {
        return new FactoryOptions(
                defaults,
                executor,
                helping,
                threadFactory,
                timeSource,
                logger,
                listeners,
                append(propagators, Objects.requireNonNull(added, "propagator")));
    }

    /**
     * Makes virtual threads, named by a prefix and a number from 1 on, for an executor that has a thread for each task and
     * starts it by this factory. What traio's own threads have is so kept: a thread that is made for a task itself, rather
     * than for something around it, knows that without a thread local, and its context need not be cleared.
     *
     * @param namePrefix what the names of the threads start with
     * @return makes threads, not started; may be used by several threads
     * @throws NullPointerException if the prefix is null
     * @throws IllegalStateException if the JDK has no virtual threads: they need 21 or later
     */
    public static ThreadFactory virtualThreads(String namePrefix) {
        return Launcher.preparing(VirtualThreads.numbered(Objects.requireNonNull(namePrefix, "namePrefix")));
    }

    private static <E> List<E> append(List<E> list, E element) {
        List<E> copy = new ArrayList<>(list);
        copy.add(element);
        return copy;
    }
}
