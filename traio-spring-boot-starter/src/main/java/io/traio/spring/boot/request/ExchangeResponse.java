// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import java.nio.file.Path;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.core.publisher.Mono;

/**
 * A response that is written when the scope of its request has ended. One with a stream for its body is written first: tasks
 * may feed it.
 */
class ExchangeResponse extends ServerHttpResponseDecorator {

    private final ExchangeHandling handling;

    private ExchangeResponse(ServerHttpResponse response, ExchangeHandling handling) {
        super(response);
        this.handling = handling;
    }

    static ServerHttpResponse of(ServerHttpResponse response, ExchangeHandling handling) {
        response.beforeCommit(handling::beforeCommit);
        return response instanceof ZeroCopyHttpOutputMessage
                ? new ZeroCopy(response, handling)
                : new ExchangeResponse(response, handling);
    }

    @Override
    public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
        if (!(body instanceof Mono)) {
            handling.streams();
        }
        return super.writeWith(body);
    }

    @Override
    public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
        handling.streams();
        return super.writeAndFlushWith(body);
    }

    /** Keeps files from being copied through the process. */
    private static final class ZeroCopy extends ExchangeResponse implements ZeroCopyHttpOutputMessage {

        ZeroCopy(ServerHttpResponse response, ExchangeHandling handling) {
            super(response, handling);
        }

        @Override
        public Mono<Void> writeWith(Path file, long position, long count) {
            return ((ZeroCopyHttpOutputMessage) getDelegate()).writeWith(file, position, count);
        }
    }
}
