// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import org.jspecify.annotations.Nullable;

/**
 * A frame that the cancellation of code around it does not reach. Which frames are shields may change while a thread is in
 * them.
 *
 * <p>A frame has the flag IN_SHIELD while its thread is in a shield inside it, whoever set that up last: a canceller reads it
 * in the very word in which it has written INTERRUPTING, so either it sees the flag, or the thread that enters the shield
 * sees INTERRUPTING and waits for the interrupt, which it then parks.
 *
 * <p>A shield covers the frames from the one around it up to the next shield, inclusive; those further out that one covers.
 * All changes on one thread's frames are made under the lock of the outermost.
 */
final class Shield {

    private Shield() {}

    /** The frame around this one, for looks from inside, which a shield stops; null if there is none. */
    static @Nullable Frame next(Frame frame) {
        return frame.isShield() ? null : frame.enclosing();
    }

    /** This thread has entered a frame that is a shield. */
    static void entered(Frame shield) {
        synchronized (shield.outermost()) {
            if (shield.isShield()) {
                cover(shield);
            }
        }
        InterruptAccount.park(shield);
    }

    /** This thread has left a frame that is a shield. */
    static void left(Frame shield) {
        synchronized (shield.outermost()) {
            drop(shield);
        }
    }

    /** Makes a scope a shield; any thread may, until the scope is closed: it is left after that. */
    static void raise(Node scope) {
        synchronized (scope.outermost()) {
            if (scope.isLive()) {
                scope.setFlags(Node.SHIELD);
                cover(scope);
            }
        }
    }

    /** Makes a scope a shield no more; any thread may. */
    static void lower(Node scope) {
        synchronized (scope.outermost()) {
            drop(scope);
        }
    }

    private static void drop(Frame shield) {
        if (shield.isShield()) {
            shield.clearFlags(Node.SHIELD);
            uncover(shield);
        }
    }

    private static void cover(Frame shield) {
        for (Frame frame = shield.enclosing(); frame != null; frame = next(frame)) {
            frame.setFlags(Frame.IN_SHIELD);
        }
    }

    /** Unless there is a shield further in. */
    private static void uncover(Frame shield) {
        if (!shield.hasFlag(Frame.IN_SHIELD)) {
            for (Frame frame = shield.enclosing(); frame != null; frame = next(frame)) {
                frame.clearFlags(Frame.IN_SHIELD);
            }
        }
    }
}
