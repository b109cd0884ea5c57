// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.util.concurrent.CountDownLatch;

/**
 * Takes all threads of the harness's executor, so that whatever is spawned meanwhile is queued. Does nothing where each
 * task gets a thread at once.
 */
final class Taken implements AutoCloseable {

    private final CountDownLatch end = new CountDownLatch(1);
    private final OpenScope taker;

    private Taken(ScopeFactory scopes, int threads) {
        CountDownLatch taken = new CountDownLatch(threads);
        taker = scopes.openShared("taker", s -> s.withDetached(true));
        for (int i = 0; i < threads; i++) {
            taker.spawn("taker", () -> {
                taken.countDown();
                return Blocking.stubbornly(end);
            });
        }
        Blocking.until("all threads are taken", () -> taken.getCount() == 0);
    }

    static Taken all(Harness harness) {
        return new Taken(harness.scopes(), harness.executorThreads());
    }

    @Override
    public void close() {
        end.countDown();
        taker.join();
    }
}
