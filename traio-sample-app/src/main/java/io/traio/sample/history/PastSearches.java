// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.history;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Repository;

/** Reads the searches that {@code io.traio.sample.quotes} has stored. */
@Repository
class PastSearches {

    private final JdbcClient jdbc;

    PastSearches(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<PastSearch> latest() {
        return jdbc.sql("select id, origin, destination, (select count(*) from quote where search_id = id) as quotes"
                        + " from search order by id desc limit 10")
                .query(PastSearch.class)
                .list();
    }

    /** Counts how often each supplier was the cheapest. Runs as a task of the scope in which it is called. */
    @Async("scopeTaskExecutor")
    CompletableFuture<List<Cheapest>> cheapest() {
        return CompletableFuture.completedFuture(jdbc.sql("select supplier, count(*) as times from quote q"
                        + " where price = (select min(price) from quote where search_id = q.search_id)"
                        + " group by supplier order by times desc, supplier")
                .query(Cheapest.class)
                .list());
    }
}
