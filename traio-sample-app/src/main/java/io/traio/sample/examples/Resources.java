// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.ScopeFactory;

final class Resources implements Example {

    @Override
    public String name() {
        return "resources";
    }

    @Override
    public String about() {
        return "What a scope uses is released when its last task has ended, the last first";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        scopes.run("library", scope -> {
            String card = scope.use(() -> "the reader's card", c -> journal.note(c + " given back"));
            scope.defer(() -> journal.note("the desk is tidied up"));
            scope.spawn("book", () -> fetch("a book with " + card, 200, journal));
        });
        journal.note("the scope has ended");
    }
}
