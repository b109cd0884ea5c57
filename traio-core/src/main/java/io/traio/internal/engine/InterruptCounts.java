// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What {@link InterruptAccount} counts for a thread, in one word of its outermost frame: how many interrupts of ours were
 * sent, how many of them the thread has met, both modulo 2^15, and whether it is in a wait of the engine.
 */
final class InterruptCounts {

    /** Written by the thread itself. */
    private static final int WAITING = 1;
    /** One that the thread has met; counted by that thread. */
    private static final int MET_SHIFT = 1;
    /** One that was sent; counted by cancellers. */
    private static final int SENT_SHIFT = 16;

    private static final int COUNT = 0x7FFF;

    private static final VarHandle ACCOUNT;

    static {
        try {
            ACCOUNT = MethodHandles.lookup().findVarHandle(Frame.class, "account", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private InterruptCounts() {}

    static boolean isWaiting(int account) {
        return (account & WAITING) != 0;
    }

    /** How many the thread has not met. */
    static int unmet(int account) {
        return (account >>> SENT_SHIFT) - (account >>> MET_SHIFT) & COUNT;
    }

    /** How many were sent. */
    static int sent(Frame outermost) {
        return outermost.account >>> SENT_SHIFT & COUNT;
    }

    /** Counts one that is about to be sent, unless the account is another one by now. */
    static boolean trySent(Frame outermost, int seen) {
        return ACCOUNT.compareAndSet(outermost, seen, seen + (1 << SENT_SHIFT));
    }

    /** Counts one that is about to be sent; returns the account before. */
    static int sentOne(Frame outermost) {
        return (int) ACCOUNT.getAndAdd(outermost, 1 << SENT_SHIFT);
    }

    /** Notes that this thread has met as many of ours as had been sent; returns how many of them it had not met. */
    static int met(Frame outermost, int sent) {
        for (; ; ) {
            int seen = outermost.account;
            int unmet = sent - (seen >>> MET_SHIFT) & COUNT;
            int next = seen & ~(COUNT << MET_SHIFT) | sent << MET_SHIFT;
            if (unmet == 0 || ACCOUNT.compareAndSet(outermost, seen, next)) {
                return unmet;
            }
        }
    }

    /** Notes whether this thread is in a wait of the engine. */
    static void waiting(Frame outermost, boolean waits) {
        int seen;
        do {
            seen = outermost.account;
        } while (!ACCOUNT.compareAndSet(outermost, seen, waits ? seen | WAITING : seen & ~WAITING));
    }
}
