// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.history;

import io.traio.Scope;
import io.traio.Task;
import io.traio.spring.boot.inscope.InScope;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.stereotype.Service;

/** Runs two database queries at once. */
@Service
class History {

    private final PastSearches searches;

    History(PastSearches searches) {
        this.searches = searches;
    }

    /**
     * The method is the body of a scope: the call returns when both tasks have ended.
     *
     * @throws io.traio.ScopeTimeoutException if the database takes too long
     */
    @InScope(name = "history", timeout = "${sample.history.timeout:2s}", maxConcurrency = "2")
    public Overview overview() {
        Scope scope = Scope.requireCurrent();
        Task<List<PastSearch>> latest = scope.spawn("latest", searches::latest);
        CompletableFuture<List<Cheapest>> cheapest = searches.cheapest();
        return new Overview(latest.join(), cheapest.join());
    }
}
