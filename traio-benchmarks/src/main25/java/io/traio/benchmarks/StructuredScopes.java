// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.StructuredTaskScope.Subtask;

/** The JDK's own structured concurrency, a preview API. */
final class StructuredScopes implements Peer {

    @Override
    public void fanOut(int times, Callable<Integer> task) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(Joiner.<Integer>awaitAllSuccessfulOrThrow())) {
            for (int i = 0; i < times; i++) {
                scope.fork(task);
            }
            scope.join();
        }
    }

    @Override
    public void fanOutWithin(Duration timeout, int times, Callable<Integer> task) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(
                Joiner.<Integer>awaitAllSuccessfulOrThrow(), options -> options.withTimeout(timeout))) {
            for (int i = 0; i < times; i++) {
                scope.fork(task);
            }
            scope.join();
        }
    }

    @Override
    public boolean joins() {
        return true;
    }

    /** Results are there once the scope was joined. */
    @Override
    public int join(int times, Callable<Integer> task) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(Joiner.<Integer>awaitAllSuccessfulOrThrow())) {
            List<Subtask<Integer>> subtasks = new ArrayList<>(times);
            for (int i = 0; i < times; i++) {
                subtasks.add(scope.fork(task));
            }
            scope.join();
            int sum = 0;
            for (Subtask<Integer> each : subtasks) {
                sum += each.get();
            }
            return sum;
        }
    }

    @Override
    public boolean combines() {
        return true;
    }

    @Override
    public int race(Callable<Integer> a, Callable<Integer> b) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(Joiner.<Integer>anySuccessfulResultOrThrow())) {
            scope.fork(a);
            scope.fork(b);
            return scope.join();
        }
    }

    @Override
    public int all(Callable<Integer> a, Callable<Integer> b, Callable<Integer> c) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(Joiner.<Integer>awaitAllSuccessfulOrThrow())) {
            var x = scope.fork(a);
            var y = scope.fork(b);
            var z = scope.fork(c);
            scope.join();
            return x.get() + y.get() + z.get();
        }
    }

    /** It has no limit: the semaphore is the caller's. */
    @Override
    public List<Integer> mapAll(int numbers, int limit) throws InterruptedException {
        Semaphore permits = new Semaphore(limit);
        try (var scope = StructuredTaskScope.open(Joiner.<Integer>allSuccessfulOrThrow())) {
            for (int i = 1; i <= numbers; i++) {
                int number = i;
                permits.acquire();
                scope.fork(() -> {
                    try {
                        return Peer.twice(number);
                    } finally {
                        permits.release();
                    }
                });
            }
            return scope.join().map(Subtask::get).toList();
        }
    }

    @Override
    public void failing(int times, Callable<Integer> task, Callable<Integer> failure) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(Joiner.<Integer>awaitAllSuccessfulOrThrow())) {
            for (int i = 0; i < times; i++) {
                scope.fork(task);
            }
            scope.fork(failure);
            scope.join();
        }
    }
}
