// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.Scope;
import io.traio.ScopeFactory;

final class CurrentScope implements Example {

    @Override
    public String name() {
        return "current-scope";
    }

    @Override
    public String about() {
        return "Code finds the scope it runs in without a parameter, and can fork a child of it";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        scopes.run("main", scope -> {
            scope.spawn("server", () -> serve(journal));
        });
    }

    /** Runs in the scope "main", and spawns a task there for each client. */
    private static void serve(Journal journal) {
        Scope current = Scope.requireCurrent();
        journal.note("the server runs in " + current.name());
        current.spawn("client 1", () -> handle("client 1", journal));
        current.spawn("client 2", () -> handle("client 2", journal));
    }

    /** Also runs in the scope "main", and opens a child scope of its own. */
    private static void handle(String client, Journal journal) {
        Scope.requireCurrent().fork().run("scope of " + client, scope -> {
            scope.spawn(() -> answer("something for " + client, journal));
            scope.spawn(() -> answer("something else for " + client, journal));
        });
    }

    private static String answer(String what, Journal journal) throws InterruptedException {
        return fetch(what + ", in the " + Scope.requireCurrent().name() + ",", 50, journal);
    }
}
