// SPDX-License-Identifier: Apache-2.0
package io.traio.test;

import io.traio.ScopeSnapshot;
import io.traio.ScopeSnapshot.TaskSnapshot;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Draws scopes as trees of text, for the messages of tests.
 *
 * <pre>
 * quotes (scope 7) open 12 ms, 788 ms left, thread main
 * ├── alpha (task 8) running 11 ms, thread traio-1
 * └── details (scope 10) ending 3 ms, cancelled (timeout), thread traio-2
 * </pre>
 */
public final class ScopeTree {

    /** How many calls of a stack are drawn: enough to see what the task waits for. */
    private static final int CALLS = 8;

    private static final String ENGINE = "io.traio.internal.";

    private final StringBuilder out = new StringBuilder();

    private ScopeTree() {}

    /**
     * Returns a tree of a scope, its tasks and its children, each on a line of its own. Tasks of a {@linkplain
     * io.traio.Scope#dump() dump} have the innermost calls of their stacks below them.
     *
     * @param scope what lived in the scope
     * @return the lines, without a line break at the end
     */
    public static String of(ScopeSnapshot scope) {
        return of(List.of(scope));
    }

    /**
     * Returns trees of several scopes, one below the other.
     *
     * @param scopes what lived in each of them
     * @return the lines, without a line break at the end; empty if there is no scope
     */
    public static String of(Collection<? extends ScopeSnapshot> scopes) {
        ScopeTree tree = new ScopeTree();
        scopes.forEach(scope -> tree.scope(scope, "", ""));
        return tree.out.toString().stripTrailing();
    }

    private void scope(ScopeSnapshot scope, String first, String others) {
        Duration remaining = scope.remaining();
        line(
                first,
                scope.displayName() + " (" + scope.kind() + " " + scope.id() + ") " + lower(scope.state()) + " "
                        + time(scope.age()),
                scope.cancelled() == null ? null : "cancelled (" + scope.cancelled() + ")",
                scope.straggling() ? "body straggles" : null,
                scope.shielded() ? "shielded" : null,
                remaining == null ? null : time(remaining) + " left",
                scope.thread() == null ? null : "thread " + scope.thread());
        int left = scope.tasks().size() + scope.children().size();
        for (TaskSnapshot task : scope.tasks()) {
            boolean last = --left == 0;
            task(task, others + (last ? "└── " : "├── "), others + (last ? "    " : "│   "));
        }
        for (ScopeSnapshot child : scope.children()) {
            boolean last = --left == 0;
            scope(child, others + (last ? "└── " : "├── "), others + (last ? "    " : "│   "));
        }
    }

    private void task(TaskSnapshot task, String first, String others) {
        line(
                first,
                task.displayName() + " (task " + task.id() + ") " + lower(task.status())
                        + (task.thread() == null ? "" : " " + time(task.age())),
                task.options().awaited() ? null : "background",
                task.thread() == null ? null : "thread " + task.thread());
        task.stack().stream()
                .filter(call -> !call.getClassName().startsWith(ENGINE))
                .limit(CALLS)
                .forEach(call ->
                        out.append(others).append("  at ").append(place(call)).append('\n'));
    }

    /** As in a stack trace, but without the names of class loaders and modules. */
    private static String place(StackTraceElement call) {
        String line = call.getLineNumber() < 0 ? "" : ":" + call.getLineNumber();
        return call.getClassName() + "." + call.getMethodName() + "(" + call.getFileName() + line + ")";
    }

    private void line(String prefix, @Nullable String... parts) {
        String separator = prefix;
        for (String part : parts) {
            if (part != null) {
                out.append(separator).append(part);
                separator = ", ";
            }
        }
        out.append('\n');
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static String time(Duration time) {
        return time.toMillis() < 1_000
                ? time.toMillis() + " ms"
                : String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1_000.0);
    }
}
