// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import io.traio.sample.suppliers.SupplierServer;
import java.net.http.HttpClient;
import java.util.Objects;
import java.util.Optional;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/**
 * Asks suppliers over HTTP. An interrupt ends the call and closes the connection: the JDK's client does this for
 * {@link JdkClientHttpRequestFactory}, and a cancelled task needs nothing else to give up its call.
 */
@Component
final class SupplierClient {

    private final RestClient http;

    SupplierClient(RestClient.Builder http, SupplierServer server) {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        this.http = http.requestFactory(new JdkClientHttpRequestFactory(client))
                .baseUrl(server.uri())
                .build();
    }

    /**
     * Waits for the quote of a supplier.
     *
     * @throws org.springframework.web.client.RestClientException if the supplier answers with an error, cannot be
     *     reached, or this thread is interrupted
     */
    Quote quote(String supplier, Search search) {
        Quote quote = http.get()
                .uri(uri -> uri.path("/{supplier}/fare")
                        .queryParam("from", search.from())
                        .queryParam("to", search.to())
                        .queryParamIfPresent(
                                "latency", Optional.ofNullable(search.latency().get(supplier)))
                        .queryParamIfPresent(
                                "fail", search.fail().contains(supplier) ? Optional.of(true) : Optional.empty())
                        .build(supplier))
                .retrieve()
                .body(Quote.class);
        return Objects.requireNonNull(quote, "body of the answer");
    }
}
