// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.suppliers;

import io.traio.sample.suppliers.SupplierProperties.Conduct;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.MultiValueMap;
import org.springframework.web.util.UriComponents;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * A request to a supplier.
 *
 * @param supplier name of the supplier; a placeholder if the request is refused
 * @param latency how long to take
 * @param answer the HTTP response, which closes the connection
 */
record SupplierCall(String supplier, Duration latency, String answer) {

    private static final Pattern REQUEST_LINE = Pattern.compile("GET (\\S+) HTTP/1\\.[01]");
    private static final Pattern PATH = Pattern.compile("/([a-z]+)/fare");

    static SupplierCall read(BufferedReader in, SupplierProperties properties) throws IOException {
        String requestLine = in.readLine();
        for (String header = requestLine; header == null || !header.isEmpty(); header = in.readLine()) {
            if (header == null) {
                throw new EOFException("The request ended early");
            }
        }
        try {
            return parse(requestLine, properties);
        } catch (IllegalArgumentException e) {
            return refusal("400 Bad Request");
        }
    }

    private static SupplierCall parse(String requestLine, SupplierProperties properties) {
        Matcher request = REQUEST_LINE.matcher(requestLine);
        if (!request.matches()) {
            return refusal("405 Method Not Allowed");
        }
        UriComponents uri = UriComponentsBuilder.fromUriString(request.group(1)).build();
        Matcher path = PATH.matcher(String.valueOf(uri.getPath()));
        Optional<Conduct> conduct = path.matches() ? properties.find(path.group(1)) : Optional.empty();
        if (conduct.isEmpty()) {
            return refusal("404 Not Found");
        }
        return of(path.group(1), conduct.get(), uri.getQueryParams());
    }

    private static SupplierCall of(String supplier, Conduct usual, MultiValueMap<String, String> query) {
        Airport from = airport(query, "from");
        Airport to = airport(query, "to");
        String latency = query.getFirst("latency");
        Conduct conduct = new Conduct(
                latency == null ? usual.latency() : DurationStyle.detectAndParse(latency),
                query.containsKey("fail") ? Boolean.parseBoolean(query.getFirst("fail")) : usual.failing());
        String answer = conduct.failing()
                ? response("503 Service Unavailable", "{\"error\":\"%s is out of order\"}".formatted(supplier))
                : response(
                        "200 OK",
                        "{\"supplier\":\"%s\",\"price\":%s,\"currency\":\"EUR\"}"
                                .formatted(supplier, Fares.of(supplier, from, to)));
        return new SupplierCall(supplier, conduct.latency(), answer);
    }

    private static Airport airport(MultiValueMap<String, String> query, String parameter) {
        return Airport.find(String.valueOf(query.getFirst(parameter)))
                .orElseThrow(() -> new IllegalArgumentException(parameter + " is not an airport"));
    }

    private static SupplierCall refusal(String status) {
        return new SupplierCall("nobody", Duration.ZERO, response(status, "{\"error\":\"%s\"}".formatted(status)));
    }

    private static String response(String status, String json) {
        return String.join(
                "\r\n",
                "HTTP/1.1 " + status,
                "Content-Type: application/json",
                "Content-Length: " + json.length(),
                "Connection: close",
                "",
                json);
    }
}
