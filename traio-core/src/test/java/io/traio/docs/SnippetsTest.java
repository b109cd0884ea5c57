// SPDX-License-Identifier: Apache-2.0
package io.traio.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * All Java and Kotlin code in README and docs is code that is compiled and run: each block stands, line by line, in a test, or
 * in the sample. To change a block, change the test, and copy. Decisions are left out: they show what was refused, too.
 */
class SnippetsTest {

    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(java|kotlin)\\n(.*?)^```$");

    /** Tests of the modules that they are about compare these, and run their code. */
    private static final Set<String> HELD_ELSEWHERE = Set.of("kotlin.md", "testing.md");

    @Test
    void code_inThePages_isCodeOfTests() throws IOException {
        List<String> sources = new ArrayList<>();
        for (Path file : Documents.sources("src/test", ".java", ".kt")) {
            sources.add(Documents.lines(Files.readString(file)));
        }
        for (Path file : Documents.sources("src/main", ".java", ".kt")) {
            if (file.toString().contains("traio-sample-app")) {
                sources.add(Documents.lines(Files.readString(file)));
            }
        }
        List<String> missing = new ArrayList<>();
        int count = 0;
        for (Path page : Documents.pages()) {
            if (page.getParent().endsWith("adr")
                    || HELD_ELSEWHERE.contains(page.getFileName().toString())) {
                continue;
            }
            for (MatchResult block : Documents.find(BLOCK, page)) {
                String code = Documents.lines(block.group(2));
                count++;
                if (sources.stream().noneMatch(source -> source.contains(code))) {
                    missing.add(Documents.name(page) + ":" + code);
                }
            }
        }
        assertThat(missing).as("code that stands in no test").isEmpty();
        assertThat(count).isGreaterThan(60);
    }
}
