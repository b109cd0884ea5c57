// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an executor gets from a scope's queue. */
@Timeout(20)
class TicketsTest {

    private final ExecutorService pool = Executors.newFixedThreadPool(1);

    @AfterEach
    void tearDown() {
        pool.shutdownNow();
    }

    @Test
    void maxConcurrency_permitHeldByOneWhoHelps_executorIsNotKeptBusy() throws InterruptedException {
        AtomicInteger submitted = new AtomicInteger();
        CountDownLatch poolIsBusy = new CountDownLatch(1);
        pool.execute(() -> awaitQuietly(poolIsBusy));
        ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(ticket -> {
            submitted.incrementAndGet();
            pool.execute(ticket);
        }));
        scopes.run("scope", s -> s.withMaxConcurrency(1), scope -> {
            scope.spawn("helped", () -> {
                poolIsBusy.countDown();
                for (int turn = 0; turn < 100; turn++) {
                    CountDownLatch turned = new CountDownLatch(1);
                    pool.execute(turned::countDown);
                    turned.await();
                }
                return null;
            });
            scope.spawn("queued", () -> null);
        });
        assertThat(submitted).hasValueLessThan(10);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
