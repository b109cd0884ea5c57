// SPDX-License-Identifier: Apache-2.0
package io.traio.sample;

import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

/** Keeps the spans that the application exports. */
@TestConfiguration(proxyBeanMethods = false)
public class Spans {

    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();

    @Bean
    SpanProcessor exportAtOnce() {
        return SimpleSpanProcessor.create(exporter);
    }

    /** Forgets what there is. */
    public void reset() {
        exporter.reset();
    }

    /** Each span that has ended and the one above it: {@code "suppliers < quotes"}. */
    public List<String> nested() {
        List<SpanData> spans = exporter.getFinishedSpanItems();
        Map<String, SpanData> byId = spans.stream().collect(Collectors.toMap(SpanData::getSpanId, Function.identity()));
        return spans.stream()
                .map(span -> {
                    SpanData above = byId.get(span.getParentSpanId());
                    return span.getName() + (above == null ? "" : " < " + above.getName());
                })
                .toList();
    }
}
