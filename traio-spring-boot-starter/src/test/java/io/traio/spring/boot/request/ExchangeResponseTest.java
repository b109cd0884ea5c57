// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.ScopeFactory;
import io.traio.spi.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.publisher.Mono;

class ExchangeResponseTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final ScopeFactory factory = ScopeFactory.create();
    private final ExchangeHandling handling = new ExchangeHandling(
            new RequestScopeFactory<>(factory, null, /* joinsAtEnd= */ true, List.of(), TimeSource.system()),
            MockServerWebExchange.from(MockServerHttpRequest.get("/")));

    @AfterEach
    void close() {
        factory.close();
    }

    @Test
    void file_whereTheServerSendsItWithoutACopy_isSentSo() {
        SendsFiles server = new SendsFiles();
        ServerHttpResponse response = ExchangeResponse.of(server, handling);
        assertThat(response).isInstanceOf(ZeroCopyHttpOutputMessage.class);
        ((ZeroCopyHttpOutputMessage) response).writeWith(Path.of("file"), 1, 2).block(LONG);
        assertThat(server.sent).containsExactly(Path.of("file"));
        assertThat(ExchangeResponse.of(new MockServerHttpResponse(), handling))
                .isNotInstanceOf(ZeroCopyHttpOutputMessage.class);
    }

    @Test
    void body_scopeHasFailed_isNotWritten() {
        IllegalArgumentException failure = new IllegalArgumentException("task");
        handling.scope().spawn("fails", () -> {
            throw failure;
        });
        MockServerHttpResponse server = new MockServerHttpResponse();
        Mono<Void> written = ExchangeResponse.of(server, handling)
                .writeWith(Mono.fromSupplier(() -> DefaultDataBufferFactory.sharedInstance.wrap(new byte[1])));
        assertThatThrownBy(() -> written.block(LONG)).isSameAs(failure);
        assertThat(server.isCommitted()).isFalse();
    }

    @Test
    void completion_scopeHasFailed_doesNotCommit() {
        IllegalArgumentException failure = new IllegalArgumentException("cancelled");
        handling.scope().cancel(failure);
        MockServerHttpResponse server = new MockServerHttpResponse();
        assertThatThrownBy(() ->
                        ExchangeResponse.of(server, handling).setComplete().block(LONG))
                .isSameAs(failure);
        assertThat(server.isCommitted()).isFalse();
    }

    private static final class SendsFiles extends MockServerHttpResponse implements ZeroCopyHttpOutputMessage {

        private final List<Path> sent = new ArrayList<>();

        @Override
        public Mono<Void> writeWith(Path file, long position, long count) {
            sent.add(file);
            return Mono.empty();
        }
    }
}
