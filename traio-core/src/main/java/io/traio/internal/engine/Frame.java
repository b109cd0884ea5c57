// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Code that a thread is in: a task, the body of a scope, or a binding to a scope. Its state is one word, a phase and flags.
 *
 * <p>A task uses all phases. A scope uses them for its body: RUNNING until the body has ended, then SUCCEEDED or CANCELLED;
 * a shared scope has no body and stays QUEUED.
 *
 * <pre>
 * QUEUED ──► RUNNING ──────────────────────────────► SUCCEEDED or FAILED   by the thread in the code
 *    │          └──► INTERRUPTING ──► CANCELLING ──► CANCELLED             the first two by the canceller
 *    │                    └────────────────────────► CANCELLED             by the canceller, for an abandoned task
 *    ├──────────────────────────────────────────────► CANCELLED            by the canceller
 *    └──► REFUSING ──────────────────────────────────► FAILED              by the spawner, if no thread could be had
 * </pre>
 *
 * <p>While a frame is INTERRUPTING, its canceller alone may change the phase: the thread waits for that, so that no
 * interrupt comes after the end. {@link InterruptAccount} says what becomes of interrupts.
 */
abstract class Frame {

    static final int QUEUED = 0;
    /** The spawner writes the failure of a task that never runs. */
    static final int REFUSING = 1;

    static final int RUNNING = 2;
    /** A canceller interrupts the thread. */
    static final int INTERRUPTING = 3;

    static final int CANCELLING = 4;
    static final int SUCCEEDED = 5;
    static final int FAILED = 6;
    static final int CANCELLED = 7;

    private static final int PHASE = 7;
    /** Flag: an interrupt from outside was taken together with ours, and is owed to the thread. */
    static final int OUTSIDE = 1 << 3;
    /** Flag: the code has met the signal of its cancellation. */
    static final int NOTIFIED = 1 << 4;
    /** Flag: an interrupt is owed. The canceller found the thread in a wait of the engine, or {@link #HELD}, and woke it. */
    static final int UNSENT = 1 << 5;
    /** Flag: cancelled, and the thread left to itself. */
    static final int ABANDONED = 1 << 6;
    /** Flag of a task: will be cancelled in a moment, and ends as cancelled even if it ends before. */
    private static final int CANCEL_ANNOUNCED = 1 << 7;
    /** Flag of a scope: its owner was found to have left it without a close. It is cancelled, and current nowhere. */
    private static final int LEAKED = CANCEL_ANNOUNCED;
    /** Flag: an {@link InterruptedException} of ours may leave the code, from a scope inside that was left by its close. */
    static final int OURS_PASSES = 1 << 8;
    /** Flag: the thread is in a {@link Shield} inside this code. */
    static final int IN_SHIELD = 1 << 9;
    /** Flag: interrupts wait while a hook has its time, see {@link HeldInterrupts}. */
    static final int HELD = 1 << 10;
    /** The bits of {@link #bits()} from here on belong to {@link Node}. */
    static final int NODE_SHIFT = 11;

    /** Flags: code with one of them may not know yet that it was cancelled. */
    static final int KEPT_FROM_KNOWING = IN_SHIELD | HELD;

    private static final int SPINS = 1000;
    private static final long PAUSE_NANOS = 50_000;

    private static final VarHandle STATE;
    private static final VarHandle THREAD;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Frame.class, "state", int.class);
            THREAD = lookup.findVarHandle(Frame.class, "thread", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int state;

    /** The thread that runs the code. Written by that thread after RUNNING, so a canceller may have to wait for it. */
    private volatile @Nullable Thread thread;

    /** The frame that this one is nested in, on its thread. Plain: published by the write of {@link #thread}. */
    private @Nullable Frame enclosing;

    /** On the outermost frame of a thread: what {@link InterruptAccount} keeps of that thread. */
    volatile int account;

    Frame(int initialState) {
        initialState(initialState);
    }

    /** Returns whether cancelling interrupts the thread. */
    abstract boolean interruptible();

    /** Returns whether the cancellation of code around this one does not reach it, see {@link Shield}. */
    boolean isShield() {
        return false;
    }

    /** What the frame is, sanitized. */
    abstract String label();

    /** Sets the state of a frame that no other thread knows yet. */
    final void initialState(int value) {
        STATE.set(this, value);
    }

    // ---- state ----

    /** The state as one number: phase and flags. */
    final int bits() {
        return state;
    }

    /** Moves from one state to another, if the state is the one that was seen. */
    final boolean tryBits(int seen, int next) {
        return STATE.compareAndSet(this, seen, next);
    }

    /** Sets flags; returns the state before. */
    final int setFlags(int flags) {
        return (int) STATE.getAndBitwiseOr(this, flags);
    }

    /** Clears flags; returns the state before. */
    final int clearFlags(int flags) {
        return (int) STATE.getAndBitwiseAnd(this, ~flags);
    }

    final boolean hasFlag(int flag) {
        return (state & flag) != 0;
    }

    static int phase(int state) {
        return state & PHASE;
    }

    static int withPhase(int state, int phase) {
        return state & ~PHASE | phase;
    }

    final int phase() {
        return phase(state);
    }

    final boolean isCodeEnded() {
        return phase() >= SUCCEEDED;
    }

    static boolean isCancelAnnounced(int state) {
        return (state & CANCEL_ANNOUNCED) != 0;
    }

    static int announced(int state) {
        return state | CANCEL_ANNOUNCED;
    }

    /** Returns whether the code was cancelled, or will be in a moment. */
    final boolean isCancelRequested() {
        int s = state;
        int phase = phase(s);
        return phase == INTERRUPTING || phase == CANCELLING || phase == CANCELLED || isCancelAnnounced(s);
    }

    final boolean isAbandoned() {
        return hasFlag(ABANDONED);
    }

    final @Nullable Thread thread() {
        return thread;
    }

    final @Nullable Frame enclosing() {
        return enclosing;
    }

    final Frame outermost() {
        Frame frame = this;
        for (Frame outer = frame.enclosing; outer != null; outer = frame.enclosing) {
            frame = outer;
        }
        return frame;
    }

    /** Returns whether this thread is in this code, and the code has not ended. */
    final boolean isInBody() {
        return thread == Thread.currentThread() && !isCodeEnded();
    }

    /** Returns whether at least this many frames are around this one on its thread. */
    final boolean isNested(int depth) {
        Frame outer = enclosing;
        for (int i = 1; i < depth && outer != null; i++) {
            outer = outer.enclosing;
        }
        return outer != null;
    }

    /** Returns whether the thread was in the other frame when it came into this one. */
    final boolean isOpenedIn(Frame other) {
        return thread != null && enclosing == other;
    }

    // ---- transitions ----

    /** Moves from one phase to another, whatever the flags. */
    final boolean tryMove(int from, int to) {
        for (; ; ) {
            int s = state;
            if (phase(s) != from) {
                return false;
            }
            if (tryBits(s, withPhase(s, to))) {
                return true;
            }
        }
    }

    /**
     * Makes running code end as cancelled, whatever it does until it is interrupted; false if the code does not run, or
     * another canceller has announced it.
     */
    final boolean announceCancel() {
        for (; ; ) {
            int s = state;
            if (phase(s) != RUNNING || isCancelAnnounced(s)) {
                return false;
            }
            if (tryBits(s, s | CANCEL_ANNOUNCED)) {
                return true;
            }
        }
    }

    /** This thread is in the code, which it has moved to RUNNING, and was in that of another frame before. */
    final void entered(@Nullable Frame outer) {
        enclosing = outer;
        THREAD.setRelease(this, Thread.currentThread());
    }

    /** The thread, for a canceller that has moved the frame from RUNNING. */
    final Thread awaitThread() {
        Thread known;
        while ((known = thread) == null) {
            Thread.onSpinWait();
        }
        return known;
    }

    /** Marks the scope as left without a close; false if it is marked, or the owner has ended its code. */
    final boolean tryMarkLeaked() {
        for (; ; ) {
            int s = state;
            if (phase(s) >= SUCCEEDED || (s & LEAKED) != 0) {
                return false;
            }
            if (tryBits(s, s | LEAKED)) {
                return true;
            }
        }
    }

    final boolean isLeaked() {
        return hasFlag(LEAKED);
    }

    /**
     * Ends the code: from here on no canceller interrupts its thread.
     *
     * @param finalPhase the phase to end in unless the code was cancelled
     * @return the state that the code had
     */
    final int endCode(int finalPhase) {
        for (int spins = 0; ; spins++) {
            int s = state;
            int phase = phase(s);
            if (phase == INTERRUPTING) {
                awaitCanceller(spins);
            } else if (phase == CANCELLED) {
                return s;
            } else {
                boolean cancelled = phase == CANCELLING || isCancelAnnounced(s);
                if (tryBits(s, withPhase(s, cancelled ? CANCELLED : finalPhase))) {
                    return s;
                }
            }
        }
    }

    /**
     * A canceller is about to interrupt this thread, which soon is over, unless the interrupt itself takes long. Returns
     * whether this thread has parked, and so may have been unparked.
     */
    static boolean awaitCanceller(int spins) {
        if (spins < SPINS) {
            Thread.yield();
            return false;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
        return true;
    }
}
