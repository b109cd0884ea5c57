// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import io.traio.ScopeFactory;
import java.time.Duration;
import java.util.concurrent.Callable;

/** traio, with the scopes of a given factory. */
final class Traio implements Peer {

    private final ScopeFactory scopes;

    Traio(ScopeFactory scopes) {
        this.scopes = scopes;
    }

    @Override
    public void fanOut(int times, Callable<Integer> task) {
        scopes.run("benchmark", scope -> {
            for (int i = 0; i < times; i++) {
                scope.spawn(task);
            }
        });
    }

    @Override
    public void fanOutWithin(Duration timeout, int times, Callable<Integer> task) {
        scopes.run("benchmark", s -> s.withTimeout(timeout), scope -> {
            for (int i = 0; i < times; i++) {
                scope.spawn(task);
            }
        });
    }

    @Override
    public void failing(int times, Callable<Integer> task, Callable<Integer> failure) {
        scopes.run("benchmark", scope -> {
            for (int i = 0; i < times; i++) {
                scope.spawn(task);
            }
            scope.spawn(failure);
        });
    }
}
