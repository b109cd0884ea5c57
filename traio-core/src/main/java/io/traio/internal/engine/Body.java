// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The body of a scope: its end, and what the owner notes for the exit. Used by the owner only. */
final class Body {

    /** How much that was thrown to an owner is kept: an owner that catches what it joins may go on for ever. */
    private static final int MAX_THROWN = 8;

    private Body() {}

    /**
     * Ends the body: its code is not interrupted any more, and an interrupt of ours is taken back. Idempotent.
     *
     * @param interruption whether an {@link InterruptedException} leaves the body
     */
    static void end(ScopeNode scope, boolean interruption) {
        if (!scope.isCodeEnded()) {
            switch (InterruptAccount.settle(scope, Frame.SUCCEEDED, interruption)) {
                case OUTSIDE -> {
                    scope.interruptOwed = true;
                    scope.interruptMet = interruption;
                }
                case MET_BY_CODE -> scope.metByCode = true;
                case NOTHING -> {}
            }
        }
    }

    /** The body has ended by an interrupt from outside. */
    static void noteInterrupt(ScopeNode scope) {
        scope.interruptOwed = true;
        scope.interruptMet = true;
    }

    /** Notes what is thrown on this thread, if it is the owner. */
    static void noteThrown(ScopeNode scope, Throwable thrown) {
        if (scope.thread() == Thread.currentThread()) {
            List<Throwable> known = scope.thrownToOwner;
            if (known == null) {
                known = new ArrayList<>(1);
                scope.thrownToOwner = known;
            } else if (known.size() == MAX_THROWN) {
                known.remove(0);
            }
            known.add(thrown);
        }
    }

    /** Returns whether this was thrown to the owner, be it in one of traio's wrappers. */
    static boolean hasThrown(ScopeNode scope, Throwable thrown) {
        return anyThrown(scope, known -> Failures.unwrap(known) == Failures.unwrap(thrown));
    }

    /** Returns whether a part of what was thrown to the owner hangs on this, too. */
    static boolean overlapsThrown(ScopeNode scope, Throwable exitException) {
        return anyThrown(scope, known -> Throwables.overlap(Failures.unwrap(known), exitException));
    }

    /** Returns whether this hangs on what was thrown to the owner. */
    static boolean isPartOfThrown(ScopeNode scope, Throwable exitException) {
        return anyThrown(scope, known -> Throwables.isReachable(Failures.unwrap(exitException), known));
    }

    private static boolean anyThrown(ScopeNode scope, Predicate<Throwable> wanted) {
        List<Throwable> known = scope.thrownToOwner;
        return known != null && known.stream().anyMatch(wanted);
    }

    /** Notes what is thrown on this thread out of a frame, if that is nested in a body; a release comes after the body. */
    static void noteThrownOn(@Nullable Frame outer, Throwable thrown) {
        if (outer instanceof ScopeNode body && !body.isCodeEnded()) {
            noteThrown(body, thrown);
        }
    }
}
