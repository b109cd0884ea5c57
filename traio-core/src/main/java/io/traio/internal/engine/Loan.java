// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that are lent while another one waits for tasks that have no thread: they run these, one after the other, until
 * the wait is over or none is left. A waiter has one lent thread at work at the most; another one is lent if that one waits in
 * the engine, perhaps for the waiter; and one for the very task that is waited for, if it gets a permit while the first is
 * at another task. So a bounded executor keeps its parallelism, as a fork/join pool does by {@link
 * java.util.concurrent.ForkJoinPool#managedBlock}, and scopes nest on it at will.
 *
 * <p>The waiter offers the loan each time it looks whether its wait is over; who queues a task wakes it.
 */
final class Loan {

    /** The lent thread that this one is. */
    private static final ThreadLocal<@Nullable LentThread> LENT = new ThreadLocal<>();

    private final TaskQueue queue;
    /** The task that is waited for; null if all tasks of the scope are. */
    private final @Nullable TaskNode<?> task;

    private final Thread waiter = Thread.currentThread();
    private volatile @Nullable LentThread last;
    /** For the task that is waited for, and no other. */
    private volatile @Nullable LentThread forTask;

    private volatile boolean over;

    private Loan(TaskQueue queue, @Nullable TaskNode<?> task) {
        this.queue = queue;
        this.task = task;
    }

    /** For a wait for all tasks of a scope; null if each task has a thread at once. */
    static @Nullable Loan forTasksOf(@Nullable TaskQueue queue) {
        return queue != null ? new Loan(queue, null) : null;
    }

    /** For a wait for one task; null if each task has a thread at once. */
    static @Nullable Loan forTask(TaskNode<?> task) {
        return task.scope.queue != null ? new Loan(task.scope.queue, task) : null;
    }

    /** Lends a thread if there is work for it and none is at work. */
    void offer() {
        LentThread before = last;
        if (before == null || !before.isAtWork()) {
            if (queue.hasWork(task)) {
                LentThread next = new LentThread(/* anyWork= */ true);
                last = next;
                try {
                    Launcher.lend(next);
                } catch (Throwable e) {
                    last = before;
                    throw e;
                }
            }
        } else if (task != null && before.isAtAnother(task)) {
            offerForTask(task);
        }
    }

    private void offerForTask(TaskNode<?> waitedFor) {
        LentThread before = forTask;
        if ((before == null || before.ended) && queue.canRun(waitedFor)) {
            LentThread next = new LentThread(/* anyWork= */ false);
            Launcher.lend(next);
            forTask = next;
        }
    }

    /** The wait is over: what a lent thread is at goes on, and is its last. */
    void end() {
        over = true;
    }

    /** Runs a task that was queued. An executor may have a lent thread run others inside or after the one that it took. */
    static void run(TaskNode<?> task) {
        LentThread self = LENT.get();
        if (self == null) {
            task.run();
        } else {
            self.run(task);
        }
    }

    private final class LentThread implements Runnable {

        private final boolean anyWork;
        private volatile @Nullable TaskNode<?> runs;
        private volatile boolean ended;

        LentThread(boolean anyWork) {
            this.anyWork = anyWork;
        }

        /** Returns false if it has ended, or waits in the engine for its part, in the task that it took or one inside. */
        boolean isAtWork() {
            for (Frame frame = runs; frame != null; frame = frame.enclosing()) {
                if (frame instanceof TaskNode<?> task && TaskQueue.isIdle(task)) {
                    return false;
                }
            }
            return !ended;
        }

        boolean isAtAnother(TaskNode<?> task) {
            TaskNode<?> known = runs;
            return known != null && known != task;
        }

        @Override
        public void run() {
            LENT.set(this);
            try {
                for (Runnable work = next(); work != null; work = next()) {
                    work.run();
                    clearFlag();
                }
            } finally {
                LENT.remove();
                ended = true;
                LockSupport.unpark(waiter);
            }
        }

        void run(TaskNode<?> task) {
            TaskNode<?> before = runs;
            runs = task;
            if (anyWork && Loan.this.task != null && isAtAnother(Loan.this.task)) {
                // It may look for the one that it waits for from now on.
                LockSupport.unpark(waiter);
            }
            try {
                task.run();
            } finally {
                runs = before;
            }
        }

        /** A flag that a task has left is nothing to the next one, as on the threads of a pool. */
        @SuppressWarnings("ResultOfMethodCallIgnored")
        private void clearFlag() {
            Thread.interrupted();
        }

        private @Nullable Runnable next() {
            if (over) {
                return null;
            }
            if (anyWork) {
                return last == this ? queue.takeWork(task) : null;
            }
            return task != null ? queue.takeTask(task) : null;
        }
    }
}
