// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.TimeSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
    /** Whether threads that wait run queued tasks themselves, since the executor may be bounded. */
    final boolean helping;
    /** Whether a task's thread is started by its spawner, and not by an executor that was given. */
    final boolean startsAtOnce;

    final TimeSource time;
    final Logger logger;
    final Observers observers;
    final ContextCapture context;

    private final LiveList roots = new LiveList();
    /** Scopes that have ended while a straggler of theirs runs on. */
    private final Set<ScopeNode> straggling = ConcurrentHashMap.newKeySet();

    private final AtomicInteger abandoned = new AtomicInteger();
    private volatile boolean closed;

    Engine(FactoryOptions options) {
        Executor executor = options.executor();
        ThreadFactory factory = options.threadFactory();
        this.defaults = options.defaults();
        this.helping = executor != null && options.helping();
        this.startsAtOnce = executor == null;
        this.launcher = executor != null
                ? Launcher.ofExecutor(executor)
                : factory != null ? Launcher.ofFactory(factory) : Launcher.ofThreads();
        this.time = options.timeSource();
        this.logger = options.logger();
        this.observers = new Observers(options.listeners());
        this.context = new ContextCapture(options.propagators());
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

    /** The time at which something starts: exact if listeners are told how long it took, else only to be looked at. */
    long startNanos() {
        return observers.wantTimes() ? time.nanoTime() : time.coarseNanoTime();
    }

    // ---- live scopes ----

    /** Takes in a root; false if the factory is closed. */
    boolean admit(Node root) {
        if (roots.add(root)) {
            roots.sweep();
        }
        return !closed;
    }

    void close() {
        closed = true;
    }

    /** A scope is about to be dead; it stays known while a straggler runs on. */
    void leave(ScopeNode scope) {
        if (scope.liveMembers() > 0) {
            straggling.add(scope);
            if (scope.liveMembers() == 0) {
                straggling.remove(scope);
            }
        }
        if (scope.liveMembers() == 0) {
            scope.forgetMembers();
        }
    }

    /** A scope is dead. */
    void left(ScopeNode scope) {
        if (scope.parent == null) {
            roots.removeLastDead();
        }
    }

    /** The last straggler of a scope has ended. */
    void forget(ScopeNode scope) {
        straggling.remove(scope);
    }

    List<ScopeNode> roots() {
        List<ScopeNode> live = new ArrayList<>();
        for (Node root : roots.snapshot()) {
            live.add((ScopeNode) root);
        }
        return live;
    }

    /** Roots, and scopes with stragglers, in the order of their opening. */
    List<ScopeNode> listed() {
        Set<ScopeNode> known = new LinkedHashSet<>(roots());
        for (ScopeNode scope : straggling) {
            if (!Stragglers.of(scope).isEmpty()) {
                known.add(scope);
            }
        }
        List<ScopeNode> scopes = new ArrayList<>(known);
        scopes.sort(Comparator.comparingLong(s -> s.openedAtNanos));
        return scopes;
    }

    // ---- abandoned tasks ----

    int abandoned() {
        return abandoned.get();
    }

    /** Leaves the thread of a task to itself; false if none is in, or it has been told to leave. */
    boolean abandon(TaskNode<?> task) {
        // Before it is done: the thread counts it out again.
        abandoned.incrementAndGet();
        boolean done = task.abandon();
        if (!done) {
            abandoned.decrementAndGet();
        }
        return done;
    }

    void tellAbandoned(TaskNode<?> task) {
        observers.taskAbandoned(task);
        tellAbandonedEnded(task);
    }

    void abandonedEnded(TaskNode<?> task, @Nullable Throwable failure) {
        abandoned.decrementAndGet();
        if (failure != null && !Interruptions.isCancelSignal(failure)) {
            observers.failureNotRaised(task, failure);
        }
        tellAbandonedEnded(task);
    }

    /** The end of an abandoned task is told by whoever comes second: the canceller, or its own thread. */
    private void tellAbandonedEnded(TaskNode<?> task) {
        if (task.isSecondToTell()) {
            observers.abandonedEnded(task);
        }
    }
}
