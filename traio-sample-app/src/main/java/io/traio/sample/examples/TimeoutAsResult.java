// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.ScopeFactory;
import io.traio.ScopeResult;
import java.time.Duration;

final class TimeoutAsResult implements Example {

    @Override
    public String name() {
        return "timeout-as-result";
    }

    @Override
    public String about() {
        return "Where there is a default, a timeout is no exception: the result says that it has passed, or why it was cancelled";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        ScopeResult<String> late = scopes.tryCall(
                "late", s -> s.withTimeout(Duration.ofMillis(100)), scope -> fetch("a long page", 10_000, journal));
        journal.note(late.orElse("a page from the cache") + ", since " + late.message());

        ScopeResult<String> cancelled = scopes.tryCall("unwanted", s -> s, scope -> {
            scope.cancel("the reader went away");
            return fetch("a page", 10_000, journal);
        });
        journal.note("no page: " + cancelled.message());
    }
}
