// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Bare threads and one hand-written counter: the owner is parked and woken once. No result, no handle, no failure. */
final class Floor implements Peer {

    @Override
    public void fanOut(int times, Callable<Integer> task) {
        new Countdown(times, task).startAll().await();
    }

    @Override
    public void fanOutWithin(Duration timeout, int times, Callable<Integer> task) throws TimeoutException {
        new Countdown(times, task).startAll().await(timeout.toNanos());
    }

    @Override
    public void failing(int times, Callable<Integer> task, Callable<Integer> failure) {
        Thread[] threads = new Thread[times];
        AtomicInteger running = new AtomicInteger();
        Countdown countdown = new Countdown(times + 1, () -> {
            int index = running.getAndIncrement();
            if (index < times) {
                threads[index] = Thread.currentThread();
                return task.call();
            }
            try {
                return failure.call();
            } finally {
                for (Thread thread : threads) {
                    thread.interrupt();
                }
            }
        });
        countdown.startAll().await();
    }

    @Override
    public boolean joins() {
        return true;
    }

    /** The owner is woken once; the results are there by then. */
    @Override
    public int join(int times, Callable<Integer> task) {
        int[] results = new int[times];
        AtomicInteger next = new AtomicInteger();
        Countdown countdown = new Countdown(times, () -> {
            results[next.getAndIncrement()] = task.call();
            return 0;
        });
        countdown.startAll().await();
        return Arrays.stream(results).sum();
    }

    @Override
    public boolean combines() {
        return true;
    }

    /** Both have ended when this returns, as with traio. Nothing is cancelled. */
    @Override
    public int race(Callable<Integer> a, Callable<Integer> b) {
        AtomicInteger winner = new AtomicInteger(-1);
        int[] results = together(List.of(a, b), winner);
        return results[winner.get()];
    }

    @Override
    public int all(Callable<Integer> a, Callable<Integer> b, Callable<Integer> c) {
        int[] results = together(List.of(a, b, c), new AtomicInteger());
        return results[0] + results[1] + results[2];
    }

    private static int[] together(List<Callable<Integer>> tasks, AtomicInteger winner) {
        int[] results = new int[tasks.size()];
        AtomicInteger next = new AtomicInteger();
        Countdown countdown = new Countdown(results.length, () -> {
            int place = next.getAndIncrement();
            results[place] = tasks.get(place).call();
            winner.compareAndSet(-1, place);
            return 0;
        });
        countdown.startAll().await();
        return results;
    }

    @Override
    public List<Integer> mapAll(int numbers, int limit) {
        Integer[] results = new Integer[numbers];
        AtomicInteger running = new AtomicInteger();
        Thread owner = Thread.currentThread();
        for (int i = 0; i < numbers; i++) {
            int place = i;
            awaitAtMost(limit - 1, running);
            running.incrementAndGet();
            Threads.start(() -> {
                results[place] = Peer.twice(place + 1);
                running.decrementAndGet();
                LockSupport.unpark(owner);
            });
        }
        awaitAtMost(0, running);
        return Arrays.asList(results);
    }

    private static void awaitAtMost(int most, AtomicInteger running) {
        while (running.get() > most) {
            LockSupport.park(running);
        }
    }

    /** The counter, and what every thread runs. */
    private static final class Countdown implements Runnable {

        private final AtomicInteger left;
        private final int times;
        private final Callable<Integer> task;
        private final Thread owner = Thread.currentThread();

        Countdown(int times, Callable<Integer> task) {
            this.left = new AtomicInteger(times);
            this.times = times;
            this.task = task;
        }

        Countdown startAll() {
            for (int i = 0; i < times; i++) {
                Threads.start(this);
            }
            return this;
        }

        @Override
        public void run() {
            try {
                task.call();
            } catch (Exception e) {
                // Dropped: the floor reports no failures.
            }
            if (left.decrementAndGet() == 0) {
                LockSupport.unpark(owner);
            }
        }

        void await() {
            while (left.get() > 0) {
                LockSupport.park(this);
            }
        }

        void await(long nanos) throws TimeoutException {
            long deadline = System.nanoTime() + nanos;
            while (left.get() > 0) {
                long remaining = deadline - System.nanoTime();
                if (remaining <= 0) {
                    throw new TimeoutException();
                }
                LockSupport.parkNanos(this, remaining);
            }
        }
    }
}
