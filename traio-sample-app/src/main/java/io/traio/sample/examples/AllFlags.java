// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.ScopeFactory;
import java.io.IOException;

final class AllFlags implements Example {

    @Override
    public String name() {
        return "all-flags";
    }

    @Override
    public String about() {
        return "Flags combine: a background master that does not bubble ends its scope silently, even by failing";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        scopes.run("fetch", scope -> {
            scope.spawn("long", () -> fetch("a long page", 10_000, journal));
            scope.spawn(
                    "watchdog",
                    () -> watch(journal),
                    t -> t.withMaster(true).withBubble(false).withAwaited(false));
        });
        journal.note("the scope has ended");
    }

    private static Void watch(Journal journal) throws IOException, InterruptedException {
        Thread.sleep(100);
        journal.note("the watchdog fails");
        throw new IOException("lost the connection");
    }
}
