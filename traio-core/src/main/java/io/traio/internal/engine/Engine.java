// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.FactoryOptions;
import io.traio.ScopeOptions;
import io.traio.spi.CancellationSignal;
import io.traio.spi.CancellationSignals;
import io.traio.spi.TimeSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/** What all scopes of a factory share: where threads, time and context come from, who observes, and who lives. */
final class Engine {

    final ScopeOptions defaults;
    final Launcher launcher;
    /** Whether threads are lent while others wait, since the executor may be bounded. */
    final boolean compensation;
    /** Whether a task's thread is started by its spawner, and not by an executor that was given. */
    final boolean startsAtOnce;

    final TimeSource time;
    final Logger logger;
    final Observers observers;
    final ContextCapture context;
    final LiveScopes live = new LiveScopes();
    final OpeningPlaces places;

    private final List<CancellationSignal> signals;
    private final AtomicInteger abandoned = new AtomicInteger();

    Engine(FactoryOptions options) {
        Executor executor = options.executor();
        ThreadFactory factory = options.threadFactory();
        this.defaults = options.defaults();
        this.compensation = executor != null && options.compensation();
        this.startsAtOnce = executor == null;
        this.launcher = executor != null
                ? Launcher.ofExecutor(executor)
                : factory != null ? Launcher.ofFactory(factory) : Launcher.ofThreads();
        this.time = options.timeSource();
        this.logger = options.logger();
        this.observers = new Observers(options.listeners(), logger);
        this.context =
                new ContextCapture(options.propagators(), failure -> observers.propagatorFailed(logger, failure));
        this.places = new OpeningPlaces(this, options.integrationPackages());
        this.signals = options.cancellationSignals();
    }

    /** The time, also where the user's clock is broken: what has begun must come to its end. */
    long nanoTime() {
        try {
            return time.nanoTime();
        } catch (Throwable e) {
            Log.write(
                    logger,
                    Level.ERROR,
                    e,
                    "The time source {} failed",
                    time.getClass().getName());
            return System.nanoTime();
        }
    }

    /** The time at which a scope is opened: exact if listeners learn how long it took, else only to be looked at. */
    long scopeStartNanos() {
        return observers.wantTimes() ? time.nanoTime() : time.coarseNanoTime();
    }

    /** As {@link #scopeStartNanos()}, for a task. */
    long taskStartNanos() {
        return observers.wantTaskTimes() ? time.nanoTime() : time.coarseNanoTime();
    }

    /** Returns whether what has left cancelled code is the signal of the cancellation. */
    boolean isSignal(Throwable thrown) {
        try {
            return CancellationSignals.isSignal(thrown, signals);
        } catch (Throwable broken) {
            observers.signalFailed(logger, broken);
            return CancellationSignals.isSignal(thrown);
        }
    }

    // ---- abandoned tasks ----

    int abandoned() {
        return abandoned.get();
    }

    /** Abandons a running task; false if no thread is in it, or it was cancelled before. */
    boolean abandon(TaskNode<?> task) {
        // Before it is done: the thread counts it out again.
        abandoned.incrementAndGet();
        boolean done = InterruptAccount.abandon(task);
        if (!done) {
            abandoned.decrementAndGet();
        }
        return done;
    }

    /** The thread of an abandoned task is free again. */
    void abandonedEnded(TaskNode<?> task, @Nullable Throwable failure) {
        abandoned.decrementAndGet();
        if (failure != null) {
            if (!isSignal(failure)) {
                observers.failureNotThrown(task, failure);
            } else {
                observers.signalSwallowed(task.scope, task, failure);
                for (Throwable suppressed : failure.getSuppressed()) {
                    if (!(suppressed instanceof WaitedAt) && !isSignal(suppressed)) {
                        observers.failureNotThrown(task, suppressed);
                    }
                }
            }
        }
        reportAbandonedEnded(task);
    }

    /** The end of an abandoned task is reported by the second of two: the canceller, and its own thread. */
    void reportAbandonedEnded(TaskNode<?> task) {
        if (task.isSecondToReport()) {
            observers.abandonedEnded(task);
        }
    }
}
