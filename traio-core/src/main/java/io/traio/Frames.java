// SPDX-License-Identifier: Apache-2.0
package io.traio;

import org.jspecify.annotations.Nullable;

/**
 * Which task or scope body this thread is in. Frames nest: each frame knows the one that it {@link Frame#enclosing()}.
 *
 * <p>A virtual thread of ours runs one task, which is also the thread's handler of uncaught exceptions. That is how the
 * task is found from the thread, and it keeps the innermost frame. A thread local, which other threads have, would be
 * nearly a quarter of what a task allocates.
 */
final class Frames {

    private static final ThreadLocal<@Nullable Frame> CURRENT = new ThreadLocal<>();

    private Frames() {}

    static @Nullable Frame current() {
        TaskNode<?> task = ownTask();
        return task != null ? task.innermost : CURRENT.get();
    }

    /** The task for which this thread was made; other threads may have been given the handler, too. */
    private static @Nullable TaskNode<?> ownTask() {
        Thread thread = Thread.currentThread();
        return thread.getUncaughtExceptionHandler() instanceof TaskNode<?> task && task.thread() == thread
                ? task
                : null;
    }

    static boolean isCurrent(Frame frame) {
        return frame instanceof TaskNode<?> task && hasOwnThread(task) ? task.innermost == task : current() == frame;
    }

    static @Nullable ScopeNode currentScope() {
        Frame frame = current();
        return frame != null ? frame.frameScope() : null;
    }

    /** As {@link #currentScope()}, but does not open a scope that is not needed yet. */
    static @Nullable ScopeNode knownScope() {
        Frame frame = current();
        while (frame instanceof BindingNode && frame.knownScope() == null) {
            frame = frame.enclosing();
        }
        return frame != null ? frame.knownScope() : null;
    }

    /** A thread was made for this task alone, and is not started yet. */
    static void prepare(Thread thread, TaskNode<?> task) {
        thread.setUncaughtExceptionHandler(task);
        task.innermost = task;
    }

    /** The thread that was made for a task, if there is one, will not run it. */
    static void giveBack(TaskNode<?> task) {
        task.innermost = null;
    }

    /** Whether a thread was made for this task alone, and has not left it yet. */
    static boolean hasOwnThread(TaskNode<?> task) {
        return task.innermost != null;
    }

    /** This thread comes into a frame; gives the one that it interrupts. */
    static @Nullable Frame enter(Frame frame) {
        if (frame instanceof TaskNode<?> task && hasOwnThread(task)) {
            return null;
        }
        Frame enclosing = current();
        set(frame);
        return enclosing;
    }

    /** This thread leaves a frame. */
    static void leave(Frame frame) {
        if (frame instanceof TaskNode<?> task && hasOwnThread(task)) {
            task.innermost = null;
        } else {
            set(frame.enclosing());
        }
    }

    /** Makes a frame the current one, or the next further out if that is a binding that was closed meanwhile. */
    static void set(@Nullable Frame next) {
        Frame frame = next;
        while (frame instanceof BindingNode && frame.isEnded()) {
            frame = frame.enclosing();
        }
        TaskNode<?> task = ownTask();
        if (task != null) {
            task.innermost = frame;
        } else {
            // Not removed if null: that would make a fresh entry of each scope of the thread.
            CURRENT.set(frame);
        }
    }
}
