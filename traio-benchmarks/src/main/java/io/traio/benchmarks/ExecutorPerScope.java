// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An {@link ExecutorService} for each scope, closed at its end. */
final class ExecutorPerScope implements Peer {

    @Override
    public void fanOut(int times, Callable<Integer> task) throws Exception {
        fanOutWithin(Duration.ofDays(1), times, task);
    }

    @Override
    public void fanOutWithin(Duration timeout, int times, Callable<Integer> task) throws Exception {
        ExecutorService executor = Threads.newExecutor();
        for (int i = 0; i < times; i++) {
            executor.submit(task);
        }
        executor.shutdown();
        if (!executor.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            executor.shutdownNow();
            throw new TimeoutException();
        }
    }

    @Override
    public boolean joins() {
        return true;
    }

    @Override
    public int join(int times, Callable<Integer> task) throws Exception {
        ExecutorService executor = Threads.newExecutor();
        List<Future<Integer>> futures = new ArrayList<>(times);
        for (int i = 0; i < times; i++) {
            futures.add(executor.submit(task));
        }
        int sum = 0;
        for (Future<Integer> each : futures) {
            sum += each.get();
        }
        executor.shutdown();
        if (!executor.awaitTermination(1, TimeUnit.DAYS)) {
            throw new TimeoutException();
        }
        return sum;
    }

    @Override
    public void failing(int times, Callable<Integer> task, Callable<Integer> failure) throws Exception {
        ExecutorService executor = Threads.newExecutor();
        ExecutorCompletionService<Integer> completion = new ExecutorCompletionService<>(executor);
        for (int i = 0; i < times; i++) {
            completion.submit(task);
        }
        completion.submit(failure);
        try {
            for (int i = 0; i <= times; i++) {
                completion.take().get();
            }
        } catch (ExecutionException e) {
            executor.shutdownNow();
            throw e;
        } finally {
            executor.shutdown();
            executor.awaitTermination(1, TimeUnit.DAYS);
        }
    }
}
