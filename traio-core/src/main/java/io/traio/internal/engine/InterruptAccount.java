// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Keeps account of whose interrupt is whose. A thread has one interrupt flag, and several frames may be nested on it, each
 * of which can be cancelled; besides, code outside of the engine may interrupt the thread. The rules:
 *
 * <ol>
 *   <li><b>Cancelled code stays cancelled.</b> A cancelled frame is <i>notified</i> once its own code can see that: the flag
 *       was set while the frame was the innermost one, or an exit or a wait threw the signal at it. When a frame is left and
 *       the one around it is cancelled and not notified, the exit either throws the signal as its primary exception, or the
 *       flag is set again.
 *   <li><b>Ours never leave.</b> When a frame ends, the flag that its canceller has set is cleared.
 *   <li><b>Theirs stay, as far as they can be told apart.</b> The outermost frame counts the interrupts that cancellers have
 *       sent to its thread, and those that the thread has met. A flag that is found while all are met came from outside, and is
 *       set again when the frame ends. So is one that was set before the first of ours, one that is found together with an
 *       {@link InterruptedException} that has left the code, if only one of ours was sent (who throws it has cleared the flag),
 *       and one that a wait of the engine has met.
 *   <li><b>In a wait of the engine all of this is exact.</b> A canceller that finds the thread there wakes it without an
 *       interrupt, and leaves a note in the frame. So a flag that is found in a wait came from outside. If the wait then
 *       does not throw the signal, its thread sets the flag itself.
 *   <li><b>A shield defers.</b> While the thread is in a {@link Shield}, the frames around that cannot be notified: their
 *       cancellers neither interrupt nor wake the thread, a flag of ours that was set before is taken back, and no look
 *       from inside goes beyond the shield. When the shield is left, rule 1 does the rest. While the frame has {@link
 *       HeldInterrupts}, its cancellers leave a note as if the thread waited.
 * </ol>
 *
 * <p>What cannot be told apart: an interrupt from outside that comes while ours is pending in the flag, since there is one
 * bit; and one that comes after code of the application has met ours and has thrown nothing.
 *
 * <p>A canceller writes INTERRUPTING, then reads whether the thread waits; the thread writes that it no longer waits, then
 * reads the phase. So either the canceller interrupts, or the thread finds the note.
 */
final class InterruptAccount {

    /** Whose interrupt flag a thread has taken. */
    enum Taken {
        NOTHING,
        OURS,
        OUTSIDE
    }

    /** What was found when a frame ended. */
    enum Settled {
        NOTHING,
        /** The code has met our interrupt, by an exception that may still be on its way. */
        MET_BY_CODE,
        /** An interrupt from outside is owed to this thread, see {@link #left}. */
        OUTSIDE
    }

    private InterruptAccount() {}

    // ---- the canceller ----

    /** Interrupts or wakes the thread of a running frame; false if no thread is in, or that was done before. */
    static boolean cancel(Frame frame) {
        return cancel(frame, Frame.CANCELLING);
    }

    /** Interrupts the thread and ends the frame without it; false if no thread is in, or that was done before. */
    static boolean abandon(Frame frame) {
        return cancel(frame, Frame.CANCELLED | Frame.ABANDONED);
    }

    private static boolean cancel(Frame frame, int then) {
        if (!frame.tryMove(Frame.RUNNING, Frame.INTERRUPTING)) {
            return false;
        }
        Thread target = frame.awaitThread();
        delivered(frame, target, then | deliver(frame, target));
        return true;
    }

    /** Interrupts or wakes the thread of a frame that is INTERRUPTING, unless it is not to know. Returns flags. */
    private static int deliver(Frame frame, Thread target) {
        if (!frame.interruptible()) {
            return Frame.NOTIFIED;
        }
        if (frame.hasFlag(Frame.IN_SHIELD)) {
            return 0;
        }
        return frame.hasFlag(Frame.HELD) ? Frame.UNSENT : send(frame.outermost(), target);
    }

    /** Interrupts cancelled code once more that has met its interrupt and runs on; false if that is not so. */
    static boolean sendAgain(Frame frame) {
        Thread target = frame.thread();
        if (target == null
                || !frame.interruptible()
                || frame.hasFlag(Frame.KEPT_FROM_KNOWING)
                || isWaiting(frame)
                || isInterrupted(target)
                || !frame.tryMove(Frame.CANCELLING, Frame.INTERRUPTING)) {
            return false;
        }
        delivered(frame, target, Frame.CANCELLING | deliver(frame, target));
        return true;
    }

    /** Sends the interrupt that is owed to cancelled code; false if none is, or the code has ended. */
    static boolean sendOwed(Frame frame) {
        if (!frame.hasFlag(Frame.UNSENT) || !frame.tryMove(Frame.CANCELLING, Frame.INTERRUPTING)) {
            return false;
        }
        Thread target = frame.awaitThread();
        // Who clears the note sends: this thread, or that of the frame.
        boolean owed = (frame.clearFlags(Frame.UNSENT) & Frame.UNSENT) != 0;
        delivered(frame, target, Frame.CANCELLING | (owed ? deliver(frame, target) : 0));
        return owed;
    }

    /** The canceller of a frame that is INTERRUPTING has done its work, and moves it on. */
    private static void delivered(Frame frame, Thread target, int flags) {
        int s;
        do {
            s = frame.bits();
        } while (!frame.tryBits(s, Frame.withPhase(s, 0) | flags));
        if ((flags & (Frame.UNSENT | Frame.NOTIFIED)) != 0) {
            // Not before: who is woken looks for the note.
            LockSupport.unpark(target);
        }
    }

    private static int send(Frame outermost, Thread target) {
        for (; ; ) {
            int before = outermost.account;
            if (InterruptCounts.isWaiting(before)) {
                return Frame.UNSENT;
            }
            boolean pending = isInterrupted(target);
            if (pending && InterruptCounts.unmet(before) != 0 && target == Thread.currentThread()) {
                // It has not met the last one: this one would add nothing to the flag.
                return 0;
            }
            if (InterruptCounts.trySent(outermost, before)) {
                interrupt(target);
                return pending && InterruptCounts.unmet(before) == 0 ? Frame.OUTSIDE : 0;
            }
        }
    }

    private static boolean isInterrupted(Thread target) {
        try {
            return target.isInterrupted();
        } catch (Throwable broken) {
            return false;
        }
    }

    /** The thread may be one of the application's, whose {@code interrupt} throws. That it was called has to do. */
    private static void interrupt(Thread target) {
        try {
            target.interrupt();
        } catch (Throwable e) {
            Log.write(
                    LoggerFactory.getLogger(InterruptAccount.class),
                    Level.ERROR,
                    e,
                    "The interrupt of {} failed",
                    target.getName());
        }
    }

    // ---- the thread ----

    /** This thread enters a frame inside another: what the code of that one has met by now is met. */
    static void nested(Frame outer) {
        Frame outermost = outer.outermost();
        if (isUnnotified(outer) || InterruptCounts.unmet(outermost.account) != 0) {
            // An interrupt that is owed has still to come.
            boolean owed = (awaitDelivered(outer) & Frame.UNSENT) != 0;
            int sent = InterruptCounts.sent(outermost);
            if (!Thread.currentThread().isInterrupted()) {
                InterruptCounts.met(outermost, sent);
                if (isUnnotified(outer) && !owed) {
                    outer.setFlags(Frame.NOTIFIED);
                }
            }
        }
    }

    /** Waits until no canceller is about to interrupt this thread; returns the state of the innermost frame at that time. */
    private static int awaitDelivered(Frame innermost) {
        for (; ; ) {
            awaitDelivery(innermost);
            int s = innermost.bits();
            if (Frame.phase(s) != Frame.INTERRUPTING) {
                return s;
            }
        }
    }

    /** This thread has entered a shield: a flag of ours is taken back, and set again when the shield is left. */
    static void park(Frame shield) {
        if (isCancelled(shield)) {
            return;
        }
        Taken taken = take(shield);
        if (taken == Taken.OUTSIDE) {
            Thread.currentThread().interrupt();
        } else if (taken == Taken.OURS) {
            for (Frame frame = shield.enclosing(); frame != null; frame = Shield.next(frame)) {
                if (isCancelled(frame)) {
                    frame.clearFlags(Frame.NOTIFIED);
                    return;
                }
            }
        }
    }

    /** Takes the flag of this thread, which is in a frame; returns whose it was. */
    static Taken take(Frame frame) {
        int unmet = takeUnmet(frame);
        return unmet < 0 ? Taken.NOTHING : unmet > 0 ? Taken.OURS : Taken.OUTSIDE;
    }

    /** Takes the flag; returns how many of ours had not been met, or if the flag was not set the complement of that. */
    private static int takeUnmet(Frame frame) {
        Frame outermost = frame.outermost();
        int sent;
        boolean pending = false;
        do {
            sent = InterruptCounts.sent(outermost);
            awaitDelivery(frame);
            pending |= Thread.interrupted();
        } while (sent != InterruptCounts.sent(outermost));
        int unmet = InterruptCounts.met(outermost, sent);
        if (unmet > (pending ? 1 : 0)) {
            // The code has met one of ours, by an exception that may be on its way.
            frame.setFlags(Frame.OURS_PASSES);
        }
        return pending ? unmet : ~unmet;
    }

    /**
     * Ends a frame that this thread is in, and takes our interrupt back.
     *
     * @param finalPhase the phase to end in unless the frame was cancelled
     * @param interruption whether an {@link InterruptedException} leaves the code
     * @return what was found
     */
    static Settled settle(Frame frame, int finalPhase, boolean interruption) {
        int s = frame.endCode(finalPhase);
        boolean outside = (s & Frame.OUTSIDE) != 0;
        int phase = Frame.phase(s);
        if (phase != Frame.CANCELLING && phase != Frame.CANCELLED || !frame.interruptible()) {
            // It may be that of a cancelled frame around this one.
            boolean met = InterruptCounts.unmet(frame.outermost().account) != 0 && metByCode(frame);
            return outside ? Settled.OUTSIDE : met ? Settled.MET_BY_CODE : Settled.NOTHING;
        }
        int unmet = takeUnmet(frame);
        // Where an inner exit or a wait has notified the code, or a block was left by it, the exception may be of that
        // time.
        boolean twice = interruption && unmet == 1 && (s & (Frame.NOTIFIED | Frame.OURS_PASSES)) == 0;
        if (outside || unmet == 0 || twice) {
            return Settled.OUTSIDE;
        }
        return ~unmet > 0 ? Settled.MET_BY_CODE : Settled.NOTHING;
    }

    /** Returns whether the code has met an interrupt of ours: the flag is clear, though one was sent. */
    private static boolean metByCode(Frame frame) {
        awaitDelivery(frame);
        int sent = InterruptCounts.sent(frame.outermost());
        return !Thread.currentThread().isInterrupted() && InterruptCounts.met(frame.outermost(), sent) != 0;
    }

    /** Sets the flag of this thread, in which a wait has found an interrupt from outside, again. */
    static void restoreOutside(@Nullable Frame innermost) {
        Thread.currentThread().interrupt();
        for (Frame frame = innermost; frame != null; frame = Shield.next(frame)) {
            if (isCancelled(frame) && InterruptCounts.unmet(frame.outermost().account) != 0) {
                // That frame takes the flag as its own when it ends.
                frame.setFlags(Frame.OUTSIDE);
                return;
            }
        }
    }

    /**
     * This thread has left a frame that has ended.
     *
     * @param outside whether an interrupt from outside is owed
     * @param signal whether the exit throws a cancellation signal as its primary exception
     */
    static void left(Frame frame, boolean outside, boolean signal) {
        if (frame.isShield()) {
            Shield.left(frame);
        }
        Frame outer = frame.enclosing();
        Frame cancelled = unnotified(outer);
        if (outer != null && cancelled != null) {
            awaitDelivery(outer);
            clearNotes(outer);
            if (outside) {
                // That frame takes the flag as its own when it ends.
                cancelled.setFlags(Frame.OUTSIDE);
            }
            boolean notified = signal || sendToSelf(outer);
            if (cancelled == outer && notified) {
                outer.setFlags(Frame.NOTIFIED);
            }
        }
        if (outside) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Returns whether an interrupt that has come to the code of this frame is that of a cancelled one around it: which has not
     * been notified, or was, and went on with the flag set.
     */
    static boolean isForEnclosing(Frame frame) {
        Frame outer = Shield.next(frame);
        return outer != null
                && (unnotified(outer) != null
                        || InterruptCounts.unmet(outer.outermost().account) != 0 && cancelledAround(outer) != null);
    }

    private static @Nullable Frame cancelledAround(@Nullable Frame innermost) {
        for (Frame frame = innermost; frame != null; frame = Shield.next(frame)) {
            if (isCancelled(frame) && frame.interruptible()) {
                return frame;
            }
        }
        return null;
    }

    /** The innermost cancelled frame that has not been notified, from this one outwards; null if there is none. */
    static @Nullable Frame unnotified(@Nullable Frame innermost) {
        for (Frame frame = innermost; frame != null; frame = Shield.next(frame)) {
            if (isUnnotified(frame)) {
                return frame;
            }
        }
        return null;
    }

    static boolean isUnnotified(Frame frame) {
        return !frame.hasFlag(Frame.NOTIFIED) && isCancelled(frame) && frame.interruptible();
    }

    /** Returns whether the code was cancelled and its thread is still in it. */
    static boolean isCancelled(Frame frame) {
        return isCancelled(frame.bits());
    }

    static boolean isCancelled(int s) {
        int phase = Frame.phase(s);
        return phase == Frame.INTERRUPTING
                || phase == Frame.CANCELLING
                || phase == Frame.CANCELLED && (s & Frame.ABANDONED) != 0;
    }

    /** A cancellation signal has come to this thread and goes no further, though its code is cancelled. */
    static void signalSwallowed(@Nullable Frame innermost) {
        Frame cancelled = cancelledAround(innermost);
        if (cancelled != null) {
            sendToSelf(cancelled);
        }
    }

    // ---- waits of the engine ----

    /** This thread, which is in the frame, begins to wait: from now on cancellers do not interrupt it. */
    static void beginWait(Frame frame) {
        InterruptCounts.waiting(frame.outermost(), true);
    }

    /** This thread waits no longer; notes that cancellers have left stay. */
    static void stopWait(Frame frame) {
        InterruptCounts.waiting(frame.outermost(), false);
    }

    /**
     * Ends a wait that goes back to the code of the frame.
     *
     * @param signal whether it throws a cancellation signal
     * @param tookOurs whether it has taken an interrupt of ours
     */
    static void endWait(Frame frame, boolean signal, boolean tookOurs) {
        stopWait(frame);
        awaitDelivery(frame);
        boolean woken = clearNotes(frame) | tookOurs;
        if (woken && !signal) {
            sendToSelf(frame);
        }
        if (signal && isUnnotified(frame)) {
            frame.setFlags(Frame.NOTIFIED);
        }
    }

    /** Returns whether the thread of this frame is in a wait of the engine. */
    static boolean isWaiting(Frame frame) {
        return InterruptCounts.isWaiting(frame.outermost().account);
    }

    /** The innermost frame for which a canceller has left a note, from this one outwards; null if there is none. */
    static @Nullable Frame woken(Frame innermost) {
        for (Frame frame = innermost; frame != null; frame = Shield.next(frame)) {
            if (frame.hasFlag(Frame.UNSENT)) {
                return frame;
            }
        }
        return null;
    }

    private static boolean clearNotes(Frame innermost) {
        boolean any = false;
        for (Frame frame = innermost; frame != null; frame = Shield.next(frame)) {
            if (frame.hasFlag(Frame.UNSENT)) {
                frame.clearFlags(Frame.UNSENT);
                any = true;
            }
        }
        return any;
    }

    /** Sets the flag of this thread, which is in the frame, as a canceller would have; false if that is held back. */
    static boolean sendToSelf(Frame frame) {
        if (frame.hasFlag(Frame.HELD)) {
            Frame cancelled = cancelledAround(frame);
            Frame owing = cancelled != null ? cancelled : frame;
            if ((owing.setFlags(Frame.UNSENT) & Frame.HELD) != 0) {
                return false;
            }
            // Its time is over at this moment: who clears the note sends, see sendOwed.
            if ((owing.clearFlags(Frame.UNSENT) & Frame.UNSENT) == 0) {
                return true;
            }
        }
        Thread self = Thread.currentThread();
        Frame outermost = frame.outermost();
        boolean pending = self.isInterrupted();
        int before = InterruptCounts.sentOne(outermost);
        if (pending && InterruptCounts.unmet(before) == 0) {
            Frame unnotified = unnotified(frame);
            Frame cancelled = unnotified != null ? unnotified : cancelledAround(frame);
            if (cancelled != null) {
                cancelled.setFlags(Frame.OUTSIDE);
            }
        }
        self.interrupt();
        return true;
    }

    /** Waits until no canceller is about to interrupt the thread that is in the frame. */
    static void awaitDelivery(Frame innermost) {
        boolean parked = false;
        for (Frame frame = innermost; frame != null; frame = frame.enclosing()) {
            for (int spins = 0; frame.phase() == Frame.INTERRUPTING; spins++) {
                parked |= Frame.awaitCanceller(spins);
            }
        }
        if (parked) {
            // It may have taken the permit of the wait that this thread is in.
            LockSupport.unpark(Thread.currentThread());
        }
    }
}
