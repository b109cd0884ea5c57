// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeOptions;
import io.traio.internal.engine.ScopeWord.Change;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lifecycle state of a scope. Each transition is one compare-and-set on a {@link ScopeWord}, and returns what follows from
 * it, which the caller acts on.
 */
abstract class ScopeState extends ScopeRecord {

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

    private volatile long control;

    /**
     * Members that were counted in and then lost, out of stack or memory, awaited ones in the lower half: see {@link
     * #takeLost()}. Not exact if several threads run into that at once.
     */
    int lost;

    /**
     * Whether it is counted among its parent's members. Not if it is opened by code that the parent waits for anyway, which
     * leaves it first: most scopes are. Written before others know it.
     */
    private boolean counted;

    /** A scope with a body has that for its first member; a shared one its opening, until that is reported. */
    ScopeState(Engine engine, @Nullable ScopeNode parent, String name, ScopeOptions options, boolean shared, long now) {
        super(engine, parent, name, options, shared, now);
        CONTROL.set(this, ScopeWord.member(/* awaited= */ !shared));
    }

    // ---- members ----

    /** Counts a new member in; false if the scope takes no more. */
    final boolean admit(boolean awaited) {
        for (; ; ) {
            long c = control;
            if (ScopeWord.has(c, ScopeWord.ENDING) || ScopeWord.has(c, ScopeWord.FINAL) && !isInside()) {
                return false;
            }
            if (CONTROL.compareAndSet(this, c, c + ScopeWord.member(awaited))) {
                return true;
            }
        }
    }

    /** As {@link #admit} for an awaited member, by the owner in its body, whom a cancellation stops elsewhere. */
    final boolean admitByOwner() {
        OwnerList own = Objects.requireNonNull(ofOwner, "ofOwner");
        int left = own.ahead();
        if (left == 0) {
            if (!tryAdd(COUNTED_AHEAD * ScopeWord.AWAITED_MEMBER)) {
                return false;
            }
            left = COUNTED_AHEAD;
        }
        own.ahead(left - 1);
        return true;
    }

    /** Counts in a canceller, so that the scope is not done before all have been told; false if it is done. */
    final boolean admitCanceller() {
        for (; ; ) {
            long c = control;
            if (ScopeWord.has(c, ScopeWord.DONE)) {
                return false;
            }
            if (CONTROL.compareAndSet(this, c, c + ScopeWord.LIVE_MEMBER)) {
                return true;
            }
        }
    }

    /** Adds to the counts; false if the scope is ending. */
    private boolean tryAdd(long members) {
        for (; ; ) {
            long c = control;
            if (ScopeWord.has(c, ScopeWord.ENDING)) {
                return false;
            }
            if (CONTROL.compareAndSet(this, c, c + members)) {
                return true;
            }
        }
    }

    /** From now on a live member is waited for; false if the scope is ending. */
    final boolean tryAddAwaited() {
        return tryAdd(ScopeWord.AWAITED_MEMBER - ScopeWord.LIVE_MEMBER);
    }

    /** From now on a live member is not waited for. */
    final Change releaseAwaited() {
        return change(ScopeWord.LIVE_MEMBER - ScopeWord.AWAITED_MEMBER, 0);
    }

    /** Counts a member out, which may end the scope. */
    final Change countOut(boolean awaited) {
        return change(-ScopeWord.member(awaited), 0);
    }

    /** Takes the members that were counted in and then lost: see {@link #lostAwaited}, {@link #lostBackground}. */
    final int takeLost() {
        return lost != 0 ? (int) LOST.getAndSet(this, 0) : 0;
    }

    static int lostAwaited(int lost) {
        return lost & LOST_MASK;
    }

    static int lostBackground(int lost) {
        return lost >>> LOST_BITS;
    }

    /** The body has ended, or was forgotten: it is no longer a member, and tasks come from inside only. Idempotent. */
    final Change releaseBody() {
        if (ScopeWord.has((long) CONTROL.getAndBitwiseOr(this, ScopeWord.BODY_OUT), ScopeWord.BODY_OUT)) {
            return Change.NOTHING;
        }
        int unused = ahead();
        if (ofOwner != null) {
            ofOwner.ahead(0);
        }
        return change(-(1 + unused) * ScopeWord.AWAITED_MEMBER, ScopeWord.FINAL);
    }

    /** Tasks come from inside only. */
    final Change beginFinal() {
        return change(0, ScopeWord.FINAL);
    }

    /** No more members at all. The canceller, who is counted in, cancels those that are left. */
    final void beginEnding() {
        change(0, ScopeWord.ENDING);
    }

    /** Those that are left are not waited for. */
    final Change giveUp() {
        return change(0, ScopeWord.DONE);
    }

    private Change change(long delta, long flags) {
        long before;
        long after;
        do {
            before = control;
            after = ScopeWord.after(before, delta, flags);
        } while (!CONTROL.compareAndSet(this, before, after));
        return ScopeWord.change(before, after, flags);
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
        return ScopeWord.live(control);
    }

    final boolean isFinal() {
        return ScopeWord.has(control, ScopeWord.FINAL);
    }

    final boolean isEnding() {
        return ScopeWord.has(control, ScopeWord.ENDING);
    }

    final boolean isDone() {
        return ScopeWord.has(control, ScopeWord.DONE);
    }

    // ---- as a member of the parent ----

    /** Counts this child in with its parent, awaited if it is opened from outside; false if the parent takes none. */
    final boolean enterParent(ScopeNode up) {
        counted = shared || !up.isHeldByThisThread();
        boolean awaited = counted && !shared && !up.holdsThisThread();
        if (counted ? !up.admit(awaited) : up.isEnding()) {
            // What is shielded may be opened while its parent ends, which then waits for it.
            return isShield() && up.isEnding() && (!counted || up.admitCanceller());
        }
        if (awaited) {
            tryBecomeAwaited();
        }
        return true;
    }

    /** From now on the parent waits for this child as for an awaited task; what follows if it already has let go. */
    final Change becomeAwaited(ScopeNode up) {
        return up.tryAddAwaited() && !tryBecomeAwaited() ? up.releaseAwaited() : Change.NOTHING;
    }

    /** This scope, which is counted, is no member of its parent any more. */
    final Change leave(ScopeNode up) {
        up.countedChildLeaves();
        boolean awaited = ScopeWord.has((long) CONTROL.getAndBitwiseOr(this, ScopeWord.OUT), ScopeWord.AWAITED_CHILD);
        return up.countOut(awaited);
    }

    final boolean isCounted() {
        return counted;
    }

    /** Its parent waits for it from now on; false if it did already, or the child is no member any more. */
    private boolean tryBecomeAwaited() {
        for (; ; ) {
            long c = control;
            if (ScopeWord.has(c, ScopeWord.AWAITED_CHILD | ScopeWord.OUT)) {
                return false;
            }
            if (CONTROL.compareAndSet(this, c, c | ScopeWord.AWAITED_CHILD)) {
                return true;
            }
        }
    }
}
