// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.test.TestClock;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpMethod;

class DeadlineHeaderTest {

    private static final URI URI_WITH_SECRET = URI.create("http://prices.test/find?token=secret");

    private final DeadlineHeader header = new DeadlineHeader("Time-Left", Duration.ofMillis(1), Duration.ofSeconds(30));
    private final ScopeFactory scopes = ScopeFactory.create(f -> f.withTimeSource(new TestClock()));

    @AfterEach
    void close() {
        scopes.close();
    }

    @Test
    void parse_noValue_isNothing() {
        assertThat(header.parse(List.of())).isNull();
    }

    @Test
    void parse_digits_areMilliseconds() {
        assertThat(header.parse(List.of("800"))).isEqualTo(Duration.ofMillis(800));
        assertThat(header.parse(List.of("0001"))).isEqualTo(Duration.ofMillis(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "49", "50"})
    void parse_shortTime_isRaised(String value) {
        DeadlineHeader patient = new DeadlineHeader("Time-Left", Duration.ofMillis(50), Duration.ofSeconds(30));
        assertThat(patient.parse(List.of(value))).isEqualTo(Duration.ofMillis(50));
    }

    @ParameterizedTest
    @ValueSource(strings = {"30000", "30001", "999999999999999999"})
    void parse_longTime_isCut(String value) {
        assertThat(header.parse(List.of(value))).isEqualTo(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "0",
                "000",
                "-1",
                "+1",
                "1.5",
                "1e3",
                "0x10",
                "800ms",
                "PT1S",
                "1,2",
                " 1",
                "1 ",
                "1\n",
                "٣",
                "1000000000000000000",
                "99999999999999999999999999"
            })
    void parse_anythingElse_isRefused(String value) {
        assertThatExceptionOfType(InvalidDeadlineException.class)
                .isThrownBy(() -> header.parse(List.of(value)))
                .satisfies(e -> assertThat(e.getBody().getDetail()).contains("Time-Left"))
                .satisfies(e -> assertThat(e.getStatusCode().value()).isEqualTo(400));
    }

    @Test
    void parse_twoValues_areRefused() {
        assertThatExceptionOfType(InvalidDeadlineException.class).isThrownBy(() -> header.parse(List.of("800", "800")));
    }

    @Test
    void value_outsideOfScopes_isNone() {
        assertThat(DeadlineHeader.valueFor(Scope.current().orElse(null), HttpMethod.GET, URI_WITH_SECRET))
                .isEmpty();
    }

    @Test
    void value_noDeadline_isNone() {
        scopes.run(
                "free",
                scope -> assertThat(
                                DeadlineHeader.valueFor(Scope.current().orElse(null), HttpMethod.GET, URI_WITH_SECRET))
                        .isEmpty());
    }

    @Test
    void value_deadlineOfAnAncestor_isWhatRemains() {
        scopes.run(
                "outer",
                s -> s.withTimeout(Duration.ofNanos(1_999_999)),
                outer -> scopes.run(
                        "inner",
                        inner -> assertThat(DeadlineHeader.valueFor(
                                        Scope.current().orElse(null), HttpMethod.GET, URI_WITH_SECRET))
                                .hasValue("1")));
    }

    @Test
    void value_nothingLeft_throws() {
        scopes.run(
                "short",
                s -> s.withTimeout(Duration.ofNanos(999_999)),
                scope -> assertThatExceptionOfType(DeadlinePassedException.class)
                        .isThrownBy(() ->
                                DeadlineHeader.valueFor(Scope.current().orElse(null), HttpMethod.POST, URI_WITH_SECRET))
                        .withMessageContaining("scope 'short'")
                        .withMessageContaining("POST to prices.test")
                        .withMessageNotContaining("secret")
                        .satisfies(e -> assertThat(e.timeout()).isEqualTo(Duration.ofNanos(999_999))));
    }
}
