// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import io.traio.ScopeCancelledException;
import io.traio.sample.Problem;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /quotes?from=PAR&to=NRT&timeout=800ms&latency.beta=2s&fail=gamma&enough=2}. */
@RestController
final class QuoteController {

    private final SearchParser parser;
    private final FareFinder finder;

    QuoteController(SearchParser parser, FareFinder finder) {
        this.parser = parser;
        this.finder = finder;
    }

    @GetMapping("/quotes")
    SearchResult quotes(@RequestParam MultiValueMap<String, String> parameters) {
        SearchResult result = finder.find(parser.parse(parameters));
        if (result.quotes().isEmpty()) {
            throw new Problem(HttpStatus.SERVICE_UNAVAILABLE, "No supplier has given a quote")
                    .with("search", result.search())
                    .with("suppliers", result.suppliers())
                    .with("millis", result.millis());
        }
        return result;
    }

    @ExceptionHandler
    ProblemDetail cancelled(ScopeCancelledException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, "The search was cancelled");
    }
}
