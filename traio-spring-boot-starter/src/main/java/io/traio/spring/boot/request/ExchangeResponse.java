// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import java.nio.file.Path;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A response that is written when the scope of its request has ended. A stream is written first, since tasks may feed it, and
 * ends by the failure of the scope.
 */
class ExchangeResponse extends ServerHttpResponseDecorator {

    private final ExchangeHandling handling;

    private ExchangeResponse(ServerHttpResponse response, ExchangeHandling handling) {
        super(response);
        this.handling = handling;
    }

    static ServerHttpResponse of(ServerHttpResponse response, ExchangeHandling handling) {
        return response instanceof ZeroCopyHttpOutputMessage
                ? new ZeroCopy(response, handling)
                : new ExchangeResponse(response, handling);
    }

    @Override
    public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
        return super.writeWith(
                body instanceof Mono<? extends DataBuffer> value
                        ? handling.orFailure(value).flatMap(this::whenScopeHasEnded)
                        : handling.orFailure(Flux.from(body)));
    }

    @Override
    public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
        return super.writeAndFlushWith(handling.orFailure(Flux.from(body)));
    }

    @Override
    public Mono<Void> setComplete() {
        return handling.beforeResponse().then(Mono.defer(super::setComplete));
    }

    /** Passes the whole body on. Not in the commit of the response, which could not be cancelled without harm. */
    private Mono<DataBuffer> whenScopeHasEnded(DataBuffer body) {
        Runnable release = () -> DataBufferUtils.release(body);
        return handling.beforeResponse()
                .doOnError(failure -> release.run())
                .doOnCancel(release)
                .thenReturn(body);
    }

    /** Returns what runs before a response that is written otherwise. */
    final Mono<Void> ended() {
        return handling.beforeResponse();
    }

    /** Keeps files from being copied through the process. */
    private static final class ZeroCopy extends ExchangeResponse implements ZeroCopyHttpOutputMessage {

        ZeroCopy(ServerHttpResponse response, ExchangeHandling handling) {
            super(response, handling);
        }

        @Override
        public Mono<Void> writeWith(Path file, long position, long count) {
            ZeroCopyHttpOutputMessage response = (ZeroCopyHttpOutputMessage) getDelegate();
            return ended().then(Mono.defer(() -> response.writeWith(file, position, count)));
        }
    }
}
