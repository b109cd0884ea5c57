// SPDX-License-Identifier: Apache-2.0
package io.traio.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Links between the pages lead somewhere, to the heading that they name. Links to other sites are not followed. */
class LinksTest {

    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#\\s]*)(?:#([^)]+))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
    private static final Pattern ANCHOR = Pattern.compile("<a id=\"([^\"]+)\">");
    private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```$");

    @Test
    void links_all_lead() throws IOException {
        List<String> dead = new ArrayList<>();
        for (Path page : Documents.pages()) {
            for (MatchResult link : LINK.matcher(text(page)).results().toList()) {
                Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
                boolean leads = Files.exists(target)
                        && (link.group(2) == null || anchors(target).contains(link.group(2)));
                if (!leads) {
                    dead.add(Documents.name(page) + ": " + link.group());
                }
            }
        }
        assertThat(dead).isEmpty();
    }

    /** One heading of a name in a page: a second one would have another anchor on each code host and site. */
    @Test
    void headings_thatAreLinkedTo_haveOneMeaning() throws IOException {
        for (Path page : Documents.pages()) {
            if (page.endsWith("CHANGELOG.md")) {
                continue;
            }
            List<String> slugs = headings(page);
            assertThat(slugs).as(Documents.name(page)).doesNotHaveDuplicates();
        }
    }

    /** Each page of the guide can be reached from the index. */
    @Test
    void pages_all_areInTheIndex() throws IOException {
        Path index = Documents.ROOT.resolve("docs/README.md");
        Set<Path> linked = new HashSet<>();
        for (MatchResult link : LINK.matcher(text(index)).results().toList()) {
            linked.add(index.resolveSibling(link.group(1)).normalize());
        }
        Set<String> unlinked = new TreeSet<>();
        for (Path page : Documents.pages()) {
            boolean decision = page.getParent().endsWith("adr");
            if (page.startsWith(index.getParent()) && !page.equals(index) && !decision && !linked.contains(page)) {
                unlinked.add(Documents.name(page));
            }
        }
        assertThat(unlinked).isEmpty();
    }

    private static String text(Path page) throws IOException {
        return CODE.matcher(Files.readString(page)).replaceAll("");
    }

    private static List<String> headings(Path page) throws IOException {
        return HEADING.matcher(text(page)).results().map(h -> slug(h.group(1))).toList();
    }

    private static Set<String> anchors(Path page) throws IOException {
        Set<String> anchors = new HashSet<>(headings(page));
        ANCHOR.matcher(text(page)).results().forEach(anchor -> anchors.add(anchor.group(1)));
        return anchors;
    }

    /** The anchor that code hosts give to a heading. */
    private static String slug(String heading) {
        return heading.replaceAll("\\[([^]]+)\\]\\([^)]*\\)", "$1")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}\\- _]", "")
                .replace(' ', '-');
    }
}
