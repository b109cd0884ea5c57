// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.spi.ContextPropagator.Restorer;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** Second step of a task: runs it on this thread, as the current frame and in the context of its spawner. */
final class TaskRun {

    private TaskRun() {}

    /** No-op if the task was cancelled or refused before, or another thread has it. */
    static void run(TaskNode<?> task) {
        ScopeNode scope = task.scope;
        // With the one of the canceller: either this thread sees the cancellation, or the canceller the task in the
        // list. Right before a compare-and-set, which is a fence itself on many processors.
        VarHandle.fullFence();
        if (!CurrentFrame.begin(task)) {
            return;
        }
        Engine engine = scope.engine;
        Restorer restorer = null;
        Object value = null;
        Throwable failure = null;
        try {
            if (scope.isCancelled()) {
                // The canceller may have missed it, and it never runs.
                task.announceCancel();
            } else if (task.startsAt(engine.taskStartNanos())) {
                reportStart(task, engine);
                restorer = engine.context.set(task.context, CurrentFrame.hasOwnThread(task));
                value = task.context == null ? task.work().call() : callInContext(task);
            }
        } catch (Throwable e) {
            failure = e;
        }
        if (!CurrentFrame.isCurrent(task)) {
            failure = ScopeExit.closeLeftOpen(task, failure);
        }
        TaskFinish.finish(task, value, failure, restorer);
    }

    private static @Nullable Object callInContext(TaskNode<?> task) throws Exception {
        return ContextCapture.call(
                task.context, task.work(), e -> task.scope.engine.observers.contextNotRestored(task, e));
    }

    private static void reportStart(TaskNode<?> task, Engine engine) {
        Observed observed = task.observed;
        if (observed != null) {
            try {
                engine.observers.taskStarted(task, observed);
            } finally {
                if (task.options().abandonOnCancel() && observed.startReported()) {
                    TaskFinish.endAbandoned(task);
                }
            }
        }
    }
}
