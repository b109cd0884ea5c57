// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

/** Shows where the thread of a task is, as the stack trace of an exception. */
final class StackOf extends Throwable {

    private static final long serialVersionUID = 1L;

    private StackOf(String message) {
        super(message, null, false, true);
    }

    static StackOf task(TaskNode<?> task) {
        return of(task, task.labelWithScope());
    }

    static StackOf body(ScopeNode scope) {
        return of(scope, "the body of " + scope.label());
    }

    private static StackOf of(Node node, String label) {
        Thread thread = node.thread();
        StackOf stack = new StackOf("stack of " + label);
        stack.setStackTrace(thread != null ? thread.getStackTrace() : new StackTraceElement[0]);
        return stack;
    }
}
