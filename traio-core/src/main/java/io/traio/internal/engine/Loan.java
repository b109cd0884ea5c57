// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that is lent while another one waits for tasks that have no thread: it runs them, one after the other, until the
 * wait is over or none is left. A waiter has one thread lent at the most. So a bounded executor keeps its parallelism, as a
 * fork/join pool does by {@link java.util.concurrent.ForkJoinPool#managedBlock}, and scopes nest on it at will.
 *
 * <p>The waiter offers the loan each time it looks whether its wait is over; who queues a task wakes it.
 */
final class Loan implements Runnable {

    private final TaskQueue queue;
    /** The task that is waited for; null if all tasks of the scope are. */
    private final @Nullable TaskNode<?> task;

    /** Whether the waiter holds a permit of the scope, or a task that does may wait for it: so a permit may be lent. */
    private final boolean lendsPermit;

    private final Thread waiter = Thread.currentThread();
    private volatile boolean lent;
    private volatile boolean over;

    private Loan(TaskQueue queue, @Nullable TaskNode<?> task) {
        this.queue = queue;
        this.task = task;
        this.lendsPermit = queue.holdsPermitOfThisThread();
    }

    /** For a wait for all tasks of a scope; null if each task has a thread at once. */
    static @Nullable Loan forTasksOf(@Nullable TaskQueue queue) {
        return queue != null ? new Loan(queue, null) : null;
    }

    /** For a wait for one task; null if each task has a thread at once. */
    static @Nullable Loan forTask(TaskNode<?> task) {
        return task.scope.queue != null ? new Loan(task.scope.queue, task) : null;
    }

    /** Lends a thread if there is work for it and none is lent. */
    void offer() {
        if (!lent && queue.hasWork(task, lendsPermit)) {
            lent = true;
            try {
                Launcher.lend(this);
            } catch (Throwable e) {
                lent = false;
                throw e;
            }
        }
    }

    @Override
    public void run() {
        try {
            for (Runnable work = next(); work != null; work = next()) {
                work.run();
                clearFlag();
            }
        } finally {
            lent = false;
            LockSupport.unpark(waiter);
        }
    }

    /** A flag that a task has left is nothing to the next one, as on the threads of a pool. */
    @SuppressWarnings("ResultOfMethodCallIgnored")
    private static void clearFlag() {
        Thread.interrupted();
    }

    private @Nullable Runnable next() {
        return over ? null : queue.takeWork(task, lendsPermit);
    }

    /** The wait is over: what the lent thread is at goes on, and is its last. */
    void end() {
        over = true;
    }
}
