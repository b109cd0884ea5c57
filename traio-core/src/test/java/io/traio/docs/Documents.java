// SPDX-License-Identifier: Apache-2.0
package io.traio.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The pages of the repository, and the sources that they are about. */
final class Documents {

    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private Documents() {}

    /** All pages that people read: those at the root, and those in docs. */
    static List<Path> pages() throws IOException {
        try (Stream<Path> root = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(root, docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    /** Files of all modules whose path has a part such as {@code src/test}. */
    static List<Path> sources(String part, String... extensions) throws IOException {
        try (Stream<Path> modules = Files.list(ROOT)) {
            Predicate<Path> isWanted =
                    file -> Stream.of(extensions).anyMatch(e -> file.toString().endsWith(e));
            return modules.filter(module -> module.getFileName().toString().startsWith("traio-"))
                    .map(module -> module.resolve(part))
                    .filter(Files::isDirectory)
                    .flatMap(Documents::walk)
                    .filter(isWanted)
                    .toList();
        }
    }

    private static Stream<Path> walk(Path folder) {
        try {
            return Files.walk(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<MatchResult> find(Pattern pattern, Path file) throws IOException {
        return pattern.matcher(Files.readString(file)).results().toList();
    }

    static String name(Path page) {
        return ROOT.relativize(page).toString();
    }

    /** Code without indentation and empty lines, so that it is the same wherever it stands. */
    static String lines(String code) {
        return code.lines().map(String::strip).filter(l -> !l.isEmpty()).collect(Collectors.joining("\n", "\n", "\n"));
    }
}
