// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopePolicy;
import io.traio.ScopeSnapshot;
import io.traio.Task;
import io.traio.internal.Nanos;
import io.traio.spi.CancelReason;
import io.traio.spi.CancellationSignals;
import io.traio.spi.ContextPropagator.Restorer;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.lang.StackWalker.StackFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Last step of everything: the log is written and the listeners are notified. What a listener throws ends here, and no lock
 * is held while it is called.
 */
final class Observers {

    private static final ScopeListener[] NO_LISTENERS = {};

    private final ScopeListener[] listeners;
    /** Those that are notified of tasks that come and go. */
    private final ScopeListener[] taskListeners;
    /** Those that are shown what was unfinished, and how much of it, each by the ordinal of the reason. */
    private final ScopeListener[][] unfinishedListeners = new ScopeListener[CancelReason.values().length][];

    private final int[] maxUnfinished = new int[CancelReason.values().length];

    Observers(List<ScopeListener> listeners, Logger logger) {
        this.listeners = listeners.toArray(NO_LISTENERS);
        List<ScopeListener> ofTasks = new ArrayList<>(listeners);
        ofTasks.removeIf(listener -> ignoresTasks(listener, logger));
        this.taskListeners = ofTasks.toArray(NO_LISTENERS);
        for (CancelReason reason : CancelReason.values()) {
            int i = reason.ordinal();
            List<ScopeListener> curious = new ArrayList<>();
            for (ScopeListener listener : listeners) {
                int max = maxUnfinished(listener, reason, logger);
                if (max > 0) {
                    curious.add(listener);
                    maxUnfinished[i] = Math.max(maxUnfinished[i], max);
                }
            }
            unfinishedListeners[i] = curious.toArray(NO_LISTENERS);
        }
    }

    private static boolean ignoresTasks(ScopeListener listener, Logger logger) {
        try {
            return listener.ignoresTasks();
        } catch (Throwable e) {
            Log.write(logger, Level.ERROR, e, "The listener {} failed", listener);
            return false;
        }
    }

    private static int maxUnfinished(ScopeListener listener, CancelReason reason, Logger logger) {
        try {
            return listener.maxUnfinished(reason);
        } catch (Throwable e) {
            Log.write(logger, Level.ERROR, e, "The listener {} failed", listener);
            return 0;
        }
    }

    /** Returns what to keep of a task that is spawned now; null if it is not observed. */
    @Nullable
    Observed observe(ScopeNode scope) {
        boolean logged = Log.isDebugEnabled(scope.logger());
        boolean watched = logged || taskListeners.length > 0 || FlightEvents.wantTasks();
        return watched ? new Observed(scope.engine.nanoTime(), logged) : null;
    }

    /** Returns whether the times of scopes have to be taken exactly. */
    boolean wantTimes() {
        return listeners.length > 0;
    }

    /** Returns whether the times of tasks have to be taken exactly. */
    boolean wantTaskTimes() {
        return taskListeners.length > 0;
    }

    boolean hasListeners() {
        return listeners.length > 0;
    }

    void scopeOpened(ScopeNode scope) {
        scope.flightEvent = FlightEvents.scopeOpened();
        debug(scope, "{} opened", scope);
        notifyListeners(scope, listener -> listener.scopeOpened(scope));
        if (hasListeners() && (scope.setFlags(Node.OPENING_REPORTED) & Node.CANCEL_DUE) != 0) {
            reportCancelled(scope);
        }
    }

    void scopeCompleted(ScopeNode scope) {
        debug(scope, "{} completed", scope);
    }

    void timeoutSet(ScopeNode scope, Duration timeout) {
        debug(scope, "{} has a timeout of {} from now", scope, Nanos.text(timeout));
    }

    /** Returns what is unfinished in a scope that is about to be cancelled; null if no listener wants to know. */
    @Nullable
    ScopeSnapshot unfinished(ScopeNode scope, CancelCause cause) {
        int max = maxUnfinished[cause.reason().ordinal()];
        // One whose opening has not been reported yet has nothing in it.
        if (max <= 0
                || cause.reason() == CancelReason.PARENT
                || !scope.hasFlag(Node.OPENING_REPORTED)
                || scope.isCancelled()) {
            return null;
        }
        try {
            return scope.snapshot(max);
        } catch (Throwable e) {
            log(scope, Level.ERROR, e, "What is unfinished in {} cannot be shown", scope.label());
            return null;
        }
    }

    /** A scope was cancelled while this was unfinished in it. */
    void scopeUnfinished(ScopeNode scope, ScopeSnapshot unfinished) {
        CancelCause cause = scope.cause;
        if (cause != null) {
            ScopeSnapshot shown = ScopeView.cancelled(unfinished, scope.endText());
            notifyListeners(
                    unfinishedListeners[cause.reason().ordinal()],
                    scope,
                    listener -> listener.scopeUnfinished(scope, shown, cause.reason(), cause.failure(), cause.task()));
        }
    }

    /** A scope was cancelled; if its opening has not been reported yet, that is first. */
    void scopeCancelled(ScopeNode scope) {
        if ((scope.setFlags(Node.CANCEL_DUE) & Node.OPENING_REPORTED) != 0) {
            reportCancelled(scope);
        }
    }

    private void reportCancelled(ScopeNode scope) {
        CancelCause cause = scope.cause;
        if (cause == null) {
            return;
        }
        CancelCause.Timeout timeout = cause.timeout();
        if (timeout != null) {
            // By now the tasks that it has met may be gone from the scope.
            Task<?> met = timeout.unfinished().stream().findFirst().orElse(null);
            TaskNode<?> task = met instanceof TaskNode<?> node ? node : null;
            String duration = Nanos.text(timeout.duration());
            log(scope, task, Level.INFO, null, "{} timed out after {}", scope.label(), duration);
        } else {
            debug(scope, "{} cancelled ({})", scope, String.valueOf(scope.endText()));
        }
        notifyListeners(scope, listener -> listener.scopeCancelled(scope, cause.reason(), cause.failure()));
    }

    void scopeClosed(ScopeNode scope, @Nullable CancelCause cause, @Nullable Throwable failure) {
        if (Log.isDebugEnabled(scope.logger())) {
            log(scope, Level.DEBUG, null, "{} ended", scope.label());
        }
        if (listeners.length > 0 || scope.flightEvent != null) {
            long now = scope.engine.nanoTime();
            CancelReason reason = cause != null ? cause.reason() : null;
            long unwind = cause != null ? now - cause.atNanos() : 0;
            ScopeOutcome outcome = new DefaultScopeOutcome(reason, failure, now - scope.openedAtNanos, unwind);
            FlightEvents.scopeClosed(scope.flightEvent, scope, outcome);
            notifyListeners(scope, listener -> listener.scopeClosed(scope, outcome));
        }
    }

    void scopeFailureUnobserved(ScopeNode scope, Throwable failure) {
        log(scope, Level.WARN, failure, "{} failed and nobody awaits it", scope.label());
        notifyListeners(scope, listener -> listener.scopeFailureUnobserved(scope, failure));
    }

    /** The factory is closed, and the owner of a scope has not left it. */
    void leftOpen(ScopeNode scope) {
        scope.engine.places.leakFound();
        String message = "{} was left open when its factory was closed; it was opened {}, its owner is {}";
        log(scope, Level.ERROR, null, message, scope.label(), scope.whereOpened(), scope.thread());
    }

    /** The parent or factory of a shared scope has ended, and no thread has completed or closed the scope. */
    void neverClosed(ScopeNode scope) {
        scope.engine.places.leakFound();
        String message = "{} was neither completed nor closed before its {} ended; it was opened {}";
        String above = scope.parent != null ? "parent" : "factory";
        log(scope, Level.WARN, null, message, scope.label(), above, scope.whereOpened());
    }

    /** The end of a scope could not be worked out or reported: out of memory, for instance. */
    void endFailed(ScopeNode scope, Throwable failure) {
        log(scope, Level.ERROR, failure, "The end of {} failed", scope.label());
    }

    void contextNotRestored(TaskNode<?> task, Throwable failure) {
        String message = "The context of the thread could not be restored after {}";
        // Not in that context: it cannot be restored.
        Log.write(task.scope.logger(), Level.ERROR, failure, message, task.labelWithScope());
    }

    /** A propagator has thrown what hangs on the failure of another, or around a line of the log. */
    void propagatorFailed(Logger logger, Throwable failure) {
        Log.write(logger, Level.ERROR, failure, "A context propagator failed while the context was set or undone");
    }

    /** A failure that the exit of a scope has no place for. */
    void failureNotThrown(ScopeNode scope, Throwable failure) {
        log(scope, Level.WARN, failure, "{}: failure that its exit does not throw", scope.label());
    }

    void taskSpawned(TaskNode<?> task, Observed observed) {
        if (observed.logged) {
            log(task, Level.DEBUG, null, "{} spawned", task);
        }
        notifyListeners(taskListeners, task.scope, listener -> listener.taskSpawned(task));
    }

    void taskStarted(TaskNode<?> task, Observed observed) {
        observed.flightEvent = FlightEvents.taskStarted();
        if (observed.logged) {
            log(task, Level.DEBUG, null, "{} started", task);
        }
        if (taskListeners.length > 0) {
            long wait = task.startedAtNanos() - observed.spawnedAtNanos;
            notifyListeners(taskListeners, task.scope, listener -> listener.taskStarted(task, wait));
        }
    }

    void taskCancelled(TaskNode<?> task) {
        debug(task, "{} cancelled");
    }

    void taskEnded(TaskNode<?> task, Observed observed, @Nullable Throwable failure) {
        if (observed.logged) {
            log(task, Level.DEBUG, null, "{} ended", task);
        }
        boolean started = task.hasStartedAtEnd();
        if (started) {
            FlightEvents.taskEnded(observed.flightEvent, task, failure);
        }
        if (taskListeners.length > 0) {
            long run = started ? Math.max(1, task.scope.engine.nanoTime() - task.startedAtNanos()) : 0;
            notifyListeners(taskListeners, task.scope, listener -> listener.taskEnded(task, failure, run));
        }
    }

    /** A failure that is thrown nowhere. */
    void failureNotThrown(TaskNode<?> task, Throwable failure) {
        log(task, Level.WARN, failure, "{} failed", task.labelWithScope());
    }

    void taskStraggling(TaskNode<?> task) {
        String message = "{} was cancelled, did not end in time and runs on";
        log(task, Level.ERROR, StackOf.thread(task.thread(), task.labelWithScope()), message, task.labelWithScope());
        notifyListeners(task.scope, listener -> listener.taskStraggling(task));
    }

    /** No timer could be had: stragglers will not be found, but waited for. */
    void noAlarm(ScopeNode scope, Throwable failure) {
        log(scope, Level.ERROR, failure, "{} cannot look for stragglers: no alarm could be set", scope.label());
    }

    void stragglerEnded(TaskNode<?> task) {
        debug(task, "{} ended after all");
        notifyListeners(task.scope, listener -> listener.stragglerEnded(task));
    }

    void taskAbandoned(TaskNode<?> task) {
        debug(task, "{} abandoned");
        notifyListeners(task.scope, listener -> listener.taskAbandoned(task));
    }

    void abandonedEnded(TaskNode<?> task) {
        debug(task, "{} ended after it had been abandoned");
        notifyListeners(task.scope, listener -> listener.abandonedEnded(task));
    }

    /** A callback has thrown. */
    void callbackFailed(ScopeNode scope, Throwable failure) {
        log(scope, Level.ERROR, failure, "A callback in {} failed", scope.label());
    }

    /** A hook for a cancellation has thrown, or no thread could be had for it. */
    void hookFailed(ScopeNode scope, Throwable failure) {
        log(scope, Level.ERROR, failure, "A hook for the cancellation of code in {} failed", scope.label());
    }

    /** A failure was for a joiner or a callback, and none has looked at it. */
    void failureUnseen(TaskNode<?> task) {
        String message = "{} failed, and no joiner or callback has looked at it";
        log(task, Level.WARN, task.failure(), message, task.labelWithScope());
    }

    /** The policy of a scope has thrown, or returned null. */
    void policyFailed(ScopeNode scope, ScopePolicy policy, Throwable failure) {
        log(scope, Level.ERROR, failure, "The policy {} failed in {}", policy, scope.label());
    }

    /** Cancelled code has left by something else than a plain interruption. */
    void signalSwallowed(ScopeNode scope, @Nullable TaskNode<?> task, Throwable thrown) {
        if (!CancellationSignals.isInterruption(thrown) && Log.isDebugEnabled(scope.logger())) {
            String label = task != null ? task.labelWithScope() : "The body of " + scope.label();
            log(scope, Level.DEBUG, thrown, "{} was cancelled, and has left by this", label);
        }
    }

    /** The body of a scope was cancelled, did not end within the grace period, and runs on. */
    void bodyStraggling(ScopeNode scope) {
        String message = "The body of {} was cancelled ({}), did not end within its grace period and runs on";
        log(
                scope,
                Level.ERROR,
                StackOf.thread(scope.thread(), "the body of " + scope.label()),
                message,
                scope.label(),
                scope.endText());
        notifyListeners(scope, listener -> listener.bodyStraggling(scope));
    }

    /** The resources of a scope are released on the thread that has ended it. */
    void noThreadToRelease(ScopeNode scope, Throwable failure) {
        log(scope, Level.WARN, failure, "No thread could be had to release what is in {}", scope.label());
    }

    /** A thread had to be lent, and none could be had. */
    void noThreadToLend(ScopeNode scope, Throwable failure) {
        log(scope, Level.ERROR, failure, "{} waits for queued tasks, and no thread could be lent", scope.label());
    }

    /** A thread opens a scope where it has opened another before, by the same calls, and has not closed that. */
    void openedAgain(ScopeNode open, @Nullable StackFrame again) {
        String message =
                "{}, opened {}, is still open, and its thread opens the next one, below it, at {}. Was it forgotten? Close"
                        + " scopes, best by try-with-resources";
        log(open, Level.WARN, null, message, open.label(), open.whereOpened(), again);
    }

    /** The thread that owns a scope has ended. */
    void ownerEnded(ScopeNode scope) {
        String message = "{}, opened {}, was left open by its thread, which has ended; it was cancelled";
        log(scope, Level.ERROR, null, message, scope.label(), scope.whereOpened());
    }

    /** A classifier of the application has thrown. */
    void signalFailed(Logger logger, Throwable failure) {
        Log.write(logger, Level.ERROR, failure, "A cancellation signal failed; only the standard ones are used");
    }

    private void notifyListeners(ScopeNode scope, Consumer<ScopeListener> event) {
        notifyListeners(listeners, scope, event);
    }

    private static void notifyListeners(ScopeListener[] listeners, ScopeNode scope, Consumer<ScopeListener> event) {
        for (ScopeListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (Throwable e) {
                log(scope, Level.ERROR, e, "The listener {} failed in {}", listener, scope.label());
            }
        }
    }

    private static void debug(TaskNode<?> task, String message) {
        if (Log.isDebugEnabled(task.scope.logger())) {
            log(task, Level.DEBUG, null, message, task);
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

    /** Logs a line about a scope. On a thread that is not inside, it has the context of a task that lives in the scope. */
    private static void log(
            ScopeNode scope, Level level, @Nullable Throwable failure, String message, @Nullable Object... arguments) {
        log(scope, null, level, failure, message, arguments);
    }

    /** Logs a line about a task, in the context of that task: with its MDC and trace id, for instance. */
    private static void log(
            TaskNode<?> task, Level level, @Nullable Throwable failure, String message, @Nullable Object... arguments) {
        log(task.scope, task, level, failure, message, arguments);
    }

    private static void log(
            ScopeNode scope,
            @Nullable TaskNode<?> task,
            Level level,
            @Nullable Throwable failure,
            String message,
            @Nullable Object... arguments) {
        ContextCapture propagators = scope.engine.context;
        Restorer restorer = null;
        Throwable broken = null;
        try {
            // Lines for debugging are written by those who do it, and are many.
            Object context = level == Level.DEBUG ? null : task != null ? task.context : contextOfATask(scope);
            restorer = propagators.set(context, /* onNewThread= */ false);
        } catch (Throwable e) {
            broken = e;
        }
        Log.write(scope.logger(), level, failure, message, arguments);
        Throwable notRestored = propagators.restore(restorer);
        broken = notRestored != null ? notRestored : broken;
        if (broken != null) {
            scope.engine.observers.propagatorFailed(scope.logger(), broken);
        }
    }

    private static @Nullable Object contextOfATask(ScopeNode scope) {
        if (scope.thread() == Thread.currentThread() || ThisThread.isInside(scope)) {
            return null;
        }
        for (Node member : Members.of(scope)) {
            if (member instanceof TaskNode<?> task && task.context != null) {
                return task.context;
            }
        }
        return null;
    }
}
