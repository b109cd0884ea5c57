// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

/** A response whose reading ends with the code that reads it. */
record ResponseInScope(ClientHttpResponse delegate, InterruptibleCall call) implements ClientHttpResponse {

    @Override
    public InputStream getBody() throws IOException {
        return new Body(call.call(delegate::getBody), call);
    }

    @Override
    public HttpHeaders getHeaders() {
        return delegate.getHeaders();
    }

    @Override
    public HttpStatusCode getStatusCode() throws IOException {
        return delegate.getStatusCode();
    }

    @Override
    public String getStatusText() throws IOException {
        return delegate.getStatusText();
    }

    @Override
    public void close() {
        try {
            call.close(delegate::close);
        } finally {
            call.over();
        }
    }

    private static final class Body extends FilterInputStream {

        private final InterruptibleCall call;

        Body(InputStream body, InterruptibleCall call) {
            super(body);
            this.call = call;
        }

        @Override
        public int read() throws IOException {
            return call.call(super::read);
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            return call.call(() -> super.read(bytes, from, length));
        }
    }
}
