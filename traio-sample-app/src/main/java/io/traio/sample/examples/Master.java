// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.ScopeFactory;
import java.time.Duration;

final class Master implements Example {

    @Override
    public String name() {
        return "master";
    }

    @Override
    public String about() {
        return "A scope ends silently with its master task, and all other tasks are cancelled";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        scopes.run("fetch", s -> s.withTimeout(Duration.ofSeconds(5)), scope -> {
            scope.spawn("long", () -> fetch("a long page", 10_000, journal));
            scope.spawn("short", () -> fetch("a short page", 100, journal), t -> t.withMaster(true));
        });
        journal.note("the scope has ended");
    }
}
