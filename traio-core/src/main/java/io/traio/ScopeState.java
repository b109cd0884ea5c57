// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far a scope has come: one word with the number of its live members (tasks, child scopes, its body), the number of
 * those it waits for, three flags, and two more that tell what it is to its parent. Each transition is one
 * compare-and-set on it; docs/design.md lists them.
 */
abstract class ScopeState extends ScopeRecord {

    /** Flag: its parent waits for it. */
    private static final long AWAITED_CHILD = 1L << 59;
    /** Flag: it has been a member of its parent. */
    private static final long OUT = 1L << 60;
    /** Flag: no more tasks from outside. */
    private static final long FINAL = 1L << 61;
    /** Flag: no more tasks at all, those left have been or are being cancelled. */
    private static final long ENDING = 1L << 62;
    /** Flag: nothing runs that is waited for. */
    private static final long DONE = 1L << 63;

    private static final int AWAITED_SHIFT = 29;
    private static final long COUNT = (1L << AWAITED_SHIFT) - 1;
    private static final long LIVE_MEMBER = 1;
    private static final long AWAITED_MEMBER = 1 + (1L << AWAITED_SHIFT);

    private static final int COUNTED_AHEAD = 32;

    private static final int LOST_BITS = 16;
    private static final int LOST_MASK = (1 << LOST_BITS) - 1;
    static final int LOST_AWAITED = 1;
    static final int LOST_BACKGROUND = 1 << LOST_BITS;

    private static final VarHandle CONTROL;
    private static final VarHandle LOST;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CONTROL = lookup.findVarHandle(ScopeState.class, "control", long.class);
            LOST = lookup.findVarHandle(ScopeState.class, "lost", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What has come of a transition. */
    enum Change {
        NOTHING,
        /** A member of a scope that is ending, or its last just now, has ended or is not waited for any more. */
        MEMBER_LEFT,
        /** The last awaited member has ended and others are left: told once. */
        ONLY_BACKGROUND_LEFT,
        /** Nothing runs any more that is waited for: told once. */
        DONE
    }

    private volatile long control;

    /**
     * Members that were counted in and then lost, for want of stack or memory, awaited ones in the lower half: see {@link
     * #countOutLost()}. Not exact if several threads run into that at once.
     */
    int lost;

    /** Touched by the owner only. */
    private boolean bodyReleased;

    /**
     * Whether it is counted among its parent's members. Not if it is opened by code that the parent waits for anyway, which
     * leaves it first: most scopes are. Written before others know it.
     */
    private boolean counted;

    /** A scope with a body has that for its first, awaited, member. */
    ScopeState(Engine engine, @Nullable ScopeNode parent, String name, ScopeOptions options, boolean shared, long now) {
        super(engine, parent, name, options, shared, now);
        CONTROL.set(this, shared ? 0 : AWAITED_MEMBER);
    }

    /** Does what follows from a change. */
    abstract void react(Change change);

    /** Counts a new member in; false if the scope takes no more. */
    final boolean admit(boolean awaited) {
        for (; ; ) {
            long c = control;
            if ((c & ENDING) != 0 || (c & FINAL) != 0 && !isInside()) {
                return false;
            }
            if (CONTROL.compareAndSet(this, c, c + (awaited ? AWAITED_MEMBER : LIVE_MEMBER))) {
                return true;
            }
        }
    }

    /** As {@link #admit} for an awaited member, by the owner in its body, whom a cancellation stops elsewhere. */
    final boolean admitByOwner() {
        OwnerList own = Objects.requireNonNull(ofOwner, "ofOwner");
        int left = own.ahead();
        if (left == 0) {
            if (!tryAdd(COUNTED_AHEAD * AWAITED_MEMBER)) {
                return false;
            }
            left = COUNTED_AHEAD;
        }
        own.ahead(left - 1);
        return true;
    }

    /** Counts in one who cancels, so that the scope is not done before all have been told; false if it is done. */
    final boolean admitCanceller() {
        for (; ; ) {
            long c = control;
            if ((c & DONE) != 0) {
                return false;
            }
            if (CONTROL.compareAndSet(this, c, c + LIVE_MEMBER)) {
                return true;
            }
        }
    }

    /** From now on a live member is waited for; false if the scope is ending. */
    final boolean tryAddAwaited() {
        return tryAdd(AWAITED_MEMBER - LIVE_MEMBER);
    }

    /** Adds to the counts; false if the scope is ending. */
    private boolean tryAdd(long members) {
        for (; ; ) {
            long c = control;
            if ((c & ENDING) != 0) {
                return false;
            }
            if (CONTROL.compareAndSet(this, c, c + members)) {
                return true;
            }
        }
    }

    /** From now on a live member is not waited for. */
    final void releaseAwaited() {
        react(change(LIVE_MEMBER - AWAITED_MEMBER, 0));
    }

    /** Counts a member out, which may end the scope. */
    final void release(boolean awaited) {
        react(countOut(awaited));
    }

    /** As {@link #release}, where the caller reacts. */
    final Change countOut(boolean awaited) {
        return change(awaited ? -AWAITED_MEMBER : -LIVE_MEMBER, 0);
    }

    /** Counts out members that were lost. */
    final void countOutLost() {
        if (lost != 0) {
            int taken = (int) LOST.getAndSet(this, 0);
            for (int n = taken & LOST_MASK; n > 0; n--) {
                release(/* awaited= */ true);
            }
            for (int n = taken >>> LOST_BITS; n > 0; n--) {
                release(/* awaited= */ false);
            }
        }
    }

    /** The body has ended: it is no longer a member, and tasks come from inside only. */
    final void releaseBody() {
        if (bodyReleased) {
            return;
        }
        bodyReleased = true;
        int unused = ahead();
        if (ofOwner != null) {
            ofOwner.ahead(0);
        }
        react(change(-(1 + unused) * AWAITED_MEMBER, FINAL));
    }

    /** Tasks come from inside only. */
    final void beginFinal() {
        react(change(0, FINAL));
    }

    /** No more members at all. Whoever says so cancels those that are left. */
    final void beginEnding() {
        react(change(0, ENDING));
    }

    /** Those that are left are not waited for. */
    final void giveUp() {
        react(change(0, DONE));
    }

    private Change change(long delta, long flags) {
        long before;
        long after;
        do {
            before = control;
            after = before + delta | flags;
            if ((after & FINAL) != 0 && (after >> AWAITED_SHIFT & COUNT) == 0) {
                after |= ENDING;
            }
            if ((after & ENDING) != 0 && (after & COUNT) == 0) {
                after |= DONE;
            }
        } while (!CONTROL.compareAndSet(this, before, after));
        long raised = after & ~before & ~flags | flags & DONE & ~before;
        if ((raised & DONE) != 0) {
            return Change.DONE;
        }
        if ((raised & ENDING) != 0) {
            return Change.ONLY_BACKGROUND_LEFT;
        }
        boolean matters = (after & ENDING) != 0 || (after & COUNT) == 0;
        return delta != 0 && matters ? Change.MEMBER_LEFT : Change.NOTHING;
    }

    /** Live members other than the body, and what that has counted in ahead. */
    final int liveMembersBesideBody() {
        int live = liveMembers();
        return isEnded() ? live : live - 1 - ahead();
    }

    private int ahead() {
        return ofOwner != null ? ofOwner.ahead() : 0;
    }

    @Override
    final int liveMembers() {
        return (int) (control & COUNT);
    }

    final boolean isFinal() {
        return (control & FINAL) != 0;
    }

    final boolean isEnding() {
        return (control & ENDING) != 0;
    }

    final boolean isDone() {
        return (control & DONE) != 0;
    }

    // ---- as a member of the parent ----

    /** Makes this child a member of its parent, awaited if it is opened from outside; false if the parent takes none. */
    final boolean joinParent() {
        ScopeNode up = parent;
        if (up == null) {
            return engine.admit(this);
        }
        counted = shared || !up.isHeldByThisThread();
        boolean awaited = counted && !shared && !up.holdsThisThread();
        if (counted ? !up.admit(awaited) : up.isEnding()) {
            return false;
        }
        if (awaited) {
            tryBecomeAwaited();
        }
        try {
            up.enterChild(frameScope(), counted);
        } catch (VirtualMachineError e) {
            leaveParent();
            throw e;
        }
        return true;
    }

    /** From now on the parent waits for this child as for an awaited task, unless somebody's body holds it anyway. */
    final void becomeAwaited() {
        ScopeNode up = parent;
        if (shared && up != null && up.tryAddAwaited() && !tryBecomeAwaited()) {
            up.releaseAwaited();
        }
    }

    /** This scope has ended and is no member any more. Gives the parent if that is done by this. */
    @Nullable
    final ScopeNode leaveParent() {
        ScopeNode up = parent;
        if (up == null) {
            return null;
        }
        if (!counted) {
            if (up.isEnding()) {
                // What a straggler was in has ended: that one may be all that is left.
                Stragglers.giveUpIfOnlyStragglersAreLeft(up);
            }
            return null;
        }
        up.countedChildLeaves();
        Change change = up.countOut(becomeOut());
        if (change == Change.DONE) {
            return up;
        }
        up.react(change);
        return null;
    }

    final boolean isCounted() {
        return counted;
    }

    /** Its parent waits for it from now on; false if it did already, or the child is no member any more. */
    private boolean tryBecomeAwaited() {
        for (; ; ) {
            long c = control;
            if ((c & (AWAITED_CHILD | OUT)) != 0) {
                return false;
            }
            if (CONTROL.compareAndSet(this, c, c | AWAITED_CHILD)) {
                return true;
            }
        }
    }

    /** It is no member of its parent any more; gives whether that waited for it. */
    private boolean becomeOut() {
        return ((long) CONTROL.getAndBitwiseOr(this, OUT) & AWAITED_CHILD) != 0;
    }
}
