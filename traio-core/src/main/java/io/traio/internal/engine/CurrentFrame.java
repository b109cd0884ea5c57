// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import org.jspecify.annotations.Nullable;

/**
 * The current frame of a thread: the task or scope body that it is in. Frames nest; each knows the one around it.
 *
 * <p>A virtual thread of ours runs one task, which is also the thread's handler of uncaught exceptions. That is how the
 * task is found from the thread, and it keeps the innermost frame. A thread local, which other threads have, would be
 * nearly a quarter of what a task allocates.
 */
final class CurrentFrame {

    private static final ThreadLocal<@Nullable Frame> CURRENT = new ThreadLocal<>();

    private CurrentFrame() {}

    /** The innermost frame of this thread that is in force; null outside of any. */
    static @Nullable Frame get() {
        TaskNode<?> task = ownTask();
        Frame frame = task != null ? task.innermost : CURRENT.get();
        if (frame instanceof ScopeNode scope && scope.isLeaked()) {
            // Its factory has closed it in place of this thread, which has left it without a close.
            Body.end(scope, false);
            set(scope.enclosing());
            InterruptAccount.left(scope, scope.interruptOwed, /* signal= */ false);
            return get();
        }
        return frame;
    }

    /** Takes frames that were leaked off this thread. */
    static void dropLeaked() {
        Frame unused = get();
    }

    /** The task for which this thread was made; other threads may have been given the handler, too. */
    private static @Nullable TaskNode<?> ownTask() {
        Thread thread = Thread.currentThread();
        return thread.getUncaughtExceptionHandler() instanceof TaskNode<?> task && task.thread() == thread
                ? task
                : null;
    }

    static boolean isCurrent(Frame frame) {
        return frame instanceof TaskNode<?> task && hasOwnThread(task) ? task.innermost == task : get() == frame;
    }

    /** Whether this thread is in the code of a frame, or in one nested in that. */
    static boolean isEntered(Frame searched) {
        Frame frame = get();
        while (frame != null && frame != searched) {
            frame = frame.enclosing();
        }
        return frame != null;
    }

    /** The scope of the innermost frame; one that is bound lazily is opened. */
    static @Nullable ScopeNode scope() {
        return openScopeOf(get());
    }

    /** The scope of a frame of this thread; one that is bound lazily is opened. */
    static @Nullable ScopeNode openScopeOf(@Nullable Frame frame) {
        return frame instanceof BoundFrame bound ? bound.scope() : scopeOf(frame);
    }

    /** As {@link #scope()}, but passes over a scope that is bound lazily and has not been needed yet. */
    static @Nullable ScopeNode openScope() {
        Frame frame = get();
        while (frame instanceof BoundFrame && scopeOf(frame) == null) {
            frame = frame.enclosing();
        }
        return scopeOf(frame);
    }

    /** The scope that code in the frame is in, if it is open by now. */
    static @Nullable ScopeNode scopeOf(@Nullable Frame frame) {
        if (frame instanceof TaskNode<?> task) {
            return task.scope;
        }
        if (frame instanceof ScopeNode scope) {
            return scope;
        }
        return frame instanceof BoundFrame bound ? bound.knownScope() : null;
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

    /** Returns whether a thread was made for this task alone, and has not left it yet. */
    static boolean hasOwnThread(TaskNode<?> task) {
        return task.innermost != null;
    }

    /** Lets this thread into the code of a frame; false if that was cancelled, refused, or another thread is in. */
    static boolean begin(Frame frame) {
        if (!frame.tryMove(Frame.QUEUED, Frame.RUNNING)) {
            return false;
        }
        entered(frame, enter(frame));
        return true;
    }

    /** Lets this thread into the body of a scope that no other knows yet, from a frame that is the innermost one. */
    static void enterBody(ScopeNode scope, @Nullable Frame innermost) {
        entered(scope, innermost);
        set(scope);
    }

    private static void entered(Frame frame, @Nullable Frame outer) {
        if (outer != null) {
            InterruptAccount.nested(outer);
        }
        frame.entered(outer);
    }

    /** This thread comes into a frame; returns the one around it. */
    private static @Nullable Frame enter(Frame frame) {
        if (frame instanceof TaskNode<?> task && hasOwnThread(task)) {
            return null;
        }
        Frame enclosing = get();
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
        while (frame instanceof BoundFrame && frame.isCodeEnded()) {
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
