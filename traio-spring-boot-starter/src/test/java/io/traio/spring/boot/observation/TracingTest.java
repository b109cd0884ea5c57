// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.BaggageInScope;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.traio.ScopeFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The spans of a request, as Spring Boot's tracing exports them. */
@Timeout(300)
class TracingTest {

    private static final String REQUEST = "http get /quotes";

    /** Name of each span with the name of the one above it. */
    private record Nested(String span, String above) {}

    private static Nested nested(String span, String above) {
        return new Nested(span, above);
    }

    private static List<SpanData> withTasks;

    @BeforeAll
    @Timeout(300)
    static void request() throws Exception {
        withTasks = spansOfARequest(8, "traio.observation.tasks=true");
    }

    @Test
    void request_withScopesAndTasks_showsThemNested() {
        assertNested(withTasks);
    }

    @Test
    void request_withoutContextPropagation_showsTheSame() throws Exception {
        assertNested(spansOfARequest(8, "traio.observation.tasks=true", "traio.propagation.enabled=false"));
    }

    private static void assertNested(List<SpanData> spans) {
        assertThat(edges(spans))
                .containsExactlyInAnyOrder(
                        nested(REQUEST, ""),
                        nested("scope http.request", REQUEST),
                        nested("scope quotes", "scope http.request"),
                        nested("task alpha", "scope quotes"),
                        nested("ask alpha", "task alpha"),
                        nested("scope hotels", "task alpha"),
                        nested("task inn", "scope hotels"),
                        nested("task beta", "scope quotes"));
        assertThat(spans)
                .extracting(SpanData::getTraceId)
                .containsOnly(spans.get(0).getTraceId());
    }

    @Test
    void task_thatFails_isAnErrorInTheTrace() {
        assertThat(span("task beta").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(span("task alpha").getStatus().getStatusCode()).isNotEqualTo(StatusCode.ERROR);
        assertThat(span("task beta").getAttributes().asMap().toString())
                .contains("task.name=beta")
                .contains("outcome=failure");
    }

    @Test
    void tracer_inATask_hasTheSpanOfTheTask() {
        assertThat(span("task inn").getAttributes().asMap().toString()).contains("seen=by the tracer");
    }

    @Test
    void request_withoutTasks_showsScopesNestedAndWhatTasksObserve() throws Exception {
        assertThat(edges(spansOfARequest(5)))
                .containsExactlyInAnyOrder(
                        nested(REQUEST, ""),
                        nested("scope http.request", REQUEST),
                        nested("scope quotes", "scope http.request"),
                        nested("ask alpha", "scope quotes"),
                        nested("scope hotels", "scope quotes"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "traio.observation.tasks=false",
                "traio.observation.tasks=true",
                "traio.observation.enabled=false"
            })
    void baggageAndMdc_inATask_areThoseOfTheSpawner(String property) throws Exception {
        try (ConfigurableApplicationContext context = start(property)) {
            Tracer tracer = context.getBean(Tracer.class);
            ObservationRegistry registry = context.getBean(ObservationRegistry.class);
            List<String> seen = Observation.createNotStarted("outer", registry).observe(() -> {
                try (BaggageInScope user = tracer.createBaggageInScope("user", "ada")) {
                    MDC.put("order", "42");
                    return context.getBean(ScopeFactory.class).call("work", scope -> {
                        String here = scope.spawn("one", () -> seen(tracer)).join();
                        String below = context.getBean(ScopeFactory.class)
                                .call(
                                        "below",
                                        inner -> inner.spawn("two", () -> seen(tracer))
                                                .join());
                        return List.of(here, below);
                    });
                } finally {
                    MDC.remove("order");
                }
            });
            assertThat(seen).containsExactly("ada 42 true", "ada 42 true");
            assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
        }
    }

    /** The baggage, the MDC, and whether the ids in the MDC are those of the current span. */
    private static String seen(Tracer tracer) {
        TraceContext span = tracer.currentSpan().context();
        boolean sameIds =
                span.traceId().equals(MDC.get("traceId")) && span.spanId().equals(MDC.get("spanId"));
        return tracer.getBaggage("user").get() + " " + MDC.get("order") + " " + sameIds;
    }

    private static ConfigurableApplicationContext start(String... properties) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0", "--management.tracing.sampling.probability=1.0", "--spring.main.banner-mode=off"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        return new SpringApplicationBuilder(App.class).run(arguments.toArray(String[]::new));
    }

    private static List<SpanData> spansOfARequest(int expected, String... properties) throws Exception {
        try (ConfigurableApplicationContext context = start(properties)) {
            String port = context.getEnvironment().getRequiredProperty("local.server.port");
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/quotes"))
                    .build();
            String body = HttpClient.newHttpClient()
                    .send(request, BodyHandlers.ofString())
                    .body();
            assertThat(body).isEqualTo("inn");
            InMemorySpanExporter exporter = context.getBean(App.class).exporter;
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> exporter.getFinishedSpanItems().size() >= expected);
            return exporter.getFinishedSpanItems();
        }
    }

    private static List<Nested> edges(List<SpanData> spans) {
        Map<String, SpanData> byId = spans.stream().collect(Collectors.toMap(SpanData::getSpanId, Function.identity()));
        return spans.stream()
                .map(span -> {
                    SpanData above = byId.get(span.getParentSpanId());
                    return nested(span.getName(), above != null ? above.getName() : "");
                })
                .toList();
    }

    private static SpanData span(String name) {
        return withTasks.stream()
                .filter(span -> span.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {

        final InMemorySpanExporter exporter = InMemorySpanExporter.create();

        @Bean
        SpanProcessor exportAtOnce() {
            return SimpleSpanProcessor.create(exporter);
        }

        @Bean
        Quotes quotes(ScopeFactory scopes, ObservationRegistry registry, Tracer tracer) {
            return new Quotes(scopes, registry, tracer);
        }
    }

    @RestController
    record Quotes(ScopeFactory scopes, ObservationRegistry registry, Tracer tracer) {

        @GetMapping("/quotes")
        String quotes() {
            return scopes.call("quotes", scope -> {
                scope.spawn(
                        "beta",
                        () -> {
                            throw new IllegalStateException("no quote");
                        },
                        t -> t.withBubble(false));
                return scope.spawn("alpha", this::alpha).join();
            });
        }

        private String alpha() {
            Observation.createNotStarted("ask alpha", registry).observe(() -> {});
            return scopes.call("hotels", scope -> scope.spawn("inn", this::inn).join());
        }

        private String inn() {
            tracer.currentSpan().tag("seen", "by the tracer");
            return "inn";
        }
    }
}
