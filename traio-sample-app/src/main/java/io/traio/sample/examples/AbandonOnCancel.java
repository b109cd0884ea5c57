// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import io.traio.ScopeFactory;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

final class AbandonOnCancel implements Example {

    @Override
    public String name() {
        return "abandon-on-cancel";
    }

    @Override
    public String about() {
        return "Blocking code that ignores interrupts: the scope does not wait for its thread, but counts it";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        try {
            scopes.run("query", s -> s.withTimeout(Duration.ofMillis(100)), scope -> {
                scope.spawn("deaf", AbandonOnCancel::block, t -> t.withAbandonOnCancel(true));
            });
        } finally {
            journal.note("threads that run on: " + scopes.abandoned());
        }
    }

    /** Blocks for half a second and ignores interrupts, as some native calls and drivers do. */
    private static void block() {
        long end = System.nanoTime() + Duration.ofMillis(500).toNanos();
        boolean interrupted = false;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
