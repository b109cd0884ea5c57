// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.ScopeFactory;
import org.slf4j.Logger;

final class NamesAndLogger implements Example {

    @Override
    public String name() {
        return "names-and-logger";
    }

    @Override
    public String about() {
        return "Scopes and tasks have names, and a logger records each of their life-cycle steps";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        Logger logger = new JournalLogger(journal); // any SLF4J logger will do
        scopes.run("library", s -> s.withLogger(logger), scope -> {
            scope.spawn("atlas", () -> fetch("an atlas", 50, journal));
            scope.spawn("bible", () -> fetch("a bible", 100, journal));
            scope.spawn(() -> fetch("a book from a task without a name", 75, journal));
        });
    }
}
