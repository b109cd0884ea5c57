// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spring.boot.endpoint.ScopesDescriptor.ScopeDescriptor;
import io.traio.spring.boot.endpoint.ScopesDescriptor.TaskDescriptor;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScopesTextTest {

    @Test
    void tree_ofScopes_isDrawn() {
        TaskDescriptor alpha = task("4", "alpha", "running", false, true, true, "PT1.234S", "traio-1", null);
        TaskDescriptor report = task("5", "report", "running", true, false, false, "PT1S", "traio-2", null);
        TaskDescriptor insert = task("6", "insert", "queued", false, true, true, "PT0S", null, null);
        ScopeDescriptor audit = scope("3", "audit", null, null, List.of(insert), List.of());
        ScopeDescriptor log = scope("2", "log", null, "PT0.8S", List.of(), List.of());
        ScopeDescriptor quotes = scope("1", "quotes", "main", "PT0.8S", List.of(alpha, report), List.of(audit, log));
        ScopeDescriptor other = scope("7", "other", null, null, List.of(), List.of());
        assertThat(ScopesText.of(new ScopesDescriptor(2, false, List.of(quotes, other)), ""))
                .isEqualTo("""
                        quotes (scope 1) open 1.5 s, 800 ms left, thread main
                        ├── alpha (task 4) running 1.2 s, thread traio-1
                        ├── report (task 5) running 1.0 s, master, no bubble, background, thread traio-2
                        ├── audit (scope 3) open 1.5 s, body straggles
                        │   ├── insert (task 6) queued, to join, waits for permit of limiter 'db'
                        │   └── … 3 more
                        └── log (race 2) open 1.5 s, cancelled (explicit: lost), 800 ms left, waits for its members

                        other (scope 7) open 1.5 s

                        2 root scopes
                        """);
    }

    @Test
    void tree_withStacks_hasThemBesideTheLines() {
        TaskDescriptor alpha =
                task("4", "alpha", "running", false, true, true, "PT1S", "t", List.of("a.B.c(B.java:1)"));
        TaskDescriptor beta = task("5", "beta", "running", false, true, true, "PT1S", "u", List.of("d.E.f(E.java:2)"));
        ScopeDescriptor quotes = scope("1", "quotes", null, null, List.of(alpha, beta), List.of());
        assertThat(ScopesText.of(new ScopeDetailDescriptor(false, quotes))).isEqualTo("""
                        quotes (scope 1) open 1.5 s
                        ├── alpha (task 4) running 1.0 s, thread t
                        │     at a.B.c(B.java:1)
                        └── beta (task 5) running 1.0 s, thread u
                              at d.E.f(E.java:2)
                        """);
    }

    @Test
    void what_ofARoot_isInWords() {
        assertThat(ScopesText.what(null)).isNull();
        assertThat(ScopesText.what(Map.of(RootAttributes.METHOD, "GET"))).isEqualTo("GET");
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("tenant", RootAttributes.HIDDEN);
        attributes.put(RootAttributes.ROUTE, "/orders/{id}");
        attributes.put(RootAttributes.METHOD, "GET");
        assertThat(ScopesText.what(attributes)).isEqualTo("GET /orders/{id}, tenant ******");
    }

    @Test
    void tree_nothingLive_saysSo() {
        assertThat(ScopesText.of(new ScopesDescriptor(0, false, List.of()), "")).isEqualTo("No live scopes\n");
    }

    @Test
    void tree_truncated_saysSo() {
        ScopeDescriptor one = scope("1", "one", null, null, List.of(), List.of());
        assertThat(ScopesText.of(new ScopesDescriptor(1, true, List.of(one)), "?limit= shows more"))
                .endsWith("\n\n1 root scope; not all is shown, ?limit= shows more\n");
        assertThat(ScopesText.of(new ScopeDetailDescriptor(true, one))).endsWith("\nNot all is shown\n");
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 ms",
        "PT0.999S, 999 ms",
        "PT1S, 1.0 s",
        "PT59.999S, 59.9 s",
        "PT1M, 1 m 0 s",
        "PT59M59.9S, 59 m 59 s",
        "PT1H, 1 h 0 m",
        "PT23H59M, 23 h 59 m",
        "PT24H, 1 d 0 h",
        "P12DT3H, 12 d 3 h",
    })
    void age_anyLength_isReadable(Duration age, String shown) {
        ScopeDescriptor scope = new ScopeDescriptor(
                "1",
                "one",
                "scope",
                "open",
                null,
                null,
                null,
                Instant.EPOCH,
                age,
                null,
                false,
                false,
                null,
                null,
                List.of(),
                List.of());
        assertThat(ScopesText.of(new ScopeDetailDescriptor(false, scope)))
                .isEqualTo("one (scope 1) open " + shown + "\n");
    }

    private static ScopeDescriptor scope(
            String id,
            String name,
            String thread,
            String remaining,
            List<TaskDescriptor> tasks,
            List<ScopeDescriptor> children) {
        return new ScopeDescriptor(
                id,
                name,
                name.equals("log") ? "race" : "scope",
                "open",
                name.equals("log") ? "explicit: lost" : null,
                thread,
                name.equals("log") ? "its members" : null,
                Instant.EPOCH,
                Duration.ofMillis(1_500),
                remaining == null ? null : Duration.parse(remaining),
                name.equals("audit"),
                name.equals("undo"),
                null,
                name.equals("audit") ? 3 : null,
                tasks,
                children);
    }

    private static TaskDescriptor task(
            String id,
            String name,
            String state,
            boolean master,
            boolean bubble,
            boolean awaited,
            String age,
            String thread,
            List<String> stack) {
        return new TaskDescriptor(
                id,
                name,
                state,
                master,
                bubble,
                name.equals("insert"),
                awaited,
                Duration.parse(age),
                thread,
                name.equals("insert") ? "permit of limiter 'db'" : null,
                stack);
    }
}
