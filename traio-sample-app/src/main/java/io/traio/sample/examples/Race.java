// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.Operators;
import io.traio.ScopeFactory;

final class Race implements Example {

    @Override
    public String name() {
        return "race";
    }

    @Override
    public String about() {
        return "The first that succeeds wins; a failure ends nothing, and the losers have ended when the race returns";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        String winner = Operators.on(scopes)
                .race(
                        () -> fetch("a page of the slow mirror", 10_000, journal),
                        () -> fetch("a page of the fast mirror", 100, journal),
                        () -> broken(journal));
        journal.note("the race is over: " + winner);
    }

    private static String broken(Journal journal) {
        journal.note("the broken mirror fails");
        throw new IllegalStateException("no such page");
    }
}
