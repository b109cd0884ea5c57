// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.ScopeFactory;
import java.time.Duration;

final class Shield implements Example {

    @Override
    public String name() {
        return "shield";
    }

    @Override
    public String about() {
        return "Cleanup in a shielded scope is not interrupted, though the scope around it has timed out";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        scopes.run("loan", s -> s.withTimeout(Duration.ofMillis(200)), scope -> {
            try {
                fetch("a long page", 10_000, journal);
            } finally {
                scopes.run("return", s -> s.withShielded(true).withTimeout(Duration.ofSeconds(2)), shielded -> {
                    shielded.spawn("book", () -> fetch("the book's place", 100, journal));
                    shielded.spawn("card", () -> fetch("the reader's card", 100, journal));
                });
            }
        });
    }
}
