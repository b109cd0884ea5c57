// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.support.HttpRequestWrapper;

/**
 * Adds the deadline header to each request of a {@code RestClient} or {@code RestTemplate}. A request that has the header
 * keeps it.
 *
 * @param header the header
 */
public record DeadlineClientHttpRequestInterceptor(DeadlineHeader header) implements ClientHttpRequestInterceptor {

    @Override
    public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
            throws IOException {
        String left = request.getHeaders().containsHeader(header.name())
                ? null
                : DeadlineHeader.valueFor(request.getMethod(), request.getURI()).orElse(null);
        return execution.execute(left != null ? new WithHeader(request, header.name(), left) : request, body);
    }

    /** Has headers of its own: the caller may execute its request again, when less time is left. */
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
