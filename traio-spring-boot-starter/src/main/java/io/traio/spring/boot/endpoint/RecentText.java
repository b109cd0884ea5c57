// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.spring.boot.endpoint.RecentScopesDescriptor.NameDescriptor;
import io.traio.spring.boot.endpoint.RecentScopesDescriptor.RecentScopeDescriptor;
import java.util.ArrayList;
import java.util.List;

/** Draws what is remembered of scopes, for terminals. */
final class RecentText {

    private static final List<String> HEADINGS =
            List.of("name", "ended", "failed", "timed out", "cancelled", "straggling", "mean", "p50", "p99", "max");
    private static final String INDENT = "  ";

    private RecentText() {}

    static String of(RecentScopesDescriptor answer) {
        StringBuilder out = new StringBuilder();
        for (RecentScopeDescriptor scope : answer.scopes()) {
            append(out, scope);
        }
        out.append(answer.total() == 0 ? "No scope" : answer.total() == 1 ? "1 scope" : answer.total() + " scopes")
                .append(" failed, timed out, straggled, cancelled with a reason or slow, of the last ")
                .append(RecentScopes.MAX_TREES)
                .append(answer.truncated() ? "; not all is shown, ?limit= shows more" : "")
                .append("\n\n");
        appendTable(out, answer.names());
        return out.append("Counted since ").append(answer.since()).append('\n').toString();
    }

    private static void append(StringBuilder out, RecentScopeDescriptor scope) {
        out.append(scope.endedAt()).append(' ').append(scope.outcome());
        out.append(scope.slow() ? ", slow" : "");
        out.append(" after ").append(ScopesText.time(scope.duration()));
        if (scope.unwind() != null) {
            out.append(", unwound in ").append(ScopesText.time(scope.unwind()));
        }
        if (scope.root() != null) {
            out.append(", in ")
                    .append(scope.root())
                    .append(" (scope ")
                    .append(scope.rootId())
                    .append(')');
        }
        String what = ScopesText.what(scope.attributes());
        out.append(what == null ? "" : ", " + what).append('\n');
        if (!scope.exceptions().isEmpty()) {
            out.append(INDENT).append(String.join(" by ", scope.exceptions())).append('\n');
        }
        if (scope.failed() != null) {
            out.append(INDENT).append("failed: ").append(scope.failed()).append('\n');
        }
        for (String straggler : scope.stragglers()) {
            out.append(INDENT).append("straggler: ").append(straggler).append('\n');
        }
        ScopesText.append(out, scope.scope(), INDENT);
        out.append(scope.truncated() ? INDENT + "Not all is shown\n" : "").append('\n');
    }

    private static void appendTable(StringBuilder out, List<NameDescriptor> names) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADINGS);
        names.forEach(name -> rows.add(cells(name)));
        int[] widths = new int[HEADINGS.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - row.get(i).length());
                line.append(i == 0 ? row.get(i) + padding : INDENT + padding + row.get(i));
            }
            out.append(line).append('\n');
        }
        out.append('\n');
    }

    private static List<String> cells(NameDescriptor name) {
        return List.of(
                name.name(),
                Long.toString(name.count()),
                Long.toString(name.failures()),
                Long.toString(name.timeouts()),
                Long.toString(name.cancelled()),
                Long.toString(name.straggling()),
                ScopesText.time(name.mean()),
                ScopesText.time(name.p50()),
                ScopesText.time(name.p99()),
                ScopesText.time(name.max()));
    }
}
