// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.concurrent.Callable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Reactor with a thread per task, since tasks may block. A failure does not wait for the tasks that it cancels. */
final class ReactorFlux implements Peer {

    private final Scheduler scheduler = Schedulers.fromExecutorService(Threads.sharedExecutor());

    @Override
    public void fanOut(int times, Callable<Integer> task) {
        all(times, task).block();
    }

    @Override
    public void fanOutWithin(Duration timeout, int times, Callable<Integer> task) {
        all(times, task).block(timeout);
    }

    private Mono<Void> all(int times, Callable<Integer> task) {
        return Flux.range(0, times)
                .flatMap(i -> Mono.fromCallable(task).subscribeOn(scheduler), times)
                .then();
    }

    @Override
    public boolean cancels() {
        return false;
    }

    @Override
    public void failing(int times, Callable<Integer> task, Callable<Integer> failure) {
        throw new UnsupportedOperationException("Flux does not wait for the tasks that it cancels");
    }
}
