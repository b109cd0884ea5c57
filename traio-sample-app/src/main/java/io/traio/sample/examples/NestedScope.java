// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import java.time.Duration;

final class NestedScope implements Example {

    @Override
    public String name() {
        return "nested-scope";
    }

    @Override
    public String about() {
        return "A child scope is cancelled with its parent: here the outer scope times out first";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        scopes.run("outer", o -> o.withTimeout(Duration.ofMillis(200)), outer -> {
            try {
                scopes.run("inner", i -> i.withTimeout(Duration.ofMillis(500)), inner -> {
                    inner.spawn("long", () -> fetch("a long page", 10_000, journal));
                });
            } catch (ScopeCancelledException e) {
                journal.note("the inner scope was cancelled, it did not time out");
                throw e;
            }
        });
    }
}
