// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import io.traio.Operators;
import io.traio.ScopeFactory;
import io.traio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

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
    public boolean joins() {
        return true;
    }

    @Override
    public int join(int times, Callable<Integer> task) {
        return scopes.call("benchmark", scope -> {
            List<Task<Integer>> tasks = new ArrayList<>(times);
            for (int i = 0; i < times; i++) {
                tasks.add(scope.spawn(task));
            }
            int sum = 0;
            for (Task<Integer> each : tasks) {
                sum += each.join();
            }
            return sum;
        });
    }

    @Override
    public boolean combines() {
        return true;
    }

    @Override
    public int race(Callable<Integer> a, Callable<Integer> b) {
        return Operators.on(scopes).race(a, b);
    }

    @Override
    public int all(Callable<Integer> a, Callable<Integer> b, Callable<Integer> c) {
        return Operators.on(scopes).all(a, b, c, (x, y, z) -> x + y + z);
    }

    @Override
    public List<Integer> mapAll(int numbers, int limit) {
        return Operators.on(scopes).mapAll(IntStream.rangeClosed(1, numbers).boxed(), limit, Peer::twice);
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
