// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

/**
 * The state of a scope as one number: how many members live (tasks, some child scopes, the body), how many of them are
 * awaited, and flags: how far the end has come, whether the body has been counted out, and what the scope is to its parent.
 * These functions are the transitions; {@link Admission} makes each of them one compare-and-set.
 *
 * <pre>
 * open with a body             live = awaited = 1, for the body; a shared scope: live = 1 until its opening is reported
 * spawn                        refused if ENDING, or if FINAL and the caller is not inside; else live + 1, awaited + 1
 *                              unless the task is a background task
 * a member ends                live - 1, awaited - 1 unless it is a background task
 * the body ends                live - 1, awaited - 1; FINAL
 * complete                     FINAL
 * awaited reaches 0 and FINAL  ENDING: what lives is cancelled
 * cancel, timeout, failure     ENDING
 * live reaches 0 and ENDING    DONE
 * only stragglers live         DONE
 * a canceller begins, ends     live + 1, live - 1: no end is reported before the cancellation
 * </pre>
 */
final class ScopeWord {

    /** What follows from a transition. */
    enum Change {
        NOTHING,
        /** A member of a scope that is ending, or the last one for now, was counted out or is not waited for any more. */
        MEMBER_OUT,
        /** The last awaited member was counted out and others live: once for each scope. */
        ONLY_BACKGROUND_LIVES,
        /** Nothing runs any more that is waited for: once for each scope. */
        DONE
    }

    /** Flag: its body has been counted out. */
    static final long BODY_OUT = 1L << 58;
    /** Flag: its parent waits for it. */
    static final long AWAITED_CHILD = 1L << 59;
    /** Flag: it has been a member of its parent. */
    static final long OUT = 1L << 60;
    /** Flag: no more tasks from outside. */
    static final long FINAL = 1L << 61;
    /** Flag: no more tasks at all; the live ones have been or are being cancelled. */
    static final long ENDING = 1L << 62;
    /** Flag: nothing runs that is waited for. */
    static final long DONE = 1L << 63;

    private static final int AWAITED_SHIFT = 29;
    private static final long COUNT = (1L << AWAITED_SHIFT) - 1;
    static final long LIVE_MEMBER = 1;
    static final long AWAITED_MEMBER = 1 + (1L << AWAITED_SHIFT);

    private ScopeWord() {}

    static int live(long word) {
        return (int) (word & COUNT);
    }

    static int awaited(long word) {
        return (int) (word >> AWAITED_SHIFT & COUNT);
    }

    static boolean has(long word, long flag) {
        return (word & flag) != 0;
    }

    static long member(boolean awaited) {
        return awaited ? AWAITED_MEMBER : LIVE_MEMBER;
    }

    /** The word after members were added or taken away and flags set, with the flags that follow. */
    static long after(long before, long delta, long flags) {
        long after = before + delta | flags;
        if (has(after, FINAL) && awaited(after) == 0) {
            after |= ENDING;
        }
        if (has(after, ENDING) && live(after) == 0) {
            after |= DONE;
        }
        return after;
    }

    /** Returns what follows from a transition: one of each kind for a scope, except that many members are counted out. */
    static Change change(long before, long after, long flags) {
        long raised = after & ~before;
        if (has(raised, DONE)) {
            return Change.DONE;
        }
        if (has(raised & ~flags, ENDING)) {
            return Change.ONLY_BACKGROUND_LIVES;
        }
        boolean fewer = live(after) < live(before) || awaited(after) < awaited(before);
        boolean matters = has(after, ENDING) || live(after) == 0;
        return fewer && matters ? Change.MEMBER_OUT : Change.NOTHING;
    }
}
