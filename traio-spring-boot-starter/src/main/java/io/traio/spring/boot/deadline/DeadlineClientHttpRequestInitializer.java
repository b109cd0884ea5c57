// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import io.traio.Scope;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestInitializer;

/**
 * Adds the deadline header to each request of a {@code RestClient} or {@code RestTemplate}. A request that has the header
 * keeps it. Hosts that are not to know it do not get it. An initializer and no interceptor: those hold the whole body of a
 * request in memory.
 *
 * @param header the header
 * @param hosts the hosts that get it
 */
public record DeadlineClientHttpRequestInitializer(DeadlineHeader header, DeadlineHosts hosts)
        implements ClientHttpRequestInitializer {

    @Override
    public void initialize(ClientHttpRequest request) {
        Scope scope = Scope.current().orElse(null);
        if (scope != null && !request.getHeaders().containsHeader(header.name())) {
            DeadlineHeader.valueFor(scope, request.getMethod(), request.getURI())
                    .filter(left -> hosts.contain(request.getURI()))
                    .ifPresent(left -> request.getHeaders()
                            .put(header.name(), new TimeLeft(scope, request.getMethod(), request.getURI(), left)));
        }
    }
}
