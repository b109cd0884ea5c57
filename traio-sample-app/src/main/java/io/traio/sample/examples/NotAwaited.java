// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.ScopeFactory;

final class NotAwaited implements Example {

    @Override
    public String name() {
        return "not-awaited";
    }

    @Override
    public String about() {
        return "The scope does not wait for a background task, and cancels it when the work is done";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        scopes.run("job", scope -> {
            scope.spawn("background", () -> tick(journal), t -> t.withAwaited(false));
            scope.spawn("job", () -> fetch("the real work", 200, journal));
        });
        journal.note("the scope has ended");
    }

    private static Void tick(Journal journal) throws InterruptedException {
        for (int i = 1; ; i++) {
            fetch("tick " + i, 60, journal);
        }
    }
}
