// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Waiting threads and callbacks of one event, the end of a node, and hooks for its cancellation. Each is called once, threads
 * first, since a callback may take long, and then in the order in which they were added. Lock-free; an empty list is one field.
 */
final class WaitList {

    /**
     * Wakes a thread that waits.
     *
     * @param thread the thread
     * @param joiner the innermost frame of that thread if nothing but the event, or a cancellation, ends its wait; else null
     */
    record Wake(Thread thread, @Nullable Frame joiner) implements Runnable {

        /** Waits of one thread may nest: each is itself only. */
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }

        @Override
        public void run() {
            LockSupport.unpark(thread);
        }
    }

    /** To be called if the node is cancelled before its end; not called by the end. */
    abstract static class Hook implements Runnable {

        /** The node was cancelled. Any number of calls; does not block. */
        @Override
        public abstract void run();

        /** The frame in which it was registered is being left by its thread, or is not. */
        abstract void endWith(Frame frame);
    }

    /** One entry, linked to the one that was added before. */
    private record Waiter(Runnable action, @Nullable Waiter earlier) {}

    private static final Waiter FIRED = new Waiter(() -> {}, null);
    private static final VarHandle LAST;

    static {
        try {
            LAST = MethodHandles.lookup().findVarHandle(WaitList.class, "last", Waiter.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile @Nullable Waiter last;

    boolean isEmpty() {
        return last == null;
    }

    /** Adds an action; false if the event has happened, and then the action will not be called. */
    boolean add(Runnable action) {
        for (; ; ) {
            Waiter seen = last;
            if (seen == FIRED) {
                return false;
            }
            if (LAST.compareAndSet(this, seen, new Waiter(action, seen))) {
                return true;
            }
        }
    }

    /** Removes an action; false if it is not in the list, or will be called. */
    boolean remove(Runnable action) {
        for (; ; ) {
            Waiter seen = last;
            if (seen == FIRED || !contains(seen, action)) {
                return false;
            }
            if (LAST.compareAndSet(this, seen, without(seen, action))) {
                return true;
            }
        }
    }

    private static boolean contains(@Nullable Waiter waiter, Runnable action) {
        for (Waiter w = waiter; w != null; w = w.earlier) {
            if (w.action == action) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Waiter without(@Nullable Waiter waiter, Runnable action) {
        Waiter kept = null;
        for (Waiter w = reversed(waiter); w != null; w = w.earlier) {
            if (w.action != action) {
                kept = new Waiter(w.action, kept);
            }
        }
        return kept;
    }

    /** The event happens: calls all, and refuses others from now on. Actions must not throw. */
    void fire() {
        Waiter all =
                last == null && LAST.compareAndSet(this, null, FIRED) ? null : (Waiter) LAST.getAndSet(this, FIRED);
        Waiter first = reversed(all == FIRED ? null : all);
        for (Waiter w = first; w != null; w = w.earlier) {
            if (w.action instanceof Wake) {
                w.action.run();
            }
        }
        for (Waiter w = first; w != null; w = w.earlier) {
            if (!(w.action instanceof Wake) && !(w.action instanceof Hook)) {
                w.action.run();
            }
        }
    }

    /** Wakes all waiters, so that they check again; all stay in the list. */
    void wakeAll() {
        for (Waiter w = reversed(last); w != null; w = w.earlier) {
            w.action.run();
        }
    }

    /** As {@link #wakeAll}, but only threads; callbacks are left alone. */
    void wakeThreads() {
        for (Waiter w = last; w != null; w = w.earlier) {
            if (w.action instanceof Wake) {
                w.action.run();
            }
        }
    }

    /** Calls the hooks, the first first; they stay in the list. */
    void callHooks() {
        for (Waiter w = reversed(last); w != null; w = w.earlier) {
            if (w.action instanceof Hook) {
                w.action.run();
            }
        }
    }

    /** Ends the hooks that were registered in a frame, the last first. */
    void endHooks(Frame frame) {
        for (Waiter w = last; w != null; w = w.earlier) {
            if (w.action instanceof Hook hook) {
                hook.endWith(frame);
            }
        }
    }

    /** Passes on the threads that wait. */
    void forEachThread(Consumer<Wake> consumer) {
        for (Waiter w = last; w != null; w = w.earlier) {
            if (w.action instanceof Wake wake) {
                consumer.accept(wake);
            }
        }
    }

    private static @Nullable Waiter reversed(@Nullable Waiter waiter) {
        Waiter reversed = null;
        for (Waiter w = waiter; w != null; w = w.earlier) {
            reversed = new Waiter(w.action, reversed);
        }
        return reversed;
    }
}
