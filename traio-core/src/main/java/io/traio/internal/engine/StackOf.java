// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import org.jspecify.annotations.Nullable;

/** Shows where a thread is, as the stack trace of an exception. */
final class StackOf extends Throwable {

    private static final long serialVersionUID = 1L;

    private StackOf(String message) {
        super(message, null, false, true);
    }

    static StackOf thread(@Nullable Thread thread, String label) {
        StackOf stack = new StackOf("stack of " + label);
        stack.setStackTrace(thread != null ? thread.getStackTrace() : new StackTraceElement[0]);
        return stack;
    }
}
