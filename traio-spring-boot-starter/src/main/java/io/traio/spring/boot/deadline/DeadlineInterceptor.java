// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import java.io.IOException;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;

/** Says in each call of a {@code RestClient} or {@code RestTemplate} how much time is left; a header that is there stays. */
record DeadlineInterceptor(DeadlineHeader header) implements ClientHttpRequestInterceptor {

    @Override
    public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
            throws IOException {
        if (!request.getHeaders().containsHeader(header.name())) {
            DeadlineHeader.valueFor(request.getMethod(), request.getURI())
                    .ifPresent(left -> request.getHeaders().set(header.name(), left));
        }
        return execution.execute(request, body);
    }
}
