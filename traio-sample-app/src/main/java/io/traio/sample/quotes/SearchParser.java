// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import io.traio.sample.Problem;
import io.traio.sample.suppliers.Airport;
import io.traio.sample.suppliers.SupplierServer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.util.MultiValueMap;
import org.springframework.util.StringUtils;

/** Parses request parameters into a search. Its messages say what is wrong with them. */
@Component
final class SearchParser {

    static final Duration MAX_TIMEOUT = Duration.ofSeconds(10);

    private static final String DEFAULT_TIMEOUT = "800ms";
    private static final String LATENCY = "latency.";
    private static final Set<String> PARAMETERS = Set.of("from", "to", "timeout", "enough", "fail");

    private final List<String> suppliers;

    SearchParser(SupplierServer server) {
        this.suppliers = server.names();
    }

    /**
     * Parses a search.
     *
     * @throws Problem (400) if a parameter is unknown, missing or wrong
     */
    Search parse(MultiValueMap<String, String> parameters) {
        parameters.keySet().forEach(SearchParser::requireKnown);
        Airport from = airport("from", parameters.getFirst("from"));
        Airport to = airport("to", parameters.getFirst("to"));
        if (from == to) {
            throw bad("from and to are both " + from + ": there is nowhere to fly");
        }
        return new Search(
                from,
                to,
                timeout(parameters
                        .getOrDefault("timeout", List.of(DEFAULT_TIMEOUT))
                        .get(0)),
                enough(parameters.getFirst("enough")),
                latency(parameters.toSingleValueMap()),
                fail(parameters.getOrDefault("fail", List.of())));
    }

    private static void requireKnown(String parameter) {
        if (!PARAMETERS.contains(parameter) && !parameter.startsWith(LATENCY)) {
            throw bad("There is no parameter '" + parameter + "'");
        }
    }

    private static Airport airport(String parameter, @Nullable String code) {
        if (code == null) {
            throw bad("'" + parameter + "' is missing, an airport such as PAR");
        }
        return Airport.find(code)
                .orElseThrow(() -> bad("'" + parameter + "' is '" + code + "', which is not an airport; known are "
                        + Arrays.toString(Airport.values())));
    }

    private static Duration timeout(String text) {
        Duration timeout = duration("timeout", text);
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw bad("'timeout' is '" + text + "', but must be more than 0 and at most " + MAX_TIMEOUT.toSeconds()
                    + "s");
        }
        return timeout;
    }

    private int enough(@Nullable String text) {
        if (text == null) {
            return suppliers.size();
        }
        try {
            int enough = Integer.parseInt(text);
            if (enough >= 1 && enough <= suppliers.size()) {
                return enough;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw bad("'enough' is '" + text + "', but must be a number from 1 to " + suppliers.size());
    }

    private Map<String, Duration> latency(Map<String, String> parameters) {
        Map<String, Duration> latencies = new HashMap<>();
        parameters.forEach((parameter, text) -> {
            if (parameter.startsWith(LATENCY)) {
                String supplier = requireSupplier(parameter.substring(LATENCY.length()));
                latencies.put(supplier, latency(parameter, text));
            }
        });
        return latencies;
    }

    private static Duration latency(String parameter, String text) {
        Duration latency = duration(parameter, text);
        if (latency.isNegative() || latency.compareTo(SupplierServer.MAX_LATENCY) > 0) {
            throw bad("'" + parameter + "' is '" + text + "', but must be from 0 to "
                    + SupplierServer.MAX_LATENCY.toSeconds() + "s");
        }
        return latency;
    }

    private Set<String> fail(List<String> values) {
        Set<String> fail = StringUtils.commaDelimitedListToSet(StringUtils.collectionToCommaDelimitedString(values));
        fail.forEach(this::requireSupplier);
        return fail;
    }

    private String requireSupplier(String name) {
        if (!suppliers.contains(name)) {
            throw bad("There is no supplier '" + name + "'; known are " + suppliers);
        }
        return name;
    }

    private static Duration duration(String parameter, String text) {
        try {
            return DurationStyle.detectAndParse(text);
        } catch (IllegalArgumentException e) {
            throw new Problem(
                    HttpStatus.BAD_REQUEST,
                    "'" + parameter + "' is '" + text + "', which is not a duration such as 800ms or 2s",
                    e);
        }
    }

    private static Problem bad(String detail) {
        return new Problem(HttpStatus.BAD_REQUEST, detail);
    }
}
