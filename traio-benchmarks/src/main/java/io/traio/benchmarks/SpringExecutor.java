// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/** Spring's executor with a thread per task, shared by all, and a wait for each future. Cancels nothing itself. */
final class SpringExecutor implements Peer {

    private final SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor("task-");

    SpringExecutor() {
        executor.setVirtualThreads(Threads.VIRTUAL);
    }

    @Override
    public void fanOut(int times, Callable<Integer> task) throws Exception {
        for (Future<Integer> future : submit(times, task)) {
            future.get();
        }
    }

    @Override
    public void fanOutWithin(Duration timeout, int times, Callable<Integer> task) throws Exception {
        long deadline = System.nanoTime() + timeout.toNanos();
        for (Future<Integer> future : submit(times, task)) {
            future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
    }

    private List<Future<Integer>> submit(int times, Callable<Integer> task) {
        List<Future<Integer>> futures = new ArrayList<>(times);
        for (int i = 0; i < times; i++) {
            futures.add(executor.submit(task));
        }
        return futures;
    }

    @Override
    public boolean cancels() {
        return false;
    }

    @Override
    public void failing(int times, Callable<Integer> task, Callable<Integer> failure) {
        throw new UnsupportedOperationException("Futures must be cancelled by hand");
    }
}
