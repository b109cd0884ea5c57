// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.ScopeFactory;
import java.time.Duration;

final class NoBubble implements Example {

    @Override
    public String name() {
        return "bubble-false";
    }

    @Override
    public String about() {
        return "A failure that does not bubble does not affect the scope; here the timeout ends it";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        scopes.run("fetch", s -> s.withTimeout(Duration.ofMillis(300)), scope -> {
            scope.spawn("long", () -> fetch("a long page", 10_000, journal));
            scope.spawn("trivial", () -> trivial(journal), t -> t.withBubble(false));
        });
    }

    private static void trivial(Journal journal) {
        journal.note("a trivial task fails");
        throw new IllegalStateException("not interesting");
    }
}
