// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.spring.boot.endpoint.ScopesDescriptor.ScopeDescriptor;
import io.traio.spring.boot.endpoint.ScopesDescriptor.TaskDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Draws scopes as a tree of text, for terminals. For one response, on one thread. */
final class ScopesText {

    private final StringBuilder out;

    private ScopesText(StringBuilder out) {
        this.out = out;
    }

    /** Returns the scopes of a response, and why some were left out. */
    static String of(ScopesDescriptor answer, String leftOut) {
        ScopesText text = new ScopesText(new StringBuilder());
        for (ScopeDescriptor root : answer.scopes()) {
            text.scope(root, "", "");
            text.out.append('\n');
        }
        text.out
                .append(
                        switch (answer.total()) {
                            case 0 -> "No live scopes";
                            case 1 -> "1 root scope";
                            default -> answer.total() + " root scopes";
                        })
                .append(leftOut.isEmpty() ? "" : "; not all is shown, " + leftOut)
                .append('\n');
        return text.out.toString();
    }

    static String of(ScopeDetailDescriptor answer) {
        ScopesText text = new ScopesText(new StringBuilder());
        text.scope(answer.scope(), "", "");
        return text.out.append(answer.truncated() ? "Not all is shown\n" : "").toString();
    }

    private void scope(ScopeDescriptor scope, String first, String others) {
        Duration remaining = scope.remaining();
        line(
                first,
                scope.name() + " (" + scope.kind() + " " + scope.id() + ") " + scope.state() + " " + time(scope.age()),
                scope.cancelled() == null ? null : "cancelled (" + scope.cancelled() + ")",
                scope.straggling() ? "body straggles" : null,
                scope.shielded() ? "shielded" : null,
                remaining == null ? null : time(remaining) + " left",
                scope.thread() == null ? null : "thread " + scope.thread(),
                scope.waitsFor() == null ? null : "waits for " + scope.waitsFor(),
                what(scope.attributes()));
        Integer omitted = scope.omitted();
        int left = scope.tasks().size() + scope.children().size() + (omitted == null ? 0 : 1);
        for (TaskDescriptor task : scope.tasks()) {
            boolean last = --left == 0;
            task(task, others + (last ? "└── " : "├── "), others + (last ? "    " : "│   "));
        }
        for (ScopeDescriptor child : scope.children()) {
            boolean last = --left == 0;
            scope(child, others + (last ? "└── " : "├── "), others + (last ? "    " : "│   "));
        }
        if (omitted != null) {
            out.append(others).append("└── … ").append(omitted).append(" more\n");
        }
    }

    /** Returns what a root scope is for, in words; null if that is unknown. */
    static @Nullable String what(@Nullable Map<String, String> attributes) {
        if (attributes == null) {
            return null;
        }
        Map<String, String> others = new LinkedHashMap<>(attributes);
        List<String> words = new ArrayList<>();
        String method = others.remove(RootAttributes.METHOD);
        String route = others.remove(RootAttributes.ROUTE);
        if (method != null) {
            words.add(route == null ? method : method + " " + route);
        }
        others.forEach((key, value) -> words.add(key + " " + value));
        return String.join(", ", words);
    }

    private void task(TaskDescriptor task, String first, String others) {
        line(
                first,
                task.name() + " (task " + task.id() + ") " + task.state()
                        + (task.thread() == null ? "" : " " + time(task.age())),
                task.master() ? "master" : null,
                task.bubble() ? null : "no bubble",
                task.toJoin() ? "to join" : null,
                task.awaited() ? null : "background",
                task.thread() == null ? null : "thread " + task.thread(),
                task.waitsFor() == null ? null : "waits for " + task.waitsFor());
        List<String> stack = task.stack();
        if (stack != null) {
            stack.forEach(
                    call -> out.append(others).append("  at ").append(call).append('\n'));
        }
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

    /** Draws a scope, each line after an indent. */
    static void append(StringBuilder out, ScopeDescriptor scope, String indent) {
        new ScopesText(out).scope(scope, indent, indent);
    }

    static String time(Duration time) {
        long millis = time.toMillis();
        if (millis < 1_000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return millis / 1_000 + "." + millis % 1_000 / 100 + " s";
        }
        if (time.toHours() < 1) {
            return time.toMinutes() + " m " + time.toSecondsPart() + " s";
        }
        return time.toDays() < 1
                ? time.toHours() + " h " + time.toMinutesPart() + " m"
                : time.toDays() + " d " + time.toHoursPart() + " h";
    }
}
