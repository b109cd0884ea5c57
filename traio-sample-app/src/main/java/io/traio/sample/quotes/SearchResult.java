// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import io.traio.sample.suppliers.Airport;
import java.util.List;

/**
 * The answer to a search.
 *
 * @param search number of the search in the database
 * @param quotes the quotes that arrived in time, the cheapest first
 * @param suppliers what each supplier did
 * @param millis how long the search took
 */
record SearchResult(
        long search, Airport from, Airport to, List<Quote> quotes, List<SupplierReport> suppliers, long millis) {}
