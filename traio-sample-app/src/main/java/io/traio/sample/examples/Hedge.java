// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.Operators;
import io.traio.ScopeFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

final class Hedge implements Example {

    @Override
    public String name() {
        return "hedge";
    }

    @Override
    public String about() {
        return "A supplier that is slow now and then is asked once more after 200 ms: a slow answer costs little more than that";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        Duration delay = Duration.ofMillis(200);
        AtomicInteger calls = new AtomicInteger();
        for (int search = 1; search <= 5; search++) {
            Operators.on(scopes)
                    .withName("supplier")
                    .hedge(delay, () -> ask(calls, journal), () -> ask(calls, journal));
            journal.note("search " + search + " answered");
        }
        journal.note(calls + " calls for 5 searches");
    }

    /** Every third call hangs. */
    private static String ask(AtomicInteger calls, Journal journal) throws InterruptedException {
        int call = calls.incrementAndGet();
        return fetch("call " + call, call % 3 == 0 ? 10_000 : 10, journal);
    }
}
