// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeCancelledException;
import io.traio.Started;
import io.traio.Task;
import io.traio.TaskOptions;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A task that is started: the code that runs, its word that it is ready, and the starter's handle in one.
 *
 * <p>A task is spawned with the flag STARTING, and loses it when it is ready. Both that and the end of the task are
 * transitions of its one state, so a failure either comes before the task is ready and is the starter's, or after that and
 * is the scope's. Until it is ready the task counts as awaited. A starter that is cancelled announces the cancellation in the
 * same state, so that it never cancels a task that is ready.
 */
final class TaskStart<V extends @Nullable Object> implements Started<V>, Started.Ready<V>, Callable<@Nullable Void> {

    private final Started.Body<V> body;
    private final AtomicBoolean said = new AtomicBoolean();

    /** Written by the task before it runs, and by the starter. */
    private volatile @Nullable TaskNode<@Nullable Void> task;

    /** Plain: published by the loss of the flag STARTING. */
    private @Nullable V value;

    private TaskStart(Started.Body<V> body) {
        this.body = body;
    }

    static <V extends @Nullable Object> Started<V> start(
            ScopeNode scope, String name, Started.Body<V> body, TaskOptions options) {
        TaskStart<V> start = new TaskStart<>(Objects.requireNonNull(body, "task"));
        TaskNode<@Nullable Void> task = TaskSpawn.spawn(scope, name, start, options, Node.STARTING);
        start.task = task;
        awaitReady(task);
        return start;
    }

    // ---- the starter ----

    private static void awaitReady(TaskNode<?> task) {
        try {
            Waits.forStart(task);
        } catch (ScopeCancelledException e) {
            giveUp(task, e);
            return;
        } catch (InterruptedException e) {
            giveUp(task, Waits.interruptedIn("start of " + task.labelWithScope(), e));
            return;
        }
        if (task.isStarting()) {
            throw endedBefore(task);
        }
    }

    /** The starter cannot go on waiting: it returns if the task is ready all the same, and otherwise cancels it. */
    private static void giveUp(TaskNode<?> task, RuntimeException why) {
        if (task.tryGiveUpStart()) {
            TaskFinish.cancelAlone(task, /* announced= */ true);
            Waits.forGivenUp(task, /* signal= */ why instanceof ScopeCancelledException);
        }
        if (task.isStarting()) {
            throw withFailure(task, why);
        }
        if (why instanceof ScopeCancelledException) {
            InterruptAccount.signalSwallowed(CurrentFrame.get());
        }
    }

    private static RuntimeException endedBefore(TaskNode<?> task) {
        return switch (task.phase()) {
            case Frame.FAILED -> task.throwing();
            case Frame.CANCELLED -> withFailure(task, task.cancelled());
            default -> new IllegalStateException(task.labelWithScope() + " ended without saying that it is ready");
        };
    }

    /** What is thrown because of a cancellation carries the failure of the task, which has no other place. */
    private static RuntimeException withFailure(TaskNode<?> task, RuntimeException thrown) {
        Throwables.suppress(thrown, task.isCodeEnded() ? TaskFinish.failureOf(task) : null);
        return thrown;
    }

    // ---- the task ----

    @Override
    public @Nullable Void call() throws Exception {
        task = thisTask();
        body.run(this);
        return null;
    }

    /** The task whose work this is, which is known here before the starter knows it. */
    @SuppressWarnings("unchecked")
    private static TaskNode<@Nullable Void> thisTask() {
        Frame frame = CurrentFrame.get();
        while (frame != null && !(frame instanceof TaskNode)) {
            // A propagator may have opened a scope around the work.
            frame = frame.enclosing();
        }
        return (TaskNode<@Nullable Void>) Objects.requireNonNull(frame, "frame");
    }

    @Override
    public void ready(V what) {
        TaskNode<?> node = node();
        if (!said.compareAndSet(false, true)) {
            throw new IllegalStateException(node.labelWithScope() + " has said before that it is ready");
        }
        value = what;
        if (node.tryReady()) {
            if (!node.options().awaited()) {
                ScopeEnd.follow(node.scope, Admission.stopAwaiting(node.scope));
            }
            node.wakeThreads();
        } else if (node.isCodeEnded() && !node.isCancelRequested()) {
            throw new IllegalStateException(node.labelWithScope() + " has ended and cannot be ready any more");
        }
    }

    // ---- the handle ----

    @Override
    @SuppressWarnings("NullAway") // V includes null if the value may be null
    public V value() {
        return value;
    }

    @Override
    public Task<@Nullable Void> task() {
        return node();
    }

    private TaskNode<@Nullable Void> node() {
        return Objects.requireNonNull(task, "task");
    }

    @Override
    public String toString() {
        return node().toString();
    }
}
