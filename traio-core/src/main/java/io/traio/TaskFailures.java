// SPDX-License-Identifier: Apache-2.0
package io.traio;

/** How the failure of a task, or of a body, comes out where somebody waits for it. */
final class TaskFailures {

    private TaskFailures() {}

    /** The failure of a task as it is raised on this thread: itself and marked, or wrapped if it is checked. */
    static RuntimeException raise(Throwable failure, TaskNode<?> task) {
        throw TaskFailures.<RuntimeException>sneaky(raisable(failure, task));
    }

    /** The failure of a task as an unchecked one, marked with this place. */
    static Throwable raisable(Throwable failure, TaskNode<?> task) {
        if (isUnchecked(failure)) {
            RaisedAt.mark(failure, task.labelWithScope());
            return failure;
        }
        return wrapped(failure, task.labelWithScope() + " failed");
    }

    /** The failure of a body as an unchecked one; its own stack is that of this thread. */
    static Throwable raisableOfBody(Throwable failure, ScopeNode scope) {
        return isUnchecked(failure) ? failure : wrapped(failure, "body of " + scope.label() + " failed");
    }

    /** The cause of a cancellation as an unchecked one, marked with this place. */
    static Throwable raisableOfCancel(Throwable cause, ScopeNode scope) {
        if (isUnchecked(cause)) {
            RaisedAt.mark(cause, scope.label());
            return cause;
        }
        return wrapped(cause, scope.label() + " was cancelled");
    }

    private static ScopeFailedException wrapped(Throwable failure, String what) {
        return new ScopeFailedException(what + ": " + Log.describe(failure), failure);
    }

    static boolean isUnchecked(Throwable failure) {
        return failure instanceof RuntimeException || failure instanceof Error;
    }

    /** Throws what is known to be unchecked. */
    @SuppressWarnings("unchecked") // X is only ever RuntimeException
    static <X extends Throwable> X sneaky(Throwable failure) throws X {
        throw (X) failure;
    }
}
