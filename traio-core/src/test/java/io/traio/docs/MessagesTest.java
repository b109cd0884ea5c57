// SPDX-License-Identifier: Apache-2.0
package io.traio.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The messages that docs/troubleshooting.md quotes occur in the sources. */
class MessagesTest {

    private static final Pattern QUOTE = Pattern.compile("(?m)^> (.+)$");
    /** Two string literals that are one, on two lines. */
    private static final Pattern JOINED = Pattern.compile("\"\\s*\\+\\s*\"");
    /** Where a message has a value: the end of a literal and the beginning of the next one, or the placeholder of a log. */
    private static final String ELLIPSIS = "…";

    @Test
    void messages_quoted_occurInTheSources() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path file : Documents.sources("src/main/java", ".java")) {
            all.append(JOINED.matcher(Files.readString(file)).replaceAll(""));
        }
        List<MatchResult> quotes = Documents.find(QUOTE, Documents.ROOT.resolve("docs/troubleshooting.md"));
        assertThat(quotes).hasSizeGreaterThan(25);
        for (MatchResult quote : quotes) {
            for (String part : quote.group(1).split(ELLIPSIS)) {
                if (!part.isBlank()) {
                    assertThat(all).as(quote.group(1)).contains(part.strip());
                }
            }
        }
    }
}
