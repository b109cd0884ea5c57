// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A member of a scope, that is a task or a child scope: a frame that has a name and an id, a place among the members, and
 * those who wait for its end.
 */
abstract class Node extends Frame {

    /** Flag: cancelled, overdue, and no longer waited for. */
    private static final int STRAGGLER = 1 << NODE_SHIFT;
    /** Flag: of a straggler or an abandoned task, that it became one or that it ended has been told. */
    private static final int TOLD = 1 << NODE_SHIFT + 1;
    /** Flag: a scope was opened in it. */
    private static final int HAS_OPENED_SCOPES = 1 << NODE_SHIFT + 2;
    /** Flag: of a scope, that its outcome was raised. */
    private static final int RAISED = 1 << NODE_SHIFT + 3;
    /** Flag: of a scope, that its failure was reported since nobody awaited it. */
    private static final int REPORTED = 1 << NODE_SHIFT + 4;

    private static final int CLAIM_SHIFT = NODE_SHIFT + 5;
    /** One claim on the outcome; the claims are counted in the bits from here on. */
    private static final int CLAIM = 1 << CLAIM_SHIFT;

    private static final VarHandle ID;
    private static final VarHandle WAITERS;
    private static final AtomicLong IDS = new AtomicLong();

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ID = lookup.findVarHandle(Node.class, "id", long.class);
            WAITERS = lookup.findVarHandle(Node.class, "waiters", WaitList.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final @Nullable String name;
    private volatile long id;

    /** Those who wait for this node to be dead; made when the first comes. */
    private volatile @Nullable WaitList waiters;

    Node(@Nullable String name, int claims) {
        super(claims * CLAIM);
        this.name = name;
    }

    /** Cancels this member because its scope ends or is cancelled. */
    abstract void cancelFromAbove();

    /** Whether it is no longer a member of its scope. */
    abstract boolean isDead();

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

    @Override
    final String label() {
        return kind() + " '" + Names.printable(name()) + "' (#" + id() + ")";
    }

    // ---- flags ----

    final boolean isStraggler() {
        return (bits() & STRAGGLER) != 0;
    }

    /** Marks a node that is being cancelled as a straggler; false if it has ended or is marked. */
    final boolean tryMarkStraggler() {
        for (; ; ) {
            int s = bits();
            if (phase(s) != CANCELLING || (s & STRAGGLER) != 0) {
                return false;
            }
            if (tryBits(s, s | STRAGGLER)) {
                return true;
            }
        }
    }

    /** Of the two who tell of a straggler, or an abandoned task, one of which is its own thread: whether this is the second. */
    final boolean isSecondToTell() {
        return (setFlags(TOLD) & TOLD) != 0;
    }

    /** A scope was opened in the code of this node, which has to be told when this one is cancelled. */
    final void hasOpenedScope() {
        if (!hasOpenedScopes()) {
            setFlags(HAS_OPENED_SCOPES);
        }
    }

    final boolean hasOpenedScopes() {
        return (bits() & HAS_OPENED_SCOPES) != 0;
    }

    final boolean isFirstToRaise() {
        return (setFlags(RAISED) & RAISED) == 0;
    }

    final boolean isRaised() {
        return (bits() & RAISED) != 0;
    }

    final boolean isFirstToReport() {
        return (setFlags(REPORTED) & REPORTED) == 0;
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
            int s = bits();
            if (phase(s) >= SUCCEEDED) {
                return false;
            }
            if (tryBits(s, s + delta)) {
                return true;
            }
        }
    }

    /** Whether anybody has taken over the error. */
    final boolean isClaimed() {
        return bits() >>> CLAIM_SHIFT != 0;
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
}
