// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spring.boot.endpoint.ScopesDescriptor;
import io.traio.spring.boot.endpoint.ScopesDescriptor.ScopeDescriptor;
import io.traio.spring.boot.endpoint.ScopesDescriptor.TaskDescriptor;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the documents refer to is there. */
@Timeout(60)
class DocumentsTest {

    private static final Path ROOT = Path.of("..");
    private static final Path DECISIONS = ROOT.resolve("docs/adr");
    private static final Path REFERENCE = ROOT.resolve("docs/reference");

    @Test
    void decisions_all_haveANumberOfTheirOwn() throws IOException {
        List<Path> decisions = files(DECISIONS);
        assertThat(decisions).extracting(DocumentsTest::number).doesNotHaveDuplicates();
        for (Path file : decisions) {
            assertThat(Files.readString(file)).startsWith("# " + number(file) + ". ");
        }
    }

    @Test
    void decisions_mentioned_areThere() throws IOException {
        List<Integer> numbers =
                files(DECISIONS).stream().map(DocumentsTest::number).toList();
        for (Path document : documents()) {
            assertThat(find("ADR (\\d+)", document))
                    .as(document.toString())
                    .allSatisfy(mention -> assertThat(numbers).contains(Integer.parseInt(mention.group(1))));
            assertThat(find("\\[ADR\\s+(\\d+)\\]\\((?:[^)]*/)?(\\d+)-[^)]*\\)", document))
                    .allSatisfy(link ->
                            assertThat(Integer.parseInt(link.group(1))).isEqualTo(Integer.parseInt(link.group(2))));
        }
    }

    private static int number(Path decision) {
        return Integer.parseInt(decision.getFileName().toString().substring(0, 4));
    }

    @Test
    void guides_all_areInTheSidebarOfTheSite() throws IOException {
        String site = Files.readString(ROOT.resolve("site/.vitepress/config.mjs"));
        assertThat(files(ROOT.resolve("docs/guide")))
                .isNotEmpty()
                .allSatisfy(guide -> assertThat(site)
                        .contains("['" + guide.getFileName().toString().replace(".md", "") + "',"));
    }

    @Test
    void tests_named_areThere() throws IOException {
        List<MatchResult> named = find("-Dtest=(\\w+)", ROOT.resolve("CONTRIBUTING.md"));
        assertThat(named).isNotEmpty().allSatisfy(test -> {
            try (Stream<Path> all = Files.walk(ROOT.resolve("traio-core/src/test"))) {
                assertThat(all).anyMatch(file -> file.endsWith(test.group(1) + ".java"));
            }
        });
    }

    @Test
    void rows_thatTestsCite_areInTheSemantics() throws IOException {
        List<String> rows = find("<a id=\"(\\w+)\"></a>", REFERENCE.resolve("semantics.md")).stream()
                .map(row -> row.group(1))
                .toList();
        assertThat(rows).doesNotHaveDuplicates();
        for (Path test : sources(ROOT.resolve("traio-core/src/test"))) {
            assertThat(find("@Spec\\(([^)]+)\\)", test).stream()
                            .flatMap(spec -> Pattern.compile("\"([^\"]+)\"")
                                    .matcher(spec.group(1))
                                    .results()))
                    .as(test.toString())
                    .allSatisfy(row -> assertThat(rows).contains(row.group(1).toLowerCase(Locale.ROOT)));
            assertThat(find("void (fault\\d+)_", test))
                    .as(test.toString())
                    .allSatisfy(fault -> assertThat(rows).contains(fault.group(1)));
        }
    }

    @Test
    void json_inTheReference_hasTheFieldsOfAnAnswer() throws IOException {
        String json = find("(?s)```json\n(.*?)```", REFERENCE.resolve("endpoint.md"))
                .get(0)
                .group(1);
        JsonNode answer = JsonMapper.shared().readTree(json);
        assertThat(answer.propertyNames()).containsExactlyElementsOf(components(ScopesDescriptor.class));
        JsonNode scope = answer.at("/scopes/0");
        List<String> ofLiveScope = components(ScopeDescriptor.class);
        ofLiveScope.removeAll(List.of("cancelled", "attributes", "omitted"));
        assertThat(scope.propertyNames()).containsExactlyElementsOf(ofLiveScope);
        List<String> withoutStack = components(TaskDescriptor.class);
        withoutStack.removeAll(List.of("waitsFor", "stack"));
        assertThat(scope.get("tasks"))
                .isNotEmpty()
                .allSatisfy(task -> assertThat(task.propertyNames()).containsExactlyElementsOf(withoutStack));
    }

    private static List<String> components(Class<?> type) {
        List<String> names = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            names.add(component.getName());
        }
        return names;
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (Path folder : List.of(ROOT, ROOT.resolve("docs"), ROOT.resolve("docs/guide"), DECISIONS, REFERENCE)) {
            documents.addAll(files(folder));
        }
        return documents;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> sources(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static List<MatchResult> find(String pattern, Path file) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(file))
                .results()
                .toList();
    }
}
