// SPDX-License-Identifier: Apache-2.0
package io.traio;

/**
 * Marks in an exception of a task the place that waited for it: the exception is raised there as the same instance, whose
 * own stack trace tells of the task's thread only.
 */
final class RaisedAt extends Throwable {

    private static final long serialVersionUID = 1L;
    private static final int MAX_SUPPRESSED = 32;

    private RaisedAt(String waitedFor) {
        super("waited for " + waitedFor);
    }

    /** Marks the failure with the stack of this thread, unless much hangs on it already. */
    static void mark(Throwable failure, String waitedFor) {
        if (failure.getSuppressed().length < MAX_SUPPRESSED) {
            failure.addSuppressed(new RaisedAt(waitedFor));
        }
    }
}
