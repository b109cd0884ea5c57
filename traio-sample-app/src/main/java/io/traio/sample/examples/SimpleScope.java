// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.ScopeFactory;
import java.time.Duration;

final class SimpleScope implements Example {

    @Override
    public String name() {
        return "simple-scope";
    }

    @Override
    public String about() {
        return "A scope with a body: its exit waits for all tasks, or for the timeout";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        scopes.run("fetch-all", s -> s.withTimeout(Duration.ofSeconds(10)), scope -> {
            for (int i = 1; i <= 10; i++) {
                String page = "page " + i;
                scope.spawn(page, () -> fetch(page, 100, journal));
            }
            journal.note("the body has reached its end");
        });
        journal.note("the scope has ended");
    }
}
