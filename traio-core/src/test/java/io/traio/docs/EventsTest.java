// SPDX-License-Identifier: Apache-2.0
package io.traio.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jdk.jfr.Name;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first table of docs/reference/events.md has the events of the flight recorder with all their fields. */
class EventsTest {

    private static final Path PAGE = Documents.ROOT.resolve("docs/reference/events.md");

    @ParameterizedTest
    @ValueSource(strings = {"io.traio.internal.engine.ScopeEvent", "io.traio.internal.engine.TaskEvent"})
    void fields_inTheTable_areThoseOfTheEvent(String className) throws ClassNotFoundException, IOException {
        Class<?> event = Class.forName(className);
        String row = Pattern.quote("| `" + event.getAnnotation(Name.class).value() + "` | ") + "([^;]+);.*";
        List<MatchResult> rows = Documents.find(Pattern.compile(row), PAGE);
        assertThat(rows).hasSize(1);
        assertThat(Pattern.compile("`(\\w+)`")
                        .matcher(rows.get(0).group(1))
                        .results()
                        .map(field -> field.group(1)))
                .containsExactlyElementsOf(Stream.of(event.getDeclaredFields())
                        .filter(field -> !Modifier.isStatic(field.getModifiers()) && !field.isSynthetic())
                        .map(Field::getName)
                        .toList());
    }
}
