// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.Frame.Owed;
import java.lang.StackWalker.StackFrame;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** What is noted of a scope while it lives: why it was cancelled, what went wrong in it, who waits, what it raises. */
abstract class ScopeRecord extends ScopeMembers {

    private static final VarHandle END;
    private static final VarHandle FAILURES;
    private static final VarHandle DEADLINE;
    private static final VarHandle BOUND;
    private static final VarHandle STRAGGLERS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            END = lookup.findVarHandle(ScopeRecord.class, "end", EndCause.class);
            FAILURES = lookup.findVarHandle(ScopeRecord.class, "failures", Failures.class);
            BOUND = lookup.findVarHandle(ScopeRecord.class, "bound", WaitList.class);
            STRAGGLERS = lookup.findVarHandle(ScopeRecord.class, "stragglers", Stragglers.class);
            DEADLINE = lookup.findVarHandle(ScopeRecord.class, "deadline", Deadline.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final long openedAtNanos;

    private volatile @Nullable EndCause end;

    /**
     * Threads bound to this scope that wait: nothing interrupts them, so they are woken when it is cancelled. Made when
     * the first waits.
     */
    private volatile @Nullable WaitList bound;

    /** Made when the first running task is cancelled. */
    private volatile @Nullable Stragglers stragglers;

    /** What {@link FlightEvents} began for it; null if no recording wanted it. */
    @Nullable
    Object flightEvent;

    /** Who opened it, if it has to be closed by hand. Written once by that thread; who reads it may come too early. */
    @Nullable
    StackFrame opening;

    private volatile @Nullable Failures failures;
    private volatile @Nullable Deadline deadline;

    private volatile boolean dead;

    /** What the exit raises. Plain: published by {@link #dead}. */
    private @Nullable Throwable outcome;

    /** The failure that a join has thrown to the owner last. Touched by the owner only. */
    private @Nullable Throwable raisedToOwner;

    /** Whether the caller expects a value that was not there when the scope was cancelled. Touched by the owner only. */
    private boolean valueMissing;

    /** See {@link #owed()}. Touched by the owner only. */
    private Owed owed = Owed.NOTHING;

    ScopeRecord(
            Engine engine, @Nullable ScopeNode parent, String name, ScopeOptions options, boolean shared, long now) {
        super(engine, parent, name, options, shared);
        this.openedAtNanos = now;
    }

    /** Whether the end has been told to all who wait. */
    @Override
    boolean isDead() {
        return dead;
    }

    /** Tells all who wait. */
    void die() {
        dead = true;
        tellWaiters();
    }

    // ---- the end ----

    boolean tryEnd(EndCause cause) {
        return END.compareAndSet(this, null, cause);
    }

    @Nullable
    EndCause end() {
        return end;
    }

    /** When it was cancelled: now, if it ends by itself. */
    long endedAtNanos() {
        EndCause cause = end;
        return cause != null ? cause.atNanos() : engine.nanoTime();
    }

    /** The failures after the first, made when the first of them is to be added. */
    Failures failures() {
        Failures known = failures;
        if (known == null) {
            Failures fresh = new Failures();
            known = (Failures) FAILURES.compareAndExchange(this, null, fresh);
            known = known != null ? known : fresh;
        }
        return known;
    }

    @Nullable
    Failures failuresIfAny() {
        return failures;
    }

    /** Saves the failures that hang on the news of a cancellation, which itself is swallowed. */
    void adoptSuppressed(Throwable signal) {
        for (Throwable suppressed : signal.getSuppressed()) {
            if (!(suppressed instanceof RaisedAt)) {
                failures().add(suppressed);
            }
        }
    }

    /** The owner's code is no longer to be interrupted; what was, is taken back. Doing it twice changes nothing. */
    void endBody() {
        if (!isEnded()) {
            owed = settle(SUCCEEDED);
        }
    }

    /** Whose interrupt the end of the body took back with its own. */
    Owed owed() {
        return owed;
    }

    Stragglers stragglers() {
        Stragglers known = stragglers;
        if (known == null) {
            Stragglers fresh = new Stragglers(frameScope());
            known = (Stragglers) STRAGGLERS.compareAndExchange(this, null, fresh);
            known = known != null ? known : fresh;
        }
        return known;
    }

    @Nullable
    Stragglers stragglersIfAny() {
        return stragglers;
    }

    /** A thread that is bound to this scope waits. */
    void bind(Runnable wake) {
        WaitList list = bound;
        if (list == null) {
            WaitList fresh = new WaitList();
            list = (WaitList) BOUND.compareAndExchange(this, null, fresh);
            list = list != null ? list : fresh;
        }
        list.add(wake);
    }

    void unbind(Runnable wake) {
        WaitList list = bound;
        if (list != null) {
            list.remove(wake);
        }
    }

    void wakeBound() {
        WaitList list = bound;
        if (list != null) {
            list.wakeAll();
        }
    }

    /** The failure of a task is thrown on this thread. */
    void raisedBy(Throwable failure) {
        if (thread() == Thread.currentThread()) {
            raisedToOwner = failure;
        }
    }

    boolean hasRaisedToOwner(Throwable failure) {
        return raisedToOwner == failure;
    }

    boolean isValueMissing() {
        return valueMissing;
    }

    void valueIsMissing() {
        valueMissing = true;
    }

    @Nullable
    Throwable outcome() {
        return outcome;
    }

    void outcome(@Nullable Throwable thrown) {
        outcome = thrown;
    }

    @Nullable
    Deadline deadline() {
        return deadline;
    }

    @Nullable
    Deadline swapDeadline(@Nullable Deadline fresh) {
        return (Deadline) DEADLINE.getAndSet(this, fresh);
    }
}
