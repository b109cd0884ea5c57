// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
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
    public boolean joins() {
        return true;
    }

    @Override
    public int join(int times, Callable<Integer> task) {
        List<CompletableFuture<Integer>> futures = new ArrayList<>(times);
        for (int i = 0; i < times; i++) {
            futures.add(supply(task));
        }
        int sum = 0;
        for (CompletableFuture<Integer> each : futures) {
            sum += each.join();
        }
        return sum;
    }

    @Override
    public boolean combines() {
        return true;
    }

    /** The loser is left to itself. */
    @Override
    public int race(Callable<Integer> a, Callable<Integer> b) {
        return (Integer) CompletableFuture.anyOf(supply(a), supply(b)).join();
    }

    @Override
    public int all(Callable<Integer> a, Callable<Integer> b, Callable<Integer> c) {
        return supply(a)
                .thenCombine(supply(b), Integer::sum)
                .thenCombine(supply(c), Integer::sum)
                .join();
    }

    @Override
    public List<Integer> mapAll(int numbers, int limit) throws InterruptedException {
        Semaphore permits = new Semaphore(limit);
        List<CompletableFuture<Integer>> futures = new ArrayList<>(numbers);
        for (int i = 1; i <= numbers; i++) {
            int number = i;
            permits.acquire();
            futures.add(supply(() -> Peer.twice(number)).whenComplete((result, failure) -> permits.release()));
        }
        List<Integer> results = new ArrayList<>(numbers);
        futures.forEach(future -> results.add(future.join()));
        return results;
    }

    private static CompletableFuture<Integer> supply(Callable<Integer> task) {
        return CompletableFuture.supplyAsync(() -> (Integer) Threads.call(task), Threads.sharedExecutor());
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
