// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Scope;
import io.traio.Task;
import io.traio.spi.CancelReason;
import io.traio.spi.ScopeOutcome;
import org.jspecify.annotations.Nullable;

/**
 * Events for the JDK's flight recorder. While no recording wants them none is made; a runtime without the module {@code
 * jdk.jfr} never loads their classes.
 */
final class FlightEvents {

    private static final boolean AVAILABLE =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    /** Tell whether events are wanted; loaded only where they can be. */
    private static final class Probes {

        static final ScopeEvent SCOPE = new ScopeEvent();
        static final TaskEvent TASK = new TaskEvent();
    }

    private FlightEvents() {}

    /** The event of a scope that is opened; null if no recording wants it. */
    static @Nullable Object scopeOpened() {
        if (!AVAILABLE || !Probes.SCOPE.isEnabled()) {
            return null;
        }
        ScopeEvent event = new ScopeEvent();
        event.begin();
        return event;
    }

    static void scopeClosed(@Nullable Object begun, Scope scope, ScopeOutcome outcome) {
        if (begun instanceof ScopeEvent event) {
            event.end();
            if (event.shouldCommit()) {
                event.scopeId = scope.id();
                event.name = scope.displayName();
                event.parentId = scope.parent().map(Scope::id).orElse(0L);
                event.outcome = outcome.kind().name();
                CancelReason reason = outcome.reason();
                event.reason = reason != null ? reason.name() : null;
                event.exception = className(outcome.failure());
                event.commit();
            }
        }
    }

    static boolean wantTasks() {
        return AVAILABLE && Probes.TASK.isEnabled();
    }

    /** The event of a task that starts; null if no recording wants it. */
    static @Nullable Object taskStarted() {
        if (!wantTasks()) {
            return null;
        }
        TaskEvent event = new TaskEvent();
        event.begin();
        return event;
    }

    static void taskEnded(@Nullable Object begun, Task<?> task, @Nullable Throwable failure) {
        if (begun instanceof TaskEvent event) {
            event.end();
            if (event.shouldCommit()) {
                event.taskId = task.id();
                event.name = task.displayName();
                event.scopeId = task.scope().id();
                event.scopeName = task.scope().displayName();
                event.outcome = task.status().name();
                event.exception = className(failure);
                event.commit();
            }
        }
    }

    private static @Nullable String className(@Nullable Throwable failure) {
        return failure != null ? failure.getClass().getName() : null;
    }
}
