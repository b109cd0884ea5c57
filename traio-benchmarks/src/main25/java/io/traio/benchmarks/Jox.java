// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import com.softwaremill.jox.structured.Race;
import com.softwaremill.jox.structured.Scopes;
import java.time.Duration;
import java.util.concurrent.Callable;

/** jox, whose supervised scopes are built on {@link java.util.concurrent.StructuredTaskScope}. */
final class Jox implements Peer {

    @Override
    public void fanOut(int times, Callable<Integer> task) throws InterruptedException {
        Scopes.supervised(scope -> {
            for (int i = 0; i < times; i++) {
                scope.forkUser(task);
            }
            return 0;
        });
    }

    @Override
    public void fanOutWithin(Duration timeout, int times, Callable<Integer> task) throws Exception {
        Race.timeout(timeout.toMillis(), () -> {
            fanOut(times, task);
            return 0;
        });
    }

    @Override
    public void failing(int times, Callable<Integer> task, Callable<Integer> failure) throws InterruptedException {
        Scopes.supervised(scope -> {
            for (int i = 0; i < times; i++) {
                scope.forkUser(task);
            }
            scope.forkUser(failure);
            return 0;
        });
    }
}
