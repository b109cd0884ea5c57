// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.internal.Names;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A member of a scope, that is, a task or a child scope: a frame with a name, an id, and a list of waiters for its end. */
abstract class Node extends Frame {

    /** Flag: cancelled, overdue, and no longer waited for. */
    private static final int STRAGGLER = 1 << NODE_SHIFT;
    /** Flag of a task: overdue or abandoned, and listeners were notified of that or of its end. */
    private static final int REPORTED_ONCE = 1 << NODE_SHIFT + 1;

    /** Flag of a task: a scope was opened in it. Flag of a scope: its exit exception was thrown. */
    private static final int HAS_OPENED_SCOPES = 1 << NODE_SHIFT + 2;

    private static final int THROWN = HAS_OPENED_SCOPES;
    /** Flag of a task: its outcome was asked for. Flag of a scope: its failure was reported as unobserved. */
    private static final int LOOKED_AT = 1 << NODE_SHIFT + 3;

    private static final int REPORTED = LOOKED_AT;
    /** Flag of a task: it has a callback. Flag of a scope: listeners know that it was opened. */
    private static final int HAS_CALLBACK = 1 << NODE_SHIFT + 4;

    static final int OPENING_REPORTED = HAS_CALLBACK;
    /** Flag of a scope: it was cancelled, which listeners are to be notified of after its opening. */
    static final int CANCEL_DUE = 1 << NODE_SHIFT + 5;

    /** Flag of a task with a callback: listeners were notified of its end, now callbacks are. */
    private static final int CALLBACKS_RUN = CANCEL_DUE;

    /**
     * Flag of a task: {@code start} waits for it, and it has not said that it is ready. Flag of a scope: it is a {@link
     * Shield}.
     */
    static final int STARTING = 1 << NODE_SHIFT + 6;

    static final int SHIELD = STARTING;

    private static final int CLAIM_SHIFT = NODE_SHIFT + 7;
    /** One claim on the outcome; the claims are counted in the bits from here on. */
    static final int CLAIM = 1 << CLAIM_SHIFT;
    /** As many as can be counted: a node that has had so many at once stays claimed. */
    private static final int MAX_CLAIMS = -1 >>> CLAIM_SHIFT;

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

    /** Waiters, callbacks and hooks; null until there is one. */
    private volatile @Nullable WaitList waiters;

    Node(@Nullable String name, int initialState) {
        super(initialState);
        this.name = name;
    }

    /** Cancels this member because its scope ends or is cancelled. */
    abstract void cancelFromAbove();

    /** Returns whether it is still a member of its scope. */
    abstract boolean isLive();

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
        return hasFlag(STRAGGLER);
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

    /**
     * Of the two threads that report a straggler or an abandoned task, its own and the one that found it overdue or
     * cancelled it: whether this is the second.
     */
    final boolean isSecondToReport() {
        return (setFlags(REPORTED_ONCE) & REPORTED_ONCE) != 0;
    }

    /** Notes that a scope was opened in the code of this node, which has to be cancelled with it. */
    final void hasOpenedScope() {
        if (!hasOpenedScopes()) {
            setFlags(HAS_OPENED_SCOPES);
        }
    }

    final boolean hasOpenedScopes() {
        return hasFlag(HAS_OPENED_SCOPES);
    }

    final boolean isFirstToThrow() {
        return (setFlags(THROWN) & THROWN) == 0;
    }

    final boolean isThrown() {
        return hasFlag(THROWN);
    }

    final void lookedAt() {
        if (!hasFlag(LOOKED_AT)) {
            setFlags(LOOKED_AT);
        }
    }

    /** Notes a look at the outcome, unless it may be a listener's. */
    final void lookedAtByCallback() {
        if (hasFlag(CALLBACKS_RUN)) {
            lookedAt();
        }
    }

    final void callbacksRun() {
        setFlags(CALLBACKS_RUN);
    }

    final boolean isLookedAt() {
        return hasFlag(LOOKED_AT);
    }

    final boolean hasCallback() {
        return hasFlag(HAS_CALLBACK);
    }

    /** Notes that a callback takes the failure over, unless the node has ended. */
    final boolean addCallback() {
        for (; ; ) {
            int s = bits();
            if (phase(s) >= SUCCEEDED) {
                return false;
            }
            if (tryBits(s, s | HAS_CALLBACK)) {
                return true;
            }
        }
    }

    final boolean isFirstToReport() {
        return (setFlags(REPORTED) & REPORTED) == 0;
    }

    // ---- a task that is started ----

    /** Returns whether {@code start} waits for this task; stays so if it ends without being ready. */
    final boolean isStarting() {
        return hasFlag(STARTING);
    }

    /** The task is ready; false if it was cancelled or has ended. */
    final boolean tryReady() {
        for (; ; ) {
            int s = bits();
            if (phase(s) != RUNNING || isCancelAnnounced(s)) {
                return false;
            }
            if (tryBits(s, s & ~STARTING)) {
                return true;
            }
        }
    }

    /** The task is to be cancelled unless it is ready or has ended, and then this is false. */
    final boolean tryGiveUpStart() {
        for (; ; ) {
            int s = bits();
            if ((s & STARTING) == 0 || phase(s) >= SUCCEEDED) {
                return false;
            }
            if (tryBits(s, announced(s))) {
                return true;
            }
        }
    }

    // ---- claims ----

    /** Takes over the failure of a node that has not ended; false if it has. */
    final boolean claim() {
        return addClaims(CLAIM);
    }

    /** Hands the failure back; false if the node has ended, and the outcome is the caller's. */
    final boolean unclaim() {
        return addClaims(-CLAIM);
    }

    private boolean addClaims(int delta) {
        for (; ; ) {
            int s = bits();
            if (phase(s) >= SUCCEEDED) {
                return false;
            }
            if (s >>> CLAIM_SHIFT == MAX_CLAIMS || tryBits(s, s + delta)) {
                return true;
            }
        }
    }

    /** Returns whether a waiter has taken the failure over. */
    final boolean isClaimed() {
        return bits() >>> CLAIM_SHIFT != 0;
    }

    // ---- hooks ----

    /** Has a hook called when this node is cancelled; it is dropped when this node is no longer live. */
    final void addHook(WaitList.Hook hook) {
        waiters().add(hook);
    }

    /** This node was cancelled: calls the hooks, which hand what they do to other threads. */
    final void callHooks() {
        WaitList list = waiters;
        if (list != null) {
            list.callHooks();
        }
    }

    /** This thread leaves a frame: the hooks that were registered in it end. */
    final void endHooks(Frame frame) {
        WaitList list = waiters;
        if (list != null) {
            list.endHooks(frame);
        }
    }

    // ---- waiters ----

    /** Has an action called when this node is no longer live; false if it is not, and the action will not be called. */
    final boolean onEnd(Runnable action) {
        WaitList list = waiters();
        // The thread that ends the node first publishes that and then looks for waiters; here it is the other way
        // round.
        return list.add(action) && (isLive() || !list.remove(action));
    }

    private WaitList waiters() {
        WaitList list = waiters;
        if (list == null) {
            WaitList fresh = new WaitList();
            list = (WaitList) WAITERS.compareAndExchange(this, null, fresh);
            list = list != null ? list : fresh;
        }
        return list;
    }

    final void removeWaiter(Runnable action) {
        WaitList list = waiters;
        if (list != null) {
            list.remove(action);
        }
    }

    /** Has the waiters look again; callbacks are not run. */
    final void wakeThreads() {
        WaitList list = waiters;
        if (list != null) {
            list.wakeThreads();
        }
    }

    /** Passes on the threads that wait for this node. */
    final void forEachWaiter(Consumer<WaitList.Wake> consumer) {
        WaitList list = waiters;
        if (list != null) {
            list.forEachThread(consumer);
        }
    }

    /** Wakes the waiters and runs the callbacks. Called once the node is no longer live for all threads. */
    final void wakeWaiters() {
        WaitList list = waiters;
        if (list != null) {
            list.fire();
        }
    }
}
