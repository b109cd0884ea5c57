// SPDX-License-Identifier: Apache-2.0
package io.traio;

/** Shows where the thread of a task is, as the stack trace of an exception. */
final class StackOf extends Throwable {

    private static final long serialVersionUID = 1L;

    private StackOf(String message) {
        super(message, null, false, true);
    }

    static StackOf task(TaskNode<?> task) {
        Thread thread = task.thread();
        StackOf stack = new StackOf("stack of " + task.labelWithScope());
        stack.setStackTrace(thread != null ? thread.getStackTrace() : new StackTraceElement[0]);
        return stack;
    }
}
