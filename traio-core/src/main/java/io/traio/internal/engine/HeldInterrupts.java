// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import org.jspecify.annotations.Nullable;

/**
 * Holds interrupts of ours back from code in which a hook has its time to act first. As a {@link Shield} does, it marks the
 * frames that this is about, each before it looks whether that was cancelled: a canceller either sees the mark, or is seen.
 *
 * <p>Unlike a shield, it lets the code know when that asks: a canceller leaves the note that an interrupt is owed, and wakes
 * the thread if it waits in the engine. A note that is still there afterwards becomes an interrupt.
 */
final class HeldInterrupts {

    private HeldInterrupts() {}

    /**
     * From now on cancellers of this frame, and of those around it up to a shield, leave notes. Called by the thread whose
     * innermost frame this is.
     *
     * @return the outermost frame for which this is so; null if it was so for all before
     */
    static @Nullable Frame hold(Frame innermost) {
        InterruptAccount.nested(innermost);
        Frame last = null;
        Frame cancelled = null;
        for (Frame frame = innermost; frame != null && !frame.hasFlag(Frame.HELD); frame = Shield.next(frame)) {
            boolean already = InterruptAccount.isCancelled(frame.setFlags(Frame.HELD));
            cancelled = cancelled == null && already ? frame : cancelled;
            last = frame;
        }
        if (cancelled != null) {
            park(innermost, cancelled);
        }
        return last;
    }

    /** The flag of this thread may be set already: takes it back if it is ours. */
    private static void park(Frame innermost, Frame cancelled) {
        switch (InterruptAccount.take(innermost)) {
            case OURS -> cancelled.setFlags(Frame.UNSENT);
            case OUTSIDE -> Thread.currentThread().interrupt();
            case NOTHING -> {}
        }
    }

    /** Ends this for the frames from one to another, and gives this thread what is owed to it. */
    static void release(Frame innermost, Frame last) {
        if (!clear(innermost, last)) {
            return;
        }
        InterruptAccount.awaitDelivery(innermost);
        boolean owed = false;
        for (Frame frame = innermost; ; frame = around(frame)) {
            owed |= (frame.clearFlags(Frame.UNSENT) & Frame.UNSENT) != 0;
            if (frame == last) {
                break;
            }
        }
        if (owed) {
            // The code has not met it: an InterruptedException that is leaving the code now is of another's making.
            InterruptAccount.sendToSelf(innermost);
        }
    }

    /** Ends this from another thread, and sends what is owed. */
    static void send(Frame innermost, Frame last) {
        clear(innermost, last);
        // A canceller that has seen the mark may be about to leave its note.
        InterruptAccount.awaitDelivery(innermost);
        Frame frame = innermost;
        while (!InterruptAccount.sendOwed(frame) && frame != last) {
            frame = around(frame);
        }
    }

    /** Returns whether one of the frames was cancelled. */
    private static boolean clear(Frame innermost, Frame last) {
        boolean cancelled = false;
        for (Frame frame = innermost; ; frame = around(frame)) {
            cancelled |= InterruptAccount.isCancelled(frame.clearFlags(Frame.HELD));
            if (frame == last) {
                return cancelled;
            }
        }
    }

    @SuppressWarnings("NullAway") // the last one was reached from here before
    private static Frame around(Frame frame) {
        return frame.enclosing();
    }
}
