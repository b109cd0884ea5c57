// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.traio.sample.SampleTest;
import io.traio.sample.examples.ExampleController.Item;
import io.traio.sample.examples.ExampleController.Result;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

@SampleTest
class ExamplesTest {

    @Autowired
    private RestTestClient rest;

    /** Name, start of the outcome, and events in the order in which they must be found; others may lie between. */
    static Stream<Arguments> examples() {
        return Stream.of(
                arguments("simple-scope", "returned", List.of("body has reached", "page \\d+ fetched", "has ended")),
                arguments("shared-scope", "returned", List.of("completed", "page \\d+ fetched", "has ended")),
                arguments(
                        "names-and-logger",
                        "returned",
                        List.of("'library'.*opened", "'atlas'.*started", "an atlas fetched", "'library'.*ended")),
                arguments(
                        "bubble-false",
                        "ScopeTimeoutException: scope 'fetch'",
                        List.of("trivial task fails", "long page interrupted")),
                arguments("master", "returned", List.of("short page fetched", "long page interrupted", "has ended")),
                arguments(
                        "not-awaited",
                        "returned",
                        List.of("tick 1 fetched", "real work fetched", "tick \\d+ interrupted", "has ended")),
                arguments("all-flags", "returned", List.of("watchdog fails", "long page interrupted", "has ended")),
                arguments(
                        "nested-scope",
                        "ScopeTimeoutException: scope 'outer'",
                        List.of("long page interrupted", "inner scope was cancelled")),
                arguments("abandon-on-cancel", "ScopeTimeoutException: scope 'query'", List.of("run on: [1-9]")),
                arguments("no-interrupt", "returned", List.of("cancel", "channel is still open", "has ended")),
                arguments(
                        "cancel-hook",
                        "ScopeTimeoutException: scope 'call'",
                        List.of("hook closes the socket", "read ends: Socket closed")),
                arguments(
                        "current-scope",
                        "returned",
                        List.of("server runs in main", "for client \\d, in the scope of client \\d, fetched")),
                arguments(
                        "race",
                        "returned",
                        List.of(
                                "fast mirror fetched",
                                "slow mirror interrupted",
                                "is over: a page of the fast mirror")),
                arguments(
                        "hedge",
                        "returned",
                        List.of("search 2 answered", "call 4 fetched", "call 3 interrupted", "calls for 5 searches")),
                arguments(
                        "map-all",
                        "returned",
                        List.of(
                                "page 2 is pulled",
                                "page \\d fetched",
                                "page 3 is pulled",
                                "all: \\[page 1, page 2, page 3, page 4\\]")),
                arguments(
                        "timeout-as-result",
                        "returned",
                        List.of("long page interrupted", "from the cache.*timed out", "no page.*reader went away")),
                arguments(
                        "start",
                        "returned",
                        List.of("catalogue fetched", "is ready, with 42", "visitor interrupted", "has ended")),
                arguments(
                        "shield",
                        "ScopeTimeoutException: scope 'loan'",
                        List.of("long page interrupted", "(place|card) fetched", "(place|card) fetched")),
                arguments("resources", "returned", List.of("card fetched", "tidied up", "given back", "has ended")),
                arguments(
                        "shared-limiter",
                        "returned",
                        List.of(
                                "4 readers wait, 2 are served",
                                "reader . in the .* fetched",
                                "6 readers were served")));
    }

    @Test
    void examples_areListed() {
        List<Item> items = rest.get()
                .uri("/examples")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(new ParameterizedTypeReference<List<Item>>() {})
                .returnResult()
                .getResponseBody();

        assertThat(items)
                .extracting(Item::name)
                .containsExactlyElementsOf(
                        examples().map(example -> (String) example.get()[0]).toList());
        assertThat(items).extracting(Item::about).doesNotHaveDuplicates().noneMatch(String::isBlank);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void example_doesWhatItSays(String name, String outcome, List<String> events) {
        Result result = rest.post()
                .uri("/examples/{name}", name)
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(Result.class)
                .returnResult()
                .getResponseBody();

        assertThat(result).isNotNull();
        assertThat(result.name()).isEqualTo(name);
        assertThat(result.outcome()).startsWith(outcome);
        assertThat(result.millis()).isPositive();
        assertThat(String.join(
                        "\n", result.events().stream().map(Journal.Event::what).toList()))
                .containsPattern("(?s)" + String.join(".*", events));
    }

    @Test
    void example_unknown_404() {
        rest.post()
                .uri("/examples/{name}", "perpetuum <mobile>")
                .exchange()
                .expectStatus()
                .isNotFound()
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.detail")
                .isEqualTo("There is no example 'perpetuum <mobile>'");
    }
}
