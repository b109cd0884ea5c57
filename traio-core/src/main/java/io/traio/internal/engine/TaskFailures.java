// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeFailedException;
import io.traio.ScopeInterruptedException;
import org.jspecify.annotations.Nullable;

/** The failure of a task, or of a body, as it is thrown where a thread waits for it. */
final class TaskFailures {

    private TaskFailures() {}

    /** Throws the failure of a task on this thread: itself and marked, or wrapped if it is checked. */
    static RuntimeException throwing(TaskNode<?> task) {
        Throwable thrown = throwable(task.failure(), task);
        if (CurrentFrame.get() instanceof ScopeNode scope) {
            scope.thrownToOwner(thrown);
        }
        throw TaskFailures.<RuntimeException>sneaky(thrown);
    }

    /** The failure of a task or, if there is none, of the body of a scope. */
    static Throwable throwable(Throwable failure, @Nullable TaskNode<?> task, ScopeNode scope) {
        return task != null ? throwable(failure, task) : throwableOfBody(failure, scope);
    }

    /** The failure of a task as an unchecked one, marked with this place. */
    private static Throwable throwable(Throwable failure, TaskNode<?> task) {
        // That the thread of a task was interrupted is no interrupt of this thread.
        if (isUnchecked(failure) && !(failure instanceof ScopeInterruptedException)) {
            WaitedAt.mark(failure, task.labelWithScope());
            return failure;
        }
        return wrapped(failure, task.labelWithScope() + " failed");
    }

    /** The failure of a body as an unchecked one; its own stack is that of this thread. */
    static Throwable throwableOfBody(Throwable failure, ScopeNode scope) {
        return isUnchecked(failure) ? failure : wrapped(failure, "body of " + scope.label() + " failed");
    }

    /** The cause of a cancellation as an unchecked one, marked with this place. */
    static Throwable throwableOfCancel(Throwable cause, ScopeNode scope) {
        if (isUnchecked(cause)) {
            WaitedAt.mark(cause, scope.label());
            return cause;
        }
        return wrapped(cause, scope.label() + " was cancelled");
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
