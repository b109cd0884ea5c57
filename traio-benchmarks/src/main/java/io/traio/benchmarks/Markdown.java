// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** A Markdown table: text in the first column, numbers in the others. */
final class Markdown {

    private final List<String> lines = new ArrayList<>();

    Markdown(List<String> header) {
        row(header);
        lines.add("|---" + "|--:".repeat(header.size() - 1) + "|");
    }

    void row(List<String> cells) {
        lines.add("| " + String.join(" | ", cells) + " |");
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }
}
