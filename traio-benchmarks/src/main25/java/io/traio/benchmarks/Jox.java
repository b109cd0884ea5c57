// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import com.softwaremill.jox.structured.Fork;
import com.softwaremill.jox.structured.Par;
import com.softwaremill.jox.structured.Race;
import com.softwaremill.jox.structured.Scopes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    public boolean joins() {
        return true;
    }

    @Override
    public int join(int times, Callable<Integer> task) throws InterruptedException {
        return Scopes.supervised(scope -> {
            List<Fork<Integer>> forks = new ArrayList<>(times);
            for (int i = 0; i < times; i++) {
                forks.add(scope.fork(task));
            }
            int sum = 0;
            for (Fork<Integer> each : forks) {
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
    public int race(Callable<Integer> a, Callable<Integer> b) throws InterruptedException {
        return Race.race(a, b);
    }

    @Override
    public int all(Callable<Integer> a, Callable<Integer> b, Callable<Integer> c) throws InterruptedException {
        List<Integer> results = Par.par(List.of(a, b, c));
        return results.get(0) + results.get(1) + results.get(2);
    }

    @Override
    public List<Integer> mapAll(int numbers, int limit) throws InterruptedException {
        List<Callable<Integer>> tasks = new ArrayList<>(numbers);
        for (int i = 1; i <= numbers; i++) {
            int number = i;
            tasks.add(() -> Peer.twice(number));
        }
        return Par.parLimit(limit, tasks);
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
