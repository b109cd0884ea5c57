// SPDX-License-Identifier: Apache-2.0
package io.traio;

import org.jspecify.annotations.Nullable;

/** How the failure of a task, or of a body, comes out where somebody waits for it. */
final class TaskFailures {

    private TaskFailures() {}

    /** The failure of a task as it is raised on this thread: itself and marked, or wrapped if it is checked. */
    static RuntimeException raise(Throwable failure, TaskNode<?> task) {
        throw TaskFailures.<RuntimeException>sneaky(raisable(failure, task, task.frameScope()));
    }

    /** The failure as an unchecked one; {@code source} is the task that failed, null if the body did. */
    static Throwable raisable(Throwable failure, @Nullable TaskNode<?> source, ScopeNode scope) {
        String what = source != null ? source.labelWithScope() : "Body of " + scope.label();
        if (isUnchecked(failure)) {
            if (source != null) {
                RaisedAt.mark(failure, what);
            }
            return failure;
        }
        return new ScopeFailedException(what + " failed: " + failure, failure);
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
