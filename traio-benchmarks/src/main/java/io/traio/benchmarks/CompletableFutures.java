// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@link CompletableFuture} with a thread per task. It cannot interrupt its tasks. */
final class CompletableFutures implements Peer {

    @Override
    public void fanOut(int times, Callable<Integer> task) {
        all(times, task).join();
    }

    @Override
    public void fanOutWithin(Duration timeout, int times, Callable<Integer> task) {
        all(times, task).orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS).join();
    }

    private static CompletableFuture<Void> all(int times, Callable<Integer> task) {
        CompletableFuture<?>[] futures = new CompletableFuture<?>[times];
        for (int i = 0; i < times; i++) {
            futures[i] = CompletableFuture.supplyAsync(() -> Threads.call(task), Threads.sharedExecutor());
        }
        return CompletableFuture.allOf(futures);
    }

    @Override
    public boolean cancels() {
        return false;
    }

    @Override
    public void failing(int times, Callable<Integer> task, Callable<Integer> failure) {
        throw new UnsupportedOperationException("CompletableFuture cannot interrupt its tasks");
    }
}
