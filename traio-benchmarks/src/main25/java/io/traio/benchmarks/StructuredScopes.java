// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;

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
