// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import java.util.List;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** Stores searches and quotes. */
@Repository
class QuoteStore {

    private final JdbcClient jdbc;

    QuoteStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Records that a search has begun, and returns its number. */
    long begin(Search search) {
        GeneratedKeyHolder key = new GeneratedKeyHolder();
        jdbc.sql("insert into search (origin, destination, timeout_millis) values (:from, :to, :timeout)")
                .param("from", search.from().name())
                .param("to", search.to().name())
                .param("timeout", search.timeout().toMillis())
                .update(key, "id");
        return Objects.requireNonNull(key.getKeyAs(Long.class), "id of the search");
    }

    /** Records the end of a search and the quotes that it found. */
    @Transactional
    void finish(long search, List<Quote> quotes) {
        for (Quote quote : quotes) {
            jdbc.sql("insert into quote (search_id, supplier, price, currency) values (?, ?, ?, ?)")
                    .params(search, quote.supplier(), quote.price(), quote.currency())
                    .update();
        }
        jdbc.sql("update search set finished_at = current_timestamp where id = ?")
                .param(search)
                .update();
    }
}
