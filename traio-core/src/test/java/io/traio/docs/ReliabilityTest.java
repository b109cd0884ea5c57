// SPDX-License-Identifier: Apache-2.0
package io.traio.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page on reliability names tests that are there, and at least one for each fault of the semantics. */
class ReliabilityTest {

    private static final Path PAGE = Documents.ROOT.resolve("docs/reliability.md");
    private static final Path SEMANTICS = Documents.ROOT.resolve("docs/reference/semantics.md");

    /** A test as the page names it: class, and method unless all are meant. */
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w*Test)(?:\\.(\\w+))?`");

    private static final Pattern FAULT = Pattern.compile("(?m)^\\| <a id=\"fault(\\d\\d)\">");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\|.*$");

    @Test
    void tests_thatThePageNames_areThere() throws IOException {
        List<Path> sources = new ArrayList<>(Documents.sources("src/test", ".java"));
        sources.addAll(Documents.sources("src/fray", ".java"));
        List<String> missing = new ArrayList<>();
        List<MatchResult> named = Documents.find(NAMED, PAGE);
        for (MatchResult test : named) {
            if (sources.stream().noneMatch(source -> holds(source, test.group(1), test.group(2)))) {
                missing.add(test.group());
            }
        }

        assertThat(missing).isEmpty();
        assertThat(named).hasSizeGreaterThan(40);
    }

    @Test
    void faults_ofTheSemantics_haveATestEachThatIsNamedForThem() throws IOException {
        Set<Integer> faults = new TreeSet<>();
        Documents.find(FAULT, SEMANTICS).forEach(fault -> faults.add(Integer.valueOf(fault.group(1))));
        Set<Integer> tested = Documents.find(ROW, PAGE).stream()
                .filter(row -> row.group().contains(".fault%02d_".formatted(Integer.valueOf(row.group(1)))))
                .map(row -> Integer.valueOf(row.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(tested).isEqualTo(faults);
        assertThat(faults).hasSize(24);
    }

    private static boolean holds(Path source, String type, String method) {
        try {
            return source.endsWith(type + ".java")
                    && (method == null || Files.readString(source).contains(" " + method + "("));
        } catch (IOException e) {
            throw new AssertionError(source.toString(), e);
        }
    }
}
