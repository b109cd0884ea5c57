// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeFailedException;
import io.traio.ScopeInterruptedException;

/** The failure of a task, or of a body, as it is thrown where a thread waits for it. */
final class TaskFailures {

    private TaskFailures() {}

    /** The failure of a task as an unchecked one, marked with this place. */
    static Throwable throwable(Throwable failure, String task) {
        // That the thread of a task was interrupted is no interrupt of this thread.
        if (isUnchecked(failure) && !(failure instanceof ScopeInterruptedException)) {
            WaitedAt.mark(failure, task);
            return failure;
        }
        return wrapped(failure, task + " failed");
    }

    /** The failure of a body as an unchecked one; its own stack is that of this thread. */
    static Throwable throwableOfBody(Throwable failure, String scope) {
        return isUnchecked(failure) ? failure : wrapped(failure, "body of " + scope + " failed");
    }

    /** The cause of a cancellation as an unchecked one, marked with this place. */
    static Throwable throwableOfCancel(Throwable cause, String scope) {
        if (isUnchecked(cause)) {
            WaitedAt.mark(cause, scope);
            return cause;
        }
        return wrapped(cause, scope + " was cancelled");
    }

    private static ScopeFailedException wrapped(Throwable failure, String what) {
        return new ScopeFailedException(what + ": " + Log.describe(failure), failure);
    }

    private static boolean isUnchecked(Throwable failure) {
        return failure instanceof RuntimeException || failure instanceof Error;
    }

    /** Throws what is known to be unchecked. */
    @SuppressWarnings("unchecked") // X is only ever RuntimeException
    static <X extends Throwable> X sneaky(Throwable failure) throws X {
        throw (X) failure;
    }
}
