// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.Limiter;
import io.traio.ScopeFactory;

final class SharedLimiter implements Example {

    @Override
    public String name() {
        return "shared-limiter";
    }

    @Override
    public String about() {
        return "Two scopes share a limiter: at most two of their tasks run at once";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        Limiter desks = Limiter.of("desks", 2);
        scopes.run("mornings", s -> s.withLimiter(desks), mornings -> {
            scopes.run("evenings", s -> s.withLimiter(desks), evenings -> {
                for (int i = 1; i <= 3; i++) {
                    String reader = "page for reader " + i;
                    mornings.spawn("morning-" + i, () -> fetch(reader + " in the morning", 100, journal));
                    evenings.spawn("evening-" + i, () -> fetch(reader + " in the evening", 100, journal));
                }
                journal.note(desks.queued() + " readers wait, " + desks.inUse() + " are served");
            });
        });
        journal.note("the scopes have ended, " + desks.granted() + " readers were served");
    }
}
