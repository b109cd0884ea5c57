// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.TaskOptions;
import io.traio.internal.Names;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** First step of a task: captures context, admits it to the scope, and finds a thread for it. */
final class TaskSpawn {

    private TaskSpawn() {}

    static <T extends @Nullable Object> TaskNode<T> spawn(
            ScopeNode scope, @Nullable String name, Callable<? extends T> work, TaskOptions options, boolean claimed) {
        return spawn(scope, name, work, options, claimed ? Node.CLAIM : 0);
    }

    /**
     * Spawns a task whose outcome is for the spawner.
     *
     * @param initialState of the task: {@link Node#CLAIM}, {@link Node#STARTING}, or 0 if the outcome is not
     */
    static <T extends @Nullable Object> TaskNode<T> spawn(
            ScopeNode scope, @Nullable String name, Callable<? extends T> work, TaskOptions options, int initialState) {
        Objects.requireNonNull(work, "task");
        Engine engine = scope.engine;
        TaskQueue queue = scope.queue;
        Object context = engine.context.capture();
        TaskNode<T> task = new TaskNode<>(scope, name, work, options, context, initialState);
        if (queue != null) {
            queue.takePlace();
        }
        boolean awaited = task.isAwaited();
        boolean inBody = scope.isInBody();
        boolean ahead = inBody && awaited;
        if (ahead ? scope.isCancelled() || !Admission.admitByOwner(scope) : !Admission.admit(scope, awaited)) {
            if (queue != null) {
                queue.freePlace();
            }
            throw scope.refused("spawn " + (name != null ? "'" + Names.printable(name) + "'" : "a task"));
        }
        try {
            enter(scope, task, /* alone= */ inBody && queue == null);
        } catch (StackOverflowError | OutOfMemoryError e) {
            // To be counted out by a thread that has the room. No call before that is noted: it may fail, too.
            scope.lost += awaited ? Admission.LOST_AWAITED : Admission.LOST_BACKGROUND;
            if (queue != null) {
                queue.freePlace();
            }
            throw e;
        }
        // The body holds the scope: only a cancellation can end it.
        if (inBody ? scope.isCancelled() : scope.isEnding()) {
            task.cancelFromAbove();
        } else {
            start(task, queue);
        }
        return task;
    }

    private static void enter(ScopeNode scope, TaskNode<?> task, boolean alone) {
        Observers observers = scope.engine.observers;
        Observed observed = observers.observe(scope);
        if (observed != null) {
            task.observed = observed;
            observers.taskSpawned(task, observed);
        }
        if (alone) {
            Members.enterByOwner(scope, task);
        } else {
            Members.enter(scope, task);
        }
    }

    private static void start(TaskNode<?> task, @Nullable TaskQueue queue) {
        try {
            if (queue != null) {
                queue.add(task);
            } else {
                task.scope.engine.launcher.launch(task, task.givenName());
            }
        } catch (StackOverflowError e) {
            // No room to refuse it here: it is cancelled with the scope, which fails with this.
            throw e;
        } catch (Throwable e) {
            TaskFinish.refuse(task, e);
        }
    }
}
