// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.internal.engine.ScopeWord.Change;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * Counts members of a scope in and out, and says who is admitted until when. Each transition is one compare-and-set on the
 * scope's {@link ScopeWord}, and returns what follows from it, which the caller acts on.
 */
final class Admission {

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
            CONTROL = lookup.findVarHandle(ScopeWordFields.class, "control", long.class);
            LOST = lookup.findVarHandle(ScopeWordFields.class, "lost", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Admission() {}

    // ---- counting in ----

    /** The first member of a new scope is its body, or, if it is shared, its opening until that is reported. */
    static void countInFirst(ScopeNode scope) {
        CONTROL.set(scope, ScopeWord.member(/* awaited= */ !scope.shared));
    }

    /** Counts a new member in; false if the scope takes no more. */
    static boolean admit(ScopeNode scope, boolean awaited) {
        for (; ; ) {
            long c = scope.control;
            if (ScopeWord.has(c, ScopeWord.ENDING)
                    || ScopeWord.has(c, ScopeWord.FINAL) && !ThisThread.isInside(scope)) {
                return false;
            }
            if (CONTROL.compareAndSet(scope, c, c + ScopeWord.member(awaited))) {
                return true;
            }
        }
    }

    /** As {@link #admit} for an awaited member, by the owner in its body, which looks for a cancellation itself. */
    static boolean admitByOwner(ScopeNode scope) {
        OwnerList own = Objects.requireNonNull(scope.ofOwner, "ofOwner");
        int ahead = own.ahead();
        if (ahead == 0) {
            if (!tryAdd(scope, COUNTED_AHEAD * ScopeWord.AWAITED_MEMBER)) {
                return false;
            }
            ahead = COUNTED_AHEAD;
        }
        own.ahead(ahead - 1);
        return true;
    }

    /** Counts in a canceller, so that the scope is not done before it has reached all; false if the scope is done. */
    static boolean admitCanceller(ScopeNode scope) {
        for (; ; ) {
            long c = scope.control;
            if (ScopeWord.has(c, ScopeWord.DONE)) {
                return false;
            }
            if (CONTROL.compareAndSet(scope, c, c + ScopeWord.LIVE_MEMBER)) {
                return true;
            }
        }
    }

    /** Adds to the counts; false if the scope is ending. */
    private static boolean tryAdd(ScopeNode scope, long members) {
        for (; ; ) {
            long c = scope.control;
            if (ScopeWord.has(c, ScopeWord.ENDING)) {
                return false;
            }
            if (CONTROL.compareAndSet(scope, c, c + members)) {
                return true;
            }
        }
    }

    // ---- counting out ----

    /** Counts a member out, which may end the scope. */
    static Change countOut(ScopeNode scope, boolean awaited) {
        return change(scope, -ScopeWord.member(awaited), 0);
    }

    /** Counts the body out, which has ended or was leaked: from now on tasks come from inside only. Idempotent. */
    static Change countOutBody(ScopeNode scope) {
        int unused = ahead(scope);
        long before;
        long after;
        long flags = ScopeWord.BODY_OUT | ScopeWord.FINAL;
        do {
            before = scope.control;
            if (ScopeWord.has(before, ScopeWord.BODY_OUT)) {
                return Change.NOTHING;
            }
            after = ScopeWord.after(before, -(1 + unused) * ScopeWord.AWAITED_MEMBER, flags);
        } while (!CONTROL.compareAndSet(scope, before, after));
        if (scope.ofOwner != null) {
            scope.ofOwner.ahead(0);
        }
        return ScopeWord.change(before, after, flags);
    }

    /** From now on a live member is not waited for. */
    static Change stopAwaiting(ScopeNode scope) {
        return change(scope, ScopeWord.LIVE_MEMBER - ScopeWord.AWAITED_MEMBER, 0);
    }

    /** Takes the members that were counted in and then lost: see {@link #lostAwaited}, {@link #lostBackground}. */
    static int takeLost(ScopeNode scope) {
        return scope.lost != 0 ? (int) LOST.getAndSet(scope, 0) : 0;
    }

    static int lostAwaited(int lost) {
        return lost & LOST_MASK;
    }

    static int lostBackground(int lost) {
        return lost >>> LOST_BITS;
    }

    /** Returns the number of live members other than the body and those that it has counted in ahead. */
    static int liveMembersBesideBody(ScopeNode scope) {
        int live = scope.liveMembers();
        return scope.isCodeEnded() ? live : live - 1 - ahead(scope);
    }

    private static int ahead(ScopeNode scope) {
        return scope.ofOwner != null ? scope.ofOwner.ahead() : 0;
    }

    // ---- closing the door ----

    /** From now on tasks come from inside only. */
    static Change beginFinal(ScopeNode scope) {
        return change(scope, 0, ScopeWord.FINAL);
    }

    /** No more members at all. The canceller, who is counted in, cancels those that live. */
    static void beginEnding(ScopeNode scope) {
        change(scope, 0, ScopeWord.ENDING);
    }

    /** The members that live are not waited for. */
    static Change giveUp(ScopeNode scope) {
        return change(scope, 0, ScopeWord.DONE);
    }

    private static Change change(ScopeNode scope, long delta, long flags) {
        long before;
        long after;
        do {
            before = scope.control;
            after = ScopeWord.after(before, delta, flags);
        } while (!CONTROL.compareAndSet(scope, before, after));
        return ScopeWord.change(before, after, flags);
    }

    // ---- a scope as a member of its parent ----

    /** Counts a child in with its parent, awaited if it is opened from outside; false if the parent takes none. */
    static boolean admitChild(ScopeNode child, ScopeNode parent) {
        child.counted = child.shared || !ThisThread.isInBodyOrLastingTaskOf(parent);
        boolean awaited = child.counted && !child.shared && !ThisThread.isAwaitedInside(parent);
        if (child.counted ? !admit(parent, awaited) : parent.isEnding()) {
            // What is shielded may be opened while its parent ends, which then waits for it.
            return child.isShield() && parent.isEnding() && (!child.counted || admitCanceller(parent));
        }
        if (awaited) {
            tryMarkAwaited(child);
        }
        return true;
    }

    /** From now on the parent waits for the child as for an awaited task; what follows if it was counted out already. */
    static Change awaitChild(ScopeNode child, ScopeNode parent) {
        boolean added = tryAdd(parent, ScopeWord.AWAITED_MEMBER - ScopeWord.LIVE_MEMBER);
        return added && !tryMarkAwaited(child) ? stopAwaiting(parent) : Change.NOTHING;
    }

    /** Counts a child out, which was counted in. */
    static Change countOutChild(ScopeNode child, ScopeNode parent) {
        Members.countedChildOut(parent);
        boolean awaited = ScopeWord.has((long) CONTROL.getAndBitwiseOr(child, ScopeWord.OUT), ScopeWord.AWAITED_CHILD);
        return countOut(parent, awaited);
    }

    /** The parent waits for the child from now on; false if it did already, or the child was counted out. */
    private static boolean tryMarkAwaited(ScopeNode child) {
        for (; ; ) {
            long c = child.control;
            if (ScopeWord.has(c, ScopeWord.AWAITED_CHILD | ScopeWord.OUT)) {
                return false;
            }
            if (CONTROL.compareAndSet(child, c, c | ScopeWord.AWAITED_CHILD)) {
                return true;
            }
        }
    }
}
