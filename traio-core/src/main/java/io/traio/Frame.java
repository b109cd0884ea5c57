// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Code that a thread is in: a task, the body of a scope, or what was bound to a scope. It has a state, and the thread can
 * be interrupted while it is in.
 *
 * <p>For a task the phases are all used. For a scope they tell of its body: RUNNING until the body has ended, then
 * SUCCEEDED; a shared scope has no body and stays QUEUED. Transitions, and who may cause them, are in docs/design.md.
 */
abstract class Frame {

    static final int QUEUED = 0;
    static final int RUNNING = 1;
    /** A canceller interrupts the thread; nobody else may change the phase. */
    static final int INTERRUPTING = 2;

    static final int CANCELLING = 3;
    static final int SUCCEEDED = 4;
    static final int FAILED = 5;
    static final int CANCELLED = 6;

    private static final int PHASE = 7;
    /** Flag: the thread had an interrupt from outside pending when we interrupted it. */
    private static final int OUTSIDE = 1 << 3;
    /** Flag: an enclosing frame of the thread was cancelled before this one began, and its interrupt not met yet. */
    private static final int BEGUN_INTERRUPTED = 1 << 4;
    /** Flag: cancelled, and the thread left to itself. */
    private static final int ABANDONED = 1 << 5;
    /** Flag: it will be cancelled in a moment, and ends as cancelled even if it ends before. */
    private static final int CANCEL_ANNOUNCED = 1 << 6;
    /** The bits of {@link #bits()} from here on belong to {@link Node}. */
    static final int NODE_SHIFT = 7;

    /** The bits of {@link #interrupts} that count those not settled. */
    private static final int UNSETTLED = 0xFFFF;
    /** One interrupt of ours: counted, and not settled. */
    private static final int INTERRUPT = 0x1_0001;

    /** Whose interrupt was taken back together with one of ours, or met while a thread was not to leave. */
    enum Owed {
        NOTHING,
        /** It was ours, for a frame around this one. */
        TO_ENCLOSING,
        /** It came from outside of traio: never to be lost. */
        TO_OUTSIDE;

        Owed or(Owed other) {
            return compareTo(other) >= 0 ? this : other;
        }
    }

    private static final VarHandle STATE;
    private static final VarHandle THREAD;
    private static final VarHandle INTERRUPTS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Frame.class, "state", int.class);
            THREAD = lookup.findVarHandle(Frame.class, "thread", Thread.class);
            INTERRUPTS = lookup.findVarHandle(Frame.class, "interrupts", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile int state;

    /** Who runs the code. Written by that thread after RUNNING, so a canceller may have to wait for it. */
    private volatile @Nullable Thread thread;

    /** The frame that this one interrupts on its thread. Plain: published by the write of {@link #thread}. */
    private @Nullable Frame enclosing;

    /**
     * On the outermost frame of a thread: how many interrupts of ours on that thread have not been settled, and above
     * that how many there have been. On each other frame: what that was when the frame began, or last met one.
     */
    private volatile int interrupts;

    Frame(int initialState) {
        STATE.set(this, initialState);
    }

    /** Whether cancelling interrupts the thread. */
    abstract boolean interruptible();

    /** The scope in which this code runs; null only for a binding whose scope is just being opened. */
    abstract @Nullable ScopeNode frameScope();

    /** As {@link #frameScope()}, but does not open a scope that is not needed yet; null then. */
    @Nullable
    ScopeNode knownScope() {
        return frameScope();
    }

    /** Whether the scope does not end before this frame does, unless it is the scope's own. */
    boolean isAwaited() {
        return false;
    }

    /** What it is, fit to print. */
    abstract String label();

    // ---- state ----

    /** The state as one number: phase and flags. */
    final int bits() {
        return state;
    }

    /** From one state to another, if it is the one that was seen. */
    final boolean tryBits(int seen, int next) {
        return STATE.compareAndSet(this, seen, next);
    }

    /** Sets flags; gives the state before. */
    final int setFlags(int flags) {
        return (int) STATE.getAndBitwiseOr(this, flags);
    }

    private void clearFlags(int flags) {
        if ((state & flags) != 0) {
            STATE.getAndBitwiseAnd(this, ~flags);
        }
    }

    static int phase(int state) {
        return state & PHASE;
    }

    final int phase() {
        return phase(state);
    }

    final boolean isEnded() {
        return phase() >= SUCCEEDED;
    }

    /** Whether the thread in this code has been told to leave. */
    final boolean isCancelRequested() {
        int phase = phase();
        return phase == INTERRUPTING || phase == CANCELLING || phase == CANCELLED || (state & CANCEL_ANNOUNCED) != 0;
    }

    final boolean isAbandoned() {
        return (state & ABANDONED) != 0;
    }

    final @Nullable Thread thread() {
        return thread;
    }

    final @Nullable Frame enclosing() {
        return enclosing;
    }

    /** Whether this thread is in this code, and that has not ended. */
    final boolean isInBody() {
        return thread == Thread.currentThread() && !isEnded();
    }

    /** Whether at least so many frames are around this one on its thread. */
    final boolean isNested(int depth) {
        Frame outer = enclosing;
        for (int i = 1; i < depth && outer != null; i++) {
            outer = outer.enclosing;
        }
        return outer != null;
    }

    /** Whether the thread was in the other frame when it came into this one. */
    final boolean isOpenedIn(Frame other) {
        return thread != null && enclosing == other;
    }

    /** From one phase to another, whatever the flags. */
    final boolean tryMove(int from, int to) {
        for (; ; ) {
            int s = state;
            if ((s & PHASE) != from) {
                return false;
            }
            if (tryBits(s, (s & ~PHASE) | to)) {
                return true;
            }
        }
    }

    /**
     * Has running code end as cancelled, whatever it does until it is interrupted; false if it does not run, or somebody
     * else has said so.
     */
    final boolean announceCancel() {
        for (; ; ) {
            int s = state;
            if ((s & (PHASE | CANCEL_ANNOUNCED)) != RUNNING) {
                return false;
            }
            if (tryBits(s, s | CANCEL_ANNOUNCED)) {
                return true;
            }
        }
    }

    // ---- the thread and its interrupt ----

    /** Lets this thread into the code; false if that was cancelled or another thread is in. */
    final boolean begin() {
        if (!tryMove(QUEUED, RUNNING)) {
            return false;
        }
        Frame outer = Frames.enter(this);
        enclosing = outer;
        if (outer != null) {
            int before = outer.outermost().interrupts;
            INTERRUPTS.set(this, before);
            if ((before & UNSETTLED) != 0) {
                outer.awaitDelivery();
                if (Thread.currentThread().isInterrupted()) {
                    setFlags(BEGUN_INTERRUPTED);
                }
            }
        }
        THREAD.setRelease(this, Thread.currentThread());
        return true;
    }

    /**
     * Tells the thread to leave the code, by an interrupt if it is {@link #interruptible()}.
     *
     * @return false if no thread is in, or it has been told
     */
    final boolean interrupt() {
        return interrupt(CANCELLING);
    }

    /** Tells the thread to leave, and ends the frame without it; false if no thread is in, or it has been told. */
    final boolean abandon() {
        return interrupt(CANCELLED | ABANDONED);
    }

    private boolean interrupt(int then) {
        if (!tryMove(RUNNING, INTERRUPTING)) {
            return false;
        }
        int flags = 0;
        try {
            Thread target = awaitThread();
            if (interruptible()) {
                flags = outermost().countInterrupt(target);
                target.interrupt();
            } else {
                LockSupport.unpark(target);
            }
        } finally {
            // Whatever happens: the thread spins until it sees this.
            int s;
            do {
                s = state;
            } while (!tryBits(s, (s & ~PHASE) | then | flags));
        }
        return true;
    }

    private int countInterrupt(Thread target) {
        int before = interrupts;
        boolean pending = target.isInterrupted();
        boolean alone = (int) INTERRUPTS.getAndAdd(this, INTERRUPT) == before;
        return pending && alone && (before & UNSETTLED) == 0 ? OUTSIDE : 0;
    }

    private Thread awaitThread() {
        Thread known;
        while ((known = thread) == null) {
            Thread.onSpinWait();
        }
        return known;
    }

    /**
     * The thread leaves the code: from here on nobody interrupts it, and an interrupt of ours is taken back.
     *
     * @param outcome the phase to end in unless it was cancelled
     * @return the interrupt that was taken back with ours, to be {@linkplain #interruptAgain set again}
     */
    final Owed settle(int outcome) {
        int s;
        for (; ; ) {
            s = state;
            int phase = s & PHASE;
            if (phase == INTERRUPTING) {
                Thread.yield();
            } else if (phase == CANCELLED) {
                break;
            } else {
                boolean cancelled = phase == CANCELLING || (s & CANCEL_ANNOUNCED) != 0;
                if (tryBits(s, (s & ~PHASE) | (cancelled ? CANCELLED : outcome))) {
                    break;
                }
            }
        }
        if ((s & PHASE) == RUNNING || !interruptible()) {
            return Owed.NOTHING;
        }
        Frame outermost = outermost();
        int before;
        boolean delivered;
        boolean pending = false;
        do {
            before = outermost.interrupts;
            delivered = isDelivered();
            pending |= Thread.interrupted();
        } while (before != outermost.interrupts);
        INTERRUPTS.getAndAdd(outermost, -1);
        boolean forEnclosing = outermost != this
                && (before & UNSETTLED) > 1
                && (interruptsSince(interrupts, before) != 1 || pending && (s & BEGUN_INTERRUPTED) != 0);
        if (outermost != this && delivered) {
            metAll(before);
        }
        return (s & OUTSIDE) != 0 ? Owed.TO_OUTSIDE : forEnclosing ? Owed.TO_ENCLOSING : Owed.NOTHING;
    }

    private static int interruptsSince(int then, int now) {
        return (now >>> 16) - (then >>> 16) & UNSETTLED;
    }

    /** Whether all interrupts that have been counted, of this frame and those around it, have come to this thread. */
    private boolean isDelivered() {
        for (Frame frame = this; frame != null; frame = frame.enclosing) {
            if (frame.phase() == INTERRUPTING) {
                return false;
            }
        }
        return true;
    }

    private void awaitDelivery() {
        while (!isDelivered()) {
            Thread.yield();
        }
    }

    /** Notes, on a frame that is not the outermost, that the thread has met all interrupts of ours up to some count. */
    private void metAll(int count) {
        INTERRUPTS.set(this, count);
        clearFlags(BEGUN_INTERRUPTED);
    }

    /** Whether an interrupt that this thread has just met, outside of this code, is one of ours. */
    final boolean isInterruptForEnclosing() {
        Frame outermost = outermost();
        return outermost != this && isUnmet(outermost.interrupts);
    }

    /** As {@link #isInterruptForEnclosing()}; from now on the next one that is met is another. */
    final boolean meetsInterruptForEnclosing() {
        Frame outermost = outermost();
        int count = outermost.interrupts;
        if (outermost == this || !isUnmet(count)) {
            return false;
        }
        int met;
        do {
            // The flag is ours, too, if several frames were cancelled. One from outside just now cannot be told apart.
            met = outermost.interrupts;
            awaitDelivery();
            Thread.interrupted();
        } while (met != outermost.interrupts);
        metAll(met);
        return true;
    }

    private boolean isUnmet(int count) {
        return (count & UNSETTLED) != 0
                && (interruptsSince(interrupts, count) != 0 || (state & BEGUN_INTERRUPTED) != 0);
    }

    /** Whether a frame around this one was interrupted. */
    final boolean isEnclosingInterrupted() {
        Frame outer = enclosing;
        return outer != null && outer.outermost().hasUnsettled();
    }

    /** Sets an interrupt again that belongs to somebody else. */
    final void interruptAgain(Owed owed) {
        Frame cancelled = enclosing;
        while (cancelled != null && cancelled.phase() != CANCELLING) {
            cancelled = cancelled.enclosing;
        }
        if (owed == Owed.TO_OUTSIDE && cancelled != null) {
            // That frame will take back its own, with the flag that is set here.
            cancelled.setFlags(OUTSIDE);
        }
        if (owed != Owed.NOTHING) {
            Thread.currentThread().interrupt();
        }
    }

    /** Clears the interrupt flag of this thread, which is in the code, if it may be we who have set it. */
    final void takeOwnInterrupt() {
        if (interruptible() && outermost().hasUnsettled()) {
            Thread.interrupted();
        }
    }

    private boolean hasUnsettled() {
        return (interrupts & UNSETTLED) != 0;
    }

    private Frame outermost() {
        Frame frame = this;
        for (Frame outer = frame.enclosing; outer != null; outer = frame.enclosing) {
            frame = outer;
        }
        return frame;
    }
}
