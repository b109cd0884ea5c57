// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
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
