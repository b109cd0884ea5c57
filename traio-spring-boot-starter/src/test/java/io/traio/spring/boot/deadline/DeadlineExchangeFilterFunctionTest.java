// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.ScopeFactory;
import io.traio.spring.boot.reactor.ReactorScopes;
import io.traio.test.TestClock;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.client.ClientRequest;
import reactor.core.publisher.Mono;

class DeadlineExchangeFilterFunctionTest {

    private static final String HEADER = "Request-Timeout-Ms";

    private final ScopeFactory scopes = ScopeFactory.create(f -> f.withTimeSource(new TestClock()));
    private final DeadlineExchangeFilterFunction filter = new DeadlineExchangeFilterFunction(
            new DeadlineHeader(HEADER, Duration.ofMillis(1), Duration.ofMinutes(1)), new DeadlineHosts(List.of()));

    @AfterEach
    void close() {
        scopes.close();
    }

    private List<String> sentIn(UnaryOperator<Mono<?>> chain) {
        AtomicReference<List<String>> sent = new AtomicReference<>();
        ClientRequest request = ClientRequest.create(HttpMethod.GET, URI.create("http://localhost/"))
                .build();
        chain.apply(filter.filter(request, called -> {
                    sent.set(called.headers().getValuesAsList(HEADER));
                    return Mono.empty();
                }))
                .block();
        return sent.get();
    }

    @Test
    void call_inTheScopeOfAReactorContext_hasItsDeadline() {
        try (var scope = scopes.openShared("scope", s -> s.withTimeout(Duration.ofSeconds(2)))) {
            assertThat(sentIn(call -> call.contextWrite(ReactorScopes.with(scope))))
                    .containsExactly("2000");
        }
    }

    @Test
    void call_inNoScope_hasNone() {
        assertThat(sentIn(call -> call)).isEmpty();
    }
}
