// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import org.jspecify.annotations.Nullable;

/**
 * Checks that the stack has room for what the engine does, where frames are nested deep: most likely by endless recursion.
 * Better a {@link StackOverflowError} before a scope is opened than in the middle of its exit.
 */
final class Headroom {

    /** The number of frames that may be nested before the stack is checked. */
    private static final int CARELESS_DEPTH = 64;

    private static final int CALLS = 768;

    private Headroom() {}

    /** Throws a {@link StackOverflowError} if frames are nested deep on this thread and its stack is nearly full. */
    static void require(@Nullable Frame frame) {
        if (frame != null && frame.isNested(CARELESS_DEPTH)) {
            descend(CALLS, 1, 2, 3, 4, 5, 6, 7, 8);
        }
    }

    /** With more arguments than registers hold, so that a call takes about the same room compiled and interpreted. */
    private static long descend(int calls, long a, long b, long c, long d, long e, long f, long g, long h) {
        return calls == 0 ? a : a + descend(calls - 1, b, c, d, e, f, g, h, a);
    }
}
