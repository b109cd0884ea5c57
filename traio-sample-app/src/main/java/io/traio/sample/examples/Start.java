// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.ScopeFactory;
import io.traio.Started;

final class Start implements Example {

    @Override
    public String name() {
        return "start";
    }

    @Override
    public String about() {
        return "A task is started: the body goes on when the task says that it is ready, and it runs on";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        scopes.run("library", scope -> {
            Started<Integer> server = scope.start("server", ready -> {
                fetch("the catalogue", 200, journal);
                ready.ready(42);
                fetch("a visitor", 10_000, journal);
            });
            journal.note("the server is ready, with " + server.value() + " books");
            server.task().cancel();
        });
        journal.note("the scope has ended");
    }
}
