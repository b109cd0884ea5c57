// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeOptions;
import java.lang.StackWalker.StackFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fields of a scope, second part: why it was cancelled, what failed in it, and what its exit throws. Enforces a memory
 * layout: they separate what each spawn reads from the word that each ending task writes.
 */
abstract class ScopeRecordFields extends ScopeTreeFields {

    final long openedAtNanos;

    /** Why it was cancelled; null if it was not. Written once, by {@link ScopeEnd}. */
    volatile @Nullable CancelCause cause;

    /** Waiting threads that are bound to the scope, for {@link BoundFrame}; null until there is one. */
    volatile @Nullable WaitList bound;

    /** Null until a running task is cancelled. */
    volatile @Nullable Stragglers stragglers;

    /** What {@link FlightEvents} began for it; null if no recording wanted it. */
    @Nullable
    Object flightEvent;

    /** What opened it, if it has to be closed by hand. Written once by that thread; a reader may come too early. */
    @Nullable
    StackFrame opening;

    /** The calls that led there. */
    @Nullable
    OpeningPlace openingCalls;

    /** Failures after the first; null until there is one. */
    volatile @Nullable Failures failures;

    volatile @Nullable Deadline deadline;

    /** Whether its waiters are being woken, or have been. */
    volatile boolean closed;

    /** What the exit throws; null if nothing. Plain: published by {@link #closed}. */
    @Nullable
    Throwable exitException;

    // The next six are used by the owner only.

    /** Whether its exit has begun: that waits, and runs code that must not wait for it. */
    boolean exiting;

    /** What joins, waits and exits have thrown to the owner, the latest last; null if nothing. */
    @Nullable
    List<Throwable> thrownToOwner;

    /** Whether the caller expects a value that was not there when the scope was cancelled. */
    boolean valueMissing;

    /** Whether an interrupt from outside was met in the body, or taken back with ours. */
    boolean interruptOwed;

    /** Whether the body has ended by an interrupt from outside: then not even a silent exit is silent. */
    boolean interruptMet;

    /** Whether the code in the body has met our interrupt. */
    boolean metByCode;

    /** Failed tasks whose failure no code has looked at; null until there is one. */
    volatile @Nullable UnseenFailures unseen;

    /** What is released when the scope is done, the last first; null if nothing. */
    volatile @Nullable Resources resources;

    ScopeRecordFields(
            Engine engine, @Nullable ScopeNode parent, String name, ScopeOptions options, boolean shared, long now) {
        super(engine, parent, name, options, shared);
        this.openedAtNanos = now;
    }
}
