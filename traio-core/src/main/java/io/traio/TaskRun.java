// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.ContextPropagator.Restorer;

/** Second step of a task: runs it on this thread, as the current frame and in the context of its spawner. */
final class TaskRun {

    private TaskRun() {}

    /** Does nothing if the task was cancelled before, or another thread has it. */
    static void run(TaskNode<?> task) {
        ScopeNode scope = task.frameScope();
        if (task.phase() != Frame.QUEUED) {
            return;
        }
        if (scope.isCancelled()) {
            // Who cancelled the scope may not have seen the task, which was entered in the list just then.
            Frames.giveBack(task);
            task.cancelFromAbove();
            return;
        }
        if (!task.begin()) {
            return;
        }
        Engine engine = scope.engine;
        Restorer restorer = null;
        Object value = null;
        Throwable failure = null;
        try {
            Observed observed = task.observed;
            if (task.startsAt(engine.startNanos()) && observed != null) {
                engine.observers.taskStarted(task, observed);
            }
            restorer = engine.context.set(task.context, Frames.hasOwnThread(task));
            value = task.work().call();
        } catch (Throwable e) {
            failure = e;
        }
        if (!Frames.isCurrent(task)) {
            failure = ScopeExit.closeLeftOpen(task, failure);
        }
        TaskFinish.finish(task, value, failure, restorer);
    }
}
