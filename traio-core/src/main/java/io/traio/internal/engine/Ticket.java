// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What an executor is given to run one task of a {@link TaskQueue}. It holds the task's permit, if the scope has a limit,
 * from when it is handed over until the task has ended. A lent thread may run it before the executor does.
 */
final class Ticket extends AtomicBoolean implements Runnable {

    private static final long serialVersionUID = 1L;

    final transient TaskQueue queue;
    final transient TaskNode<?> task;

    /** The thread that hands this over, while it does: an executor may run the ticket right there. */
    transient @Nullable Thread handing = Thread.currentThread();

    Ticket(TaskQueue queue, TaskNode<?> task) {
        this.queue = queue;
        this.task = task;
    }

    boolean isTaken() {
        return get();
    }

    /** Takes the ticket; false if it was taken before. */
    boolean take() {
        return compareAndSet(false, true);
    }

    /** Runs the task, unless another thread has taken the ticket or the task. */
    @Override
    public void run() {
        if (take()) {
            queue.runTaken(this);
        }
    }
}
