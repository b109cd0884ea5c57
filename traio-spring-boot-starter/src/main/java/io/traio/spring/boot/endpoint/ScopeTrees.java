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
import org.jspecify.annotations.Nullable;

/**
 * Limits trees of scopes to the size of one response. First each scope has its first members, level by level, so that a wide
 * one hides neither what is deep nor other trees; then the rest, as far as there is room. For one response, on one thread.
 */
final class ScopeTrees {

    static final int DEFAULT_LIMIT = 200;
    static final int MAX_LIMIT = 10_000;
    static final int TASKS_PER_SCOPE = 5;

    /** How many levels are shown. JSON parsers and writers fail at a few hundred, and each scope takes two. */
    static final int MAX_DEPTH = 100;

    private static final int MAX_CALLS = 100;

    /**
     * How many tasks and child scopes of each scope are shown first, and then. What is deep in a tree says more than the next
     * of many that are alike.
     */
    private static final int[] WIDTHS = {20, Integer.MAX_VALUE};

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
    /** Whether a higher limit would have shown more. */
    private boolean limitReached;

    private boolean searchCut;

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

    /** Returns how many scopes and tasks may be shown, and one more, so that a cut is noticed. */
    int maxNodes() {
        return limit + tasks + 1;
    }

    /** Returns how many scopes and tasks are shown. */
    int size() {
        return limit - scopesLeft + tasks - tasksLeft;
    }

    /** Returns whether scopes or tasks were left out, for whatever reason. */
    boolean truncated() {
        return truncated || searchCut;
    }

    /** Returns why scopes or tasks were left out, for people; empty if none were. */
    String leftOut() {
        if (limitReached) {
            return "?limit= shows more";
        }
        if (searchCut) {
            return "only " + ScopeSearch.MAX_SEARCHED + " scopes and tasks were searched";
        }
        return truncated ? "only " + MAX_DEPTH + " levels" : "";
    }

    /** The search was cut off: what is shown is not all that matches. */
    void searchCut() {
        searchCut = true;
    }

    List<ScopeDescriptor> describe(List<ScopeSnapshot> scopes) {
        List<Node> roots = new ArrayList<>();
        for (int width : WIDTHS) {
            admit(roots, scopes, width);
            List<Node> level = roots;
            for (int depth = 1; !level.isEmpty(); depth++) {
                List<Node> below = new ArrayList<>();
                for (Node node : level) {
                    admitTasks(node, width);
                    if (depth < MAX_DEPTH) {
                        admit(node.children, node.scope.children(), width);
                    }
                    below.addAll(node.children);
                }
                level = below;
            }
        }
        noteWhatIsLeftOut(roots, scopes);
        return roots.stream().map(root -> root.describe(attributes)).toList();
    }

    /** Adds those that are not shown yet, up to a width. */
    private void admit(List<Node> shown, List<ScopeSnapshot> scopes, int width) {
        while (shown.size() < Math.min(scopes.size(), width) && scopesLeft > 0) {
            scopesLeft--;
            shown.add(new Node(scopes.get(shown.size())));
        }
    }

    private void admitTasks(Node node, int width) {
        int more = Math.min(Math.min(node.scope.tasks().size(), width) - node.tasks, tasksLeft);
        if (more > 0) {
            node.tasks += more;
            tasksLeft -= more;
        }
    }

    private void noteWhatIsLeftOut(List<Node> roots, List<ScopeSnapshot> scopes) {
        limitReached = roots.size() < scopes.size();
        truncated = limitReached;
        List<Node> level = roots;
        for (int depth = 1; !level.isEmpty(); depth++) {
            List<Node> below = new ArrayList<>();
            for (Node node : level) {
                truncated |= node.omitted() > 0;
                boolean byDepth =
                        depth == MAX_DEPTH && node.tasks == node.scope.tasks().size();
                limitReached |= node.omitted() > 0 && !byDepth;
                below.addAll(node.children);
            }
            level = below;
        }
    }

    /** A scope that is shown, with those of its members that are. */
    private static final class Node {

        private final ScopeSnapshot scope;
        /** How many tasks are shown. */
        private int tasks;

        private final List<Node> children = new ArrayList<>();

        Node(ScopeSnapshot scope) {
            this.scope = scope;
        }

        /** Returns how many tasks and child scopes are not shown. */
        int omitted() {
            return scope.omitted()
                    + scope.tasks().size()
                    - tasks
                    + scope.children().size()
                    - children.size();
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
                    omitted() == 0 ? null : omitted(),
                    scope.tasks().stream().limit(tasks).map(Node::describe).toList(),
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
