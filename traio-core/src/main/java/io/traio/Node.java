// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a task and a scope have in common: a name and an id, a place among the members of a scope, a state, a thread that
 * can be interrupted while it is in the node's code, and those who wait for the end.
 *
 * <p>For a task the phases are all used. For a scope they tell of its body: RUNNING until the body has ended, then
 * SUCCEEDED; a shared scope has no body and stays QUEUED. Transitions, and who may cause them, are in docs/design.md.
 */
abstract class Node {

    static final int QUEUED = 0;
    static final int RUNNING = 1;
    /** A canceller interrupts the thread; nobody else may change the phase. */
    static final int INTERRUPTING = 2;

    static final int CANCELLING = 3;
    static final int SUCCEEDED = 4;
    static final int FAILED = 5;
    static final int CANCELLED = 6;

    private static final int PHASE = 7;
    /** Flag: cancelled, overdue, and no longer waited for. */
    static final int STRAGGLER = 1 << 3;
    /** Flag: the thread had an interrupt from outside pending when we interrupted it. */
    private static final int OUTSIDE = 1 << 4;
    /** Flag: an enclosing frame of the thread was cancelled before this one began, and its interrupt not met yet. */
    private static final int BEGUN_INTERRUPTED = 1 << 5;
    /** Flag: cancelled, and the thread left to itself. */
    private static final int ABANDONED = 1 << 6;
    /** Flag: of a straggler, that it began or that it ended has been told. */
    private static final int TOLD = 1 << 7;
    /** Flag: a scope was opened in it. */
    private static final int HAS_OPENED_SCOPES = 1 << 8;

    /** Flag: it will be cancelled in a moment, and ends as cancelled even if it ends before. */
    private static final int CANCEL_ANNOUNCED = 1 << 9;

    private static final int CLAIM_SHIFT = 10;
    /** One claim on the outcome; the claims are counted in the bits from here on. */
    private static final int CLAIM = 1 << CLAIM_SHIFT;

    /** The bits of {@link #interrupts} that count those not settled. */
    private static final int UNSETTLED = 0xFFFF;
    /** One interrupt of ours: counted, and not settled. */
    private static final int INTERRUPT = 0x1_0001;

    private static final VarHandle STATE;
    private static final VarHandle THREAD;
    private static final VarHandle INTERRUPTS;
    private static final VarHandle ID;
    private static final VarHandle WAITERS;
    private static final AtomicLong IDS = new AtomicLong();

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(Node.class, "state", int.class);
            THREAD = lookup.findVarHandle(Node.class, "thread", Thread.class);
            INTERRUPTS = lookup.findVarHandle(Node.class, "interrupts", int.class);
            ID = lookup.findVarHandle(Node.class, "id", long.class);
            WAITERS = lookup.findVarHandle(Node.class, "waiters", WaitList.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final @Nullable String name;
    private volatile long id;

    /** Below this node in {@link LiveList}; belongs to that class. */
    @Nullable
    Node next;

    private volatile int state;

    /** Who runs the node's code. Written by that thread after RUNNING, so a canceller may have to wait for it. */
    private volatile @Nullable Thread thread;

    /** The frame that this one interrupts on its thread. Plain: published by the write of {@link #thread}. */
    private @Nullable Node enclosing;

    /**
     * On the outermost frame of a thread: how many interrupts of ours on that thread have not been settled, and above
     * that how many there have been. On each other frame: what that was when the frame began.
     */
    private volatile int interrupts;

    /** Those who wait for this node to be dead; made when the first comes. */
    private volatile @Nullable WaitList waiters;

    /** What {@link FlightEvents} began for this node; null if no recording wanted it. */
    @Nullable
    Object flightEvent;

    Node(@Nullable String name, int claims) {
        this.name = name;
        STATE.set(this, claims * CLAIM);
    }

    /** Cancels this member of a scope because that scope ends or is cancelled. */
    abstract void cancelFromAbove();

    /** Whether it is no longer a member of its scope. */
    abstract boolean isDead();

    /** Whether cancelling interrupts the thread. */
    abstract boolean interruptible();

    /** The scope in which the code of this node runs; null only for a binding whose scope is just being opened. */
    abstract @Nullable ScopeNode frameScope();

    /** As {@link #frameScope()}, but does not open a scope that is not needed yet; null then. */
    @Nullable
    ScopeNode knownScope() {
        return frameScope();
    }

    abstract String kind();

    public final String name() {
        return name != null ? name : kind() + "-" + id();
    }

    final @Nullable String givenName() {
        return name;
    }

    public final long id() {
        long known = id;
        if (known == 0) {
            long fresh = IDS.incrementAndGet();
            known = (long) ID.compareAndExchange(this, 0L, fresh);
            if (known == 0) {
                return fresh;
            }
        }
        return known;
    }

    /** Name and id, fit to print. */
    final String label() {
        return kind() + " '" + Names.printable(name()) + "' (#" + id() + ")";
    }

    // ---- state ----

    final int phase() {
        return state & PHASE;
    }

    final boolean isEnded() {
        return phase() >= SUCCEEDED;
    }

    /** Whether the thread in this node's code has been told to leave. */
    final boolean isCancelRequested() {
        int phase = phase();
        return phase == INTERRUPTING || phase == CANCELLING || phase == CANCELLED || (state & CANCEL_ANNOUNCED) != 0;
    }

    final boolean isStraggler() {
        return (state & STRAGGLER) != 0;
    }

    final boolean isAbandoned() {
        return (state & ABANDONED) != 0;
    }

    final @Nullable Thread thread() {
        return thread;
    }

    final @Nullable Node enclosing() {
        return enclosing;
    }

    /** Whether the thread was in the other node's code when it came into this one's. */
    final boolean isOpenedIn(Node other) {
        return thread != null && enclosing == other;
    }

    /** From one phase to another, whatever the claims. */
    final boolean tryMove(int from, int to) {
        for (; ; ) {
            int s = state;
            if ((s & PHASE) != from) {
                return false;
            }
            if (STATE.compareAndSet(this, s, (s & ~PHASE) | to)) {
                return true;
            }
        }
    }

    /** Has a running node end as cancelled, whatever its code does until it is interrupted; false if it does not run. */
    final boolean announceCancel() {
        for (; ; ) {
            int s = state;
            if ((s & PHASE) != RUNNING) {
                return false;
            }
            if (STATE.compareAndSet(this, s, s | CANCEL_ANNOUNCED)) {
                return true;
            }
        }
    }

    /** Marks a node that is being cancelled as a straggler; false if it has ended or is marked. */
    final boolean tryMarkStraggler() {
        for (; ; ) {
            int s = state;
            if ((s & PHASE) != CANCELLING || (s & STRAGGLER) != 0) {
                return false;
            }
            if (STATE.compareAndSet(this, s, s | STRAGGLER)) {
                return true;
            }
        }
    }

    /** Of the two who tell of a straggler, the one who found it and its own thread, whether this is the second. */
    final boolean isSecondToTellOfStraggling() {
        return ((int) STATE.getAndBitwiseOr(this, TOLD) & TOLD) != 0;
    }

    /** A scope was opened in the code of this node, which has to be told when this one is cancelled. */
    final void hasOpenedScope() {
        if (!hasOpenedScopes()) {
            STATE.getAndBitwiseOr(this, HAS_OPENED_SCOPES);
        }
    }

    final boolean hasOpenedScopes() {
        return (state & HAS_OPENED_SCOPES) != 0;
    }

    // ---- claims ----

    /** Takes over the error of a node that has not ended; false if it has. */
    final boolean claim() {
        return addClaims(CLAIM);
    }

    /** Hands the error back; false if the node has ended and the outcome is the caller's. */
    final boolean unclaim() {
        return addClaims(-CLAIM);
    }

    private boolean addClaims(int delta) {
        for (; ; ) {
            int s = state;
            if ((s & PHASE) >= SUCCEEDED) {
                return false;
            }
            if (STATE.compareAndSet(this, s, s + delta)) {
                return true;
            }
        }
    }

    /** Whether anybody has taken over the error. */
    final boolean isClaimed() {
        return state >>> CLAIM_SHIFT != 0;
    }

    // ---- those who wait ----

    /** Has an action called when this node is dead; false if it is, and then nobody will call it. */
    final boolean whenDead(Runnable action) {
        WaitList list = waiters;
        if (list == null) {
            WaitList fresh = new WaitList();
            list = (WaitList) WAITERS.compareAndExchange(this, null, fresh);
            list = list != null ? list : fresh;
        }
        // Whoever ends the node first says so and then looks for waiters; here it is the other way round.
        return list.add(action) && !(isDead() && list.remove(action));
    }

    final void forgetWaiter(Runnable action) {
        WaitList list = waiters;
        if (list != null) {
            list.remove(action);
        }
    }

    final boolean hasWaiters() {
        WaitList list = waiters;
        return list != null && !list.isEmpty();
    }

    /** Calls those who wait. The node is dead by now, and can be seen to be. */
    final void tellWaiters() {
        WaitList list = waiters;
        if (list != null) {
            list.fire();
        }
    }

    // ---- the thread and its interrupt ----

    /** Lets this thread into the node's code; false if the node was cancelled or another thread is in. */
    final boolean begin() {
        if (!tryMove(QUEUED, RUNNING)) {
            return false;
        }
        Node outer = Frames.enter(this);
        enclosing = outer;
        if (outer != null) {
            int before = outer.outermost().interrupts;
            INTERRUPTS.set(this, before);
            if ((before & UNSETTLED) != 0 && outer.isInterruptPending()) {
                STATE.getAndBitwiseOr(this, BEGUN_INTERRUPTED);
            }
        }
        THREAD.setRelease(this, Thread.currentThread());
        return true;
    }

    /**
     * Tells the thread to leave the node's code, by an interrupt if it is {@link #interruptible()}.
     *
     * @return false if no thread is in, or it has been told
     */
    final boolean interrupt() {
        return interrupt(CANCELLING);
    }

    /** Tells the thread to leave, and ends the node without it; false if no thread is in, or it has been told. */
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
            } while (!STATE.compareAndSet(this, s, (s & ~PHASE) | then | flags));
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
     * The thread leaves the node's code: from here on nobody interrupts it, and an interrupt of ours is taken back.
     *
     * @param outcome the phase to end in unless the node was cancelled
     * @return whether an interrupt that belongs to somebody else was taken back with ours; it should be set again
     */
    final boolean settle(int outcome) {
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
                if (STATE.compareAndSet(this, s, (s & ~PHASE) | (cancelled ? CANCELLED : outcome))) {
                    break;
                }
            }
        }
        if ((s & PHASE) == RUNNING || !interruptible()) {
            return false;
        }
        boolean pending = Thread.interrupted();
        Node outermost = outermost();
        int before = (int) INTERRUPTS.getAndAdd(outermost, -1);
        boolean forEnclosing = (before & UNSETTLED) > 1
                && (isAnyInterruptSinceBegun(outermost, before) || pending && (s & BEGUN_INTERRUPTED) != 0);
        return forEnclosing || (s & OUTSIDE) != 0;
    }

    /** Whether the thread was interrupted for another frame while it was in this one, which was interrupted once. */
    private boolean isAnyInterruptSinceBegun(Node outermost, int now) {
        return outermost != this && ((now >>> 16) - (interrupts >>> 16) & UNSETTLED) != 1;
    }

    /** Whether the interrupts of this frame and those around it, which the caller's thread is in, have not been met. */
    private boolean isInterruptPending() {
        for (Node frame = this; frame != null; frame = frame.enclosing) {
            while (frame.phase() == INTERRUPTING) {
                Thread.yield();
            }
        }
        return Thread.currentThread().isInterrupted();
    }

    /** Whether an interrupt that this thread has just met, outside of this node's code, is one of ours. */
    final boolean isInterruptForEnclosing() {
        Node outer = enclosing;
        return outer != null && outer.outermost().hasUnsettled();
    }

    /** Clears the interrupt flag of this thread, which is in the node's code, if it may be we who have set it. */
    final void takeOwnInterrupt() {
        if (interruptible() && outermost().hasUnsettled()) {
            Thread.interrupted();
        }
    }

    private boolean hasUnsettled() {
        return (interrupts & UNSETTLED) != 0;
    }

    private Node outermost() {
        Node node = this;
        for (Node outer = node.enclosing; outer != null; outer = node.enclosing) {
            node = outer;
        }
        return node;
    }
}
