// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeOptions;
import io.traio.spi.CancelReason;
import java.lang.StackWalker.StackFrame;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** What is noted of a scope while it lives: why it was cancelled, what failed in it, what its exit throws. */
abstract class ScopeRecord extends ScopeMembers {

    private static final VarHandle END;
    private static final VarHandle FAILURES;
    private static final VarHandle DEADLINE;
    private static final VarHandle BOUND;
    private static final VarHandle STRAGGLERS;
    private static final VarHandle UNSEEN;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            END = lookup.findVarHandle(ScopeRecord.class, "end", EndCause.class);
            FAILURES = lookup.findVarHandle(ScopeRecord.class, "failures", Failures.class);
            BOUND = lookup.findVarHandle(ScopeRecord.class, "bound", WaitList.class);
            STRAGGLERS = lookup.findVarHandle(ScopeRecord.class, "stragglers", Stragglers.class);
            UNSEEN = lookup.findVarHandle(ScopeRecord.class, "unseen", UnseenFailures.class);
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

    /** What opened it, if it has to be closed by hand. Written once by that thread; a reader may come too early. */
    @Nullable
    StackFrame opening;

    /** The calls that led there. */
    @Nullable
    OpeningPlace openingCalls;

    /** Whether its owner has left without closing it, which has been reported. It is no longer current anywhere. */
    private volatile boolean forgotten;

    private volatile @Nullable Failures failures;
    private volatile @Nullable Deadline deadline;

    private volatile boolean dead;

    /** What the exit throws. Plain: published by {@link #dead}. */
    private @Nullable Throwable outcome;

    /** What a join or a wait has thrown to the owner last. Touched by the owner only. */
    private @Nullable Throwable thrownToOwner;

    /** Whether the caller expects a value that was not there when the scope was cancelled. Touched by the owner only. */
    private boolean valueMissing;

    /** See {@link #isInterruptOwed()}. Touched by the owner only. */
    private boolean interruptOwed;

    private boolean interruptMet;

    /** Whether the code in the body has met our interrupt. Touched by the owner only. */
    private boolean metByCode;

    /** Whether an interrupt of ours that an inner scope has sent may be on its way through the body. By the owner only. */
    private boolean oursPassesThrough;

    private volatile @Nullable UnseenFailures unseen;

    /** What is released when the scope is done, the last first; belongs to {@link Resources}. */
    volatile @Nullable Resources resources;

    ScopeRecord(
            Engine engine, @Nullable ScopeNode parent, String name, ScopeOptions options, boolean shared, long now) {
        super(engine, parent, name, options, shared);
        this.openedAtNanos = now;
    }

    /** Whether those who wait are being woken, or have been. */
    @Override
    boolean isDead() {
        return dead;
    }

    /** Wakes those who wait. */
    void die() {
        dead = true;
        wakeWaiters();
    }

    boolean isForgotten() {
        return forgotten;
    }

    /** Notes that the owner has left without closing it; false if that was known. */
    boolean forget() {
        boolean first = !forgotten;
        forgotten = true;
        return first;
    }

    // ---- the end ----

    boolean tryEnd(EndCause cause) {
        return END.compareAndSet(this, null, cause);
    }

    @Nullable
    EndCause end() {
        return end;
    }

    /** Why this scope was cancelled, or the one above with which it was; null if it was not. */
    @Nullable
    EndCause rootCause() {
        EndCause cause = end;
        for (ScopeNode up = parent;
                cause != null && cause.reason() == CancelReason.PARENT && up != null;
                up = up.parent) {
            EndCause above = up.end();
            if (above == null) {
                break;
            }
            cause = above;
        }
        return cause;
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

    /** Keeps the failures that hang on the news of a cancellation, which itself is swallowed. */
    void adoptSuppressed(Throwable news) {
        for (Throwable suppressed : news.getSuppressed()) {
            if (!(suppressed instanceof WaitedAt) && !engine.isSignal(suppressed)) {
                if (isDead()) {
                    engine.observers.failureNotThrown((ScopeNode) this, suppressed);
                } else {
                    failures().add(suppressed);
                }
            }
        }
    }

    /** Failed tasks that nobody has looked at; made when the first comes. */
    UnseenFailures unseen() {
        UnseenFailures known = unseen;
        if (known == null) {
            UnseenFailures fresh = new UnseenFailures();
            known = (UnseenFailures) UNSEEN.compareAndExchange(this, null, fresh);
            known = known != null ? known : fresh;
        }
        return known;
    }

    @Nullable
    UnseenFailures unseenIfAny() {
        return unseen;
    }

    /**
     * The owner's code is no longer to be interrupted; what was, is taken back. Idempotent.
     *
     * @param interruption whether an {@link InterruptedException} leaves the body
     */
    void endBody(boolean interruption) {
        if (!isEnded()) {
            switch (InterruptAccount.settle(this, SUCCEEDED, interruption)) {
                case OUTSIDE -> {
                    interruptOwed = true;
                    interruptMet = interruption;
                }
                case MET_BY_CODE -> metByCode = true;
                case NOTHING -> {}
            }
        }
    }

    boolean isMetByCode() {
        return metByCode;
    }

    /** An {@link InterruptedException} that leaves the body may be that of an inner scope, left by its close. */
    void oursPassesThrough() {
        oursPassesThrough = true;
    }

    boolean mayOursPassThrough() {
        return oursPassesThrough;
    }

    /** Whether an interrupt from outside was met in the body, or taken back with ours. */
    boolean isInterruptOwed() {
        return interruptOwed;
    }

    void interruptWasMet() {
        interruptOwed = true;
        interruptMet = true;
    }

    /** Whether the body has left by an interrupt from outside: then not even a silent exit is silent. */
    boolean isInterruptMet() {
        return interruptMet;
    }

    Stragglers stragglers() {
        Stragglers known = stragglers;
        if (known == null) {
            Stragglers fresh = new Stragglers((ScopeNode) this);
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

    /** Something is thrown on this thread: the owner remembers what. */
    void thrownToOwner(Throwable thrown) {
        if (thread() == Thread.currentThread()) {
            thrownToOwner = thrown;
        }
    }

    /** Whether this was thrown to the owner last, be it in one of traio's wrappers. */
    boolean hasThrownToOwner(Throwable thrown) {
        Throwable last = thrownToOwner;
        return last != null && Failures.unwrap(last) == Failures.unwrap(thrown);
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
