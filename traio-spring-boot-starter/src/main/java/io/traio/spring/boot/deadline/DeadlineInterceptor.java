// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.support.HttpRequestWrapper;

/** Says in each call of a {@code RestClient} or {@code RestTemplate} how much time is left; a header that is there stays. */
record DeadlineInterceptor(DeadlineHeader header) implements ClientHttpRequestInterceptor {

    @Override
    public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
            throws IOException {
        String left = request.getHeaders().containsHeader(header.name())
                ? null
                : DeadlineHeader.valueFor(request.getMethod(), request.getURI()).orElse(null);
        return execution.execute(left != null ? new WithHeader(request, header.name(), left) : request, body);
    }

    /** Has headers of its own: the request that was given may be executed again, when less is left. */
    private static final class WithHeader extends HttpRequestWrapper {

        private final HttpHeaders headers;

        WithHeader(HttpRequest request, String name, String value) {
            super(request);
            headers = HttpHeaders.copyOf(request.getHeaders());
            headers.set(name, value);
        }

        @Override
        public HttpHeaders getHeaders() {
            return headers;
        }
    }
}
