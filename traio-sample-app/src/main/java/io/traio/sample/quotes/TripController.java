// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import io.traio.Scope;
import io.traio.Task;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code GET /trips?from=PAR&to=NRT}, with the parameters of {@link QuoteController}: both ways at once, in the scope
 * that every request has. If the caller sends its deadline in the header {@code Request-Timeout-Ms} and the time runs
 * out, the answer is a 503 and the searches are cancelled.
 */
@RestController
final class TripController {

    private final Scope request;
    private final SearchParser parser;
    private final FareFinder finder;

    TripController(Scope request, SearchParser parser, FareFinder finder) {
        this.request = request;
        this.parser = parser;
        this.finder = finder;
    }

    @GetMapping("/trips")
    Trip trip(@RequestParam MultiValueMap<String, String> parameters) {
        Search there = parser.parse(parameters);
        Task<SearchResult> outward = request.spawn("outward", () -> finder.find(there));
        Task<SearchResult> back = request.spawn("back", () -> finder.find(there.reversed()));
        return new Trip(outward.join(), back.join());
    }
}
