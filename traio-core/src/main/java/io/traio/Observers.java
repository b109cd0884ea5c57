// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Last step of everything: the log and the listeners are told. What a listener or a callback throws ends here, and no
 * lock is held while it is called.
 */
final class Observers {

    private final ScopeListener[] listeners;

    Observers(List<ScopeListener> listeners) {
        this.listeners = listeners.toArray(new ScopeListener[0]);
    }

    /** Whether times have to be taken exactly. */
    boolean wantTimes() {
        return listeners.length > 0;
    }

    void scopeOpened(ScopeNode scope) {
        scope.flightEvent = FlightEvents.scopeOpened();
        debug(scope, "{} opened", scope);
        tell(scope, listener -> listener.scopeOpened(scope));
    }

    void scopeCancelled(ScopeNode scope, EndCause cause) {
        Deadline deadline = cause.deadline();
        if (deadline != null) {
            Logger logger = scope.logger();
            if (logger.isInfoEnabled()) {
                logger.info("{} timed out after {}", scope.label(), deadline.timeout());
            }
        } else {
            debug(scope, "{} cancelled: {}", scope, cause.reason());
        }
        tell(scope, listener -> listener.scopeCancelled(scope, cause.reason(), cause.failure()));
    }

    void scopeClosed(ScopeNode scope, @Nullable EndCause cause, @Nullable Throwable failure) {
        Logger logger = scope.logger();
        if (logger.isDebugEnabled()) {
            logger.debug("{} ended", scope.label());
        }
        if (listeners.length > 0 || scope.flightEvent != null) {
            long now = scope.engine.time.nanoTime();
            CancelReason reason = cause != null ? cause.reason() : null;
            long unwind = cause != null ? now - cause.atNanos() : 0;
            ScopeOutcome outcome = new ScopeOutcome(reason, failure, now - scope.openedAtNanos, unwind);
            FlightEvents.scopeClosed(scope, outcome);
            tell(scope, listener -> listener.scopeClosed(scope, outcome));
        }
    }

    void scopeFailureUnobserved(ScopeNode scope, Throwable failure) {
        scope.logger().warn("{} failed and nobody awaits it", scope.label(), failure);
        tell(scope, listener -> listener.scopeFailureUnobserved(scope, failure));
    }

    /** The factory is closed, and the owner of a scope has not left it. */
    void leftOpen(ScopeNode scope) {
        scope.logger()
                .error(
                        "{} was left open when its factory was closed; it was opened {}, its owner is {}",
                        scope.label(),
                        scope.whereOpened(),
                        scope.thread());
    }

    /** The factory is closed, and nobody has completed or closed a scope that any thread may. */
    void neverClosed(ScopeNode scope) {
        scope.logger()
                .warn(
                        "{} was neither completed nor closed before its factory was; it was opened {}",
                        scope.label(),
                        scope.whereOpened());
    }

    void taskSpawned(TaskNode<?> task) {
        debug(task.frameScope(), "{} spawned", task);
        tell(task.frameScope(), listener -> listener.taskSpawned(task));
    }

    void taskStarted(TaskNode<?> task) {
        debug(task.frameScope(), "{} started", task);
        if (listeners.length > 0) {
            long wait = task.startedAtNanos() - task.spawnedAtNanos;
            tell(task.frameScope(), listener -> listener.taskStarted(task, wait));
        }
    }

    void taskEnded(TaskNode<?> task, @Nullable Throwable failure) {
        debug(task.frameScope(), "{} ended", task);
        boolean started = task.hasStartedAtEnd();
        if (started) {
            FlightEvents.taskEnded(task, failure);
        }
        if (listeners.length > 0) {
            long run = started ? Math.max(1, task.frameScope().engine.time.nanoTime() - task.startedAtNanos()) : 0;
            tell(task.frameScope(), listener -> listener.taskEnded(task, failure, run));
        }
    }

    /** A failure that nobody will be thrown: it is logged, at warning. */
    void failureNotRaised(TaskNode<?> task, Throwable failure) {
        task.frameScope().logger().warn("{} failed", task.labelWithScope(), failure);
    }

    void taskStraggling(TaskNode<?> task) {
        task.frameScope()
                .logger()
                .error("{} was cancelled, did not end in time and runs on", task.labelWithScope(), StackOf.task(task));
        tell(task.frameScope(), listener -> listener.taskStraggling(task));
    }

    /** No timer could be had: tasks that do not end after a cancellation will not be found, but waited for. */
    void noAlarm(ScopeNode scope, Throwable failure) {
        scope.logger().error("{} cannot look for stragglers: no alarm could be set", scope.label(), failure);
    }

    void stragglerEnded(TaskNode<?> task) {
        debug(task.frameScope(), "{} ended after all", task);
        tell(task.frameScope(), listener -> listener.stragglerEnded(task));
    }

    void taskAbandoned(TaskNode<?> task) {
        debug(task.frameScope(), "{} abandoned", task);
        tell(task.frameScope(), listener -> listener.taskAbandoned(task));
    }

    void abandonedEnded(TaskNode<?> task) {
        debug(task.frameScope(), "{} ended after it had been abandoned", task);
        tell(task.frameScope(), listener -> listener.abandonedEnded(task));
    }

    /** Runs a callback of the user's. */
    void call(ScopeNode scope, Runnable callback) {
        try {
            callback.run();
        } catch (Throwable e) {
            scope.logger().error("A callback in {} failed", scope.label(), e);
        }
    }

    private void tell(ScopeNode scope, Consumer<ScopeListener> event) {
        for (ScopeListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (Throwable e) {
                scope.logger().error("The listener {} failed in {}", listener, scope.label(), e);
            }
        }
    }

    private static void debug(ScopeNode scope, String message, Object subject) {
        Logger logger = scope.logger();
        if (logger.isDebugEnabled()) {
            logger.debug(message, subject);
        }
    }

    private static void debug(ScopeNode scope, String message, Object subject, Object detail) {
        Logger logger = scope.logger();
        if (logger.isDebugEnabled()) {
            logger.debug(message, subject, detail);
        }
    }
}
