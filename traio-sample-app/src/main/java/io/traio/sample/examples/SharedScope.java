// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.OpenScope;
import io.traio.ScopeFactory;
import java.time.Duration;

final class SharedScope implements Example {

    @Override
    public String name() {
        return "shared-scope";
    }

    @Override
    public String about() {
        return "A scope without a body: opened now, completed and awaited later, by any thread";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        try (OpenScope scope = scopes.openShared("fetch-all", s -> s.withTimeout(Duration.ofSeconds(10)))) {
            for (int i = 1; i <= 10; i++) {
                String page = "page " + i;
                scope.spawn(page, () -> fetch(page, 100, journal));
            }
            scope.complete(); // without it, the scope would stay open when the last task ends
            journal.note("completed");
            scope.awaitDone();
            journal.note("the scope has ended");
        }
    }
}
