// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.ScopeSnapshot;
import io.traio.ScopeSnapshot.TaskSnapshot;
import io.traio.spring.boot.endpoint.ScopesDescriptor.ScopeDescriptor;
import io.traio.spring.boot.endpoint.ScopesDescriptor.TaskDescriptor;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Limits trees of scopes to the size of one response. They are cut level by level, so that one large tree does not hide the
 * others. For one response, on one thread.
 */
final class ScopeTrees {

    static final int DEFAULT_LIMIT = 200;
    static final int MAX_LIMIT = 10_000;
    static final int TASKS_PER_SCOPE = 5;

    /** How many levels are shown. JSON parsers and writers fail at a few hundred, and each scope takes two. */
    static final int MAX_DEPTH = 100;

    private static final int MAX_CALLS = 100;

    /** What roots are for. */
    @FunctionalInterface
    interface Attributes {

        Attributes NONE = id -> null;

        /** Returns the attributes of a root; null if there are none. */
        @Nullable
        Map<String, String> of(long id);
    }

    private final int limit;
    private final int tasks;
    private final Attributes attributes;
    private int scopesLeft;
    private int tasksLeft;
    private boolean truncated;
    private boolean limitReached;

    /**
     * Creates an empty response.
     *
     * @param limit how many scopes it may hold, and {@value #TASKS_PER_SCOPE} times as many tasks
     * @param attributes what roots are for
     */
    ScopeTrees(int limit, Attributes attributes) {
        this(limit, limit * TASKS_PER_SCOPE, attributes);
    }

    ScopeTrees(int limit, int tasks, Attributes attributes) {
        this.attributes = attributes;
        this.limit = limit;
        this.tasks = tasks;
        scopesLeft = limit;
        tasksLeft = tasks;
    }

    int limit() {
        return limit;
    }

    /** Returns how many scopes and tasks are shown. */
    int size() {
        return limit - scopesLeft + tasks - tasksLeft;
    }

    /** Returns whether scopes or tasks were left out, for whatever reason. */
    boolean truncated() {
        return truncated;
    }

    /** Returns whether scopes or tasks were left out that a higher limit would have shown. */
    boolean isLimitReached() {
        return limitReached;
    }

    /**
     * Returns the part of a tree that matches a name: the scopes whose name contains it, with all their members and
     * ancestors.
     */
    static Optional<ScopeSnapshot> matching(ScopeSnapshot scope, String name) {
        return matching(scope, name.toLowerCase(Locale.ROOT), 1);
    }

    private static Optional<ScopeSnapshot> matching(ScopeSnapshot scope, String name, int depth) {
        if (scope.displayName().toLowerCase(Locale.ROOT).contains(name)) {
            return Optional.of(scope);
        }
        if (depth == MAX_DEPTH) {
            return Optional.empty();
        }
        List<ScopeSnapshot> children = scope.children().stream()
                .flatMap(child -> matching(child, name, depth + 1).stream())
                .toList();
        if (children.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new ScopeWithChildren(scope, children));
    }

    List<ScopeDescriptor> describe(List<ScopeSnapshot> scopes) {
        List<Node> roots = admit(scopes);
        List<Node> level = roots;
        for (int depth = 1; !level.isEmpty(); depth++) {
            List<Node> below = new ArrayList<>();
            for (Node node : level) {
                node.tasks = limit(node.scope.tasks(), tasksLeft);
                tasksLeft -= node.tasks.size();
                node.children = admit(depth < MAX_DEPTH ? node.scope.children() : leaveOut(node.scope.children()));
                below.addAll(node.children);
            }
            level = below;
        }
        return roots.stream().map(root -> root.describe(attributes)).toList();
    }

    private List<Node> admit(List<ScopeSnapshot> scopes) {
        List<ScopeSnapshot> admitted = limit(scopes, scopesLeft);
        scopesLeft -= admitted.size();
        return admitted.stream().map(Node::new).toList();
    }

    private <E> List<E> leaveOut(List<E> list) {
        truncated |= !list.isEmpty();
        return List.of();
    }

    private <E> List<E> limit(List<E> list, int size) {
        if (list.size() <= size) {
            return list;
        }
        truncated = true;
        limitReached = true;
        return list.subList(0, size);
    }

    /** A scope that is shown, with those of its members that are. */
    private static final class Node {

        private final ScopeSnapshot scope;
        private List<TaskSnapshot> tasks = List.of();
        private List<Node> children = List.of();

        Node(ScopeSnapshot scope) {
            this.scope = scope;
        }

        ScopeDescriptor describe(Attributes attributes) {
            Duration remaining = scope.remaining();
            return new ScopeDescriptor(
                    Long.toString(scope.id()),
                    scope.displayName(),
                    scope.kind(),
                    lowerCase(scope.state()),
                    scope.cancelled(),
                    scope.thread(),
                    scope.waitsFor(),
                    scope.openedAt().truncatedTo(ChronoUnit.MILLIS),
                    scope.age().truncatedTo(ChronoUnit.MILLIS),
                    remaining == null ? null : remaining.truncatedTo(ChronoUnit.MILLIS),
                    scope.straggling(),
                    scope.shielded(),
                    attributes.of(scope.id()),
                    tasks.stream().map(Node::describe).toList(),
                    children.stream()
                            .map(child -> child.describe(Attributes.NONE))
                            .toList());
        }

        private static TaskDescriptor describe(TaskSnapshot task) {
            return new TaskDescriptor(
                    Long.toString(task.id()),
                    task.displayName(),
                    lowerCase(task.status()),
                    task.options().master(),
                    task.options().bubble(),
                    task.options().toJoin(),
                    task.options().awaited(),
                    task.age().truncatedTo(ChronoUnit.MILLIS),
                    task.thread(),
                    task.waitsFor(),
                    task.stack().isEmpty() ? null : calls(task.stack()));
        }

        private static List<String> calls(List<StackTraceElement> stack) {
            return stack.stream().limit(MAX_CALLS).map(Node::call).toList();
        }

        /** Returns the call as {@link StackTraceElement#toString()}, without module and class loader. */
        private static String call(StackTraceElement call) {
            return new StackTraceElement(
                            call.getClassName(), call.getMethodName(), call.getFileName(), call.getLineNumber())
                    .toString();
        }

        private static String lowerCase(Enum<?> value) {
            return value.name().toLowerCase(Locale.ROOT);
        }
    }
}
