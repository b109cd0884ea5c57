// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Last step of everything: the log and the listeners are told. What a listener or a callback throws ends here, and no
 * lock is held while it is called.
 */
final class Observers {

    private final ScopeListener[] listeners;

    Observers(List<ScopeListener> listeners) {
        this.listeners = listeners.toArray(new ScopeListener[0]);
    }

    /** What to remember of a task that is spawned now; null if nobody is to be told of it. */
    @Nullable
    Observed watch(ScopeNode scope) {
        boolean logged = Log.isDebugEnabled(scope.logger());
        boolean watched = logged || listeners.length > 0 || FlightEvents.wantTasks();
        return watched ? new Observed(scope.engine.nanoTime(), logged) : null;
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

    void scopeCompleted(ScopeNode scope) {
        debug(scope, "{} completed", scope);
    }

    void timeoutSet(ScopeNode scope, Duration timeout) {
        debug(scope, "{} has a timeout of {} from now", scope, timeout);
    }

    void scopeCancelled(ScopeNode scope, EndCause cause) {
        Deadline deadline = cause.deadline();
        if (deadline != null) {
            log(scope, Level.INFO, null, "{} timed out after {}", scope.label(), deadline.timeout());
        } else {
            debug(scope, "{} cancelled: {}", scope, cause.reason());
        }
        tell(scope, listener -> listener.scopeCancelled(scope, cause.reason(), cause.failure()));
    }

    void scopeClosed(ScopeNode scope, @Nullable EndCause cause, @Nullable Throwable failure) {
        if (Log.isDebugEnabled(scope.logger())) {
            log(scope, Level.DEBUG, null, "{} ended", scope.label());
        }
        if (listeners.length > 0 || scope.flightEvent != null) {
            long now = scope.engine.nanoTime();
            CancelReason reason = cause != null ? cause.reason() : null;
            long unwind = cause != null ? now - cause.atNanos() : 0;
            ScopeOutcome outcome = new ScopeOutcome(reason, failure, now - scope.openedAtNanos, unwind);
            FlightEvents.scopeClosed(scope, outcome);
            tell(scope, listener -> listener.scopeClosed(scope, outcome));
        }
    }

    void scopeFailureUnobserved(ScopeNode scope, Throwable failure) {
        log(scope, Level.WARN, failure, "{} failed and nobody awaits it", scope.label());
        tell(scope, listener -> listener.scopeFailureUnobserved(scope, failure));
    }

    /** The factory is closed, and the owner of a scope has not left it. */
    void leftOpen(ScopeNode scope) {
        String message = "{} was left open when its factory was closed; it was opened {}, its owner is {}";
        log(scope, Level.ERROR, null, message, scope.label(), scope.whereOpened(), scope.thread());
    }

    /** What a scope lives in has ended, and nobody has completed or closed it, as any thread may. */
    void neverClosed(ScopeNode scope) {
        String message = "{} was neither completed nor closed before its {} ended; it was opened {}";
        String above = scope.parent != null ? "parent" : "factory";
        log(scope, Level.WARN, null, message, scope.label(), above, scope.whereOpened());
    }

    /** The end of a scope could not be worked out or told, for want of memory for instance. */
    void endFailed(ScopeNode scope, Throwable failure) {
        log(scope, Level.ERROR, failure, "The end of {} failed", scope.label());
    }

    void contextNotRestored(TaskNode<?> task, Throwable failure) {
        String message = "The context of the thread could not be restored after {}";
        log(task.frameScope(), Level.ERROR, failure, message, task.labelWithScope());
    }

    /** A failure that the exit of a scope has no place for. */
    void failureNotRaised(ScopeNode scope, Throwable failure) {
        log(scope, Level.WARN, failure, "{}: failure that its exit does not raise", scope.label());
    }

    void moreFailures(ScopeNode scope, int count) {
        log(scope, Level.WARN, null, "{}: {} more failures, not kept", scope.label(), count);
    }

    void taskSpawned(TaskNode<?> task, Observed observed) {
        if (observed.logged) {
            log(task.frameScope(), Level.DEBUG, null, "{} spawned", task);
        }
        tell(task.frameScope(), listener -> listener.taskSpawned(task));
    }

    void taskStarted(TaskNode<?> task, Observed observed) {
        observed.flightEvent = FlightEvents.taskStarted();
        if (observed.logged) {
            log(task.frameScope(), Level.DEBUG, null, "{} started", task);
        }
        if (listeners.length > 0) {
            long wait = task.startedAtNanos() - observed.spawnedAtNanos;
            tell(task.frameScope(), listener -> listener.taskStarted(task, wait));
        }
    }

    void taskToldToEnd(TaskNode<?> task) {
        debug(task.frameScope(), "{} cancelled", task);
    }

    void taskEnded(TaskNode<?> task, Observed observed, @Nullable Throwable failure) {
        if (observed.logged) {
            log(task.frameScope(), Level.DEBUG, null, "{} ended", task);
        }
        boolean started = task.hasStartedAtEnd();
        if (started) {
            FlightEvents.taskEnded(task, observed, failure);
        }
        if (listeners.length > 0) {
            long run = started ? Math.max(1, task.frameScope().engine.nanoTime() - task.startedAtNanos()) : 0;
            tell(task.frameScope(), listener -> listener.taskEnded(task, failure, run));
        }
    }

    /** A failure that nobody will be thrown: it is logged, at warning. */
    void failureNotRaised(TaskNode<?> task, Throwable failure) {
        log(task.frameScope(), Level.WARN, failure, "{} failed", task.labelWithScope());
    }

    void taskStraggling(TaskNode<?> task) {
        String message = "{} was cancelled, did not end in time and runs on";
        log(task.frameScope(), Level.ERROR, StackOf.task(task), message, task.labelWithScope());
        tell(task.frameScope(), listener -> listener.taskStraggling(task));
    }

    /** No timer could be had: tasks that do not end after a cancellation will not be found, but waited for. */
    void noAlarm(ScopeNode scope, Throwable failure) {
        log(scope, Level.ERROR, failure, "{} cannot look for stragglers: no alarm could be set", scope.label());
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
            log(scope, Level.ERROR, e, "A callback in {} failed", scope.label());
        }
    }

    private void tell(ScopeNode scope, Consumer<ScopeListener> event) {
        for (ScopeListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (Throwable e) {
                log(scope, Level.ERROR, e, "The listener {} failed in {}", listener, scope.label());
            }
        }
    }

    private static void debug(ScopeNode scope, String message, Object subject) {
        if (Log.isDebugEnabled(scope.logger())) {
            log(scope, Level.DEBUG, null, message, subject);
        }
    }

    private static void debug(ScopeNode scope, String message, Object subject, Object detail) {
        if (Log.isDebugEnabled(scope.logger())) {
            log(scope, Level.DEBUG, null, message, subject, detail);
        }
    }

    private static void log(
            ScopeNode scope, Level level, @Nullable Throwable failure, String message, @Nullable Object... arguments) {
        Log.write(scope.logger(), level, failure, message, arguments);
    }
}
