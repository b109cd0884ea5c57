// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a task meets that runs on while its scope ends and has not told it yet. */
@Timeout(20)
class EndingScopeTest {

    private final ScopeFactory scopes = ScopeFactory.create();
    private final CountDownLatch ending = new CountDownLatch(1);
    private final CompletableFuture<Task<?>> second = new CompletableFuture<>();

    @Test
    void run_backgroundTaskSpawnsAsTheScopeEnds_returnsSilently() {
        scopes.run("scope", scope -> spawnBoth(scope));
        assertThat(second.join().status()).isEqualTo(Task.Status.FAILED);
    }

    @Test
    void run_taskSpawnsAsTheScopeIsCancelled_returnsSilently() {
        scopes.run("scope", scope -> {
            spawnBoth(scope);
            scope.cancel();
        });
        assertThat(second.join().status()).isEqualTo(Task.Status.FAILED);
    }

    /** The callback of the first, when that is cancelled, keeps the canceller from coming to the second. */
    private void spawnBoth(Scope scope) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(2);
        Task<?> first = scope.spawn(
                "first",
                () -> {
                    started.countDown();
                    new CountDownLatch(1).await();
                    return null;
                },
                t -> t.withAwaited(false).withAbandonOnCancel(true));
        first.onDone(task -> {
            ending.countDown();
            while (!second.join().isDone()) {
                Thread.yield();
            }
        });
        second.complete(scope.spawn(
                "second",
                () -> {
                    started.countDown();
                    ending.await();
                    return scope.spawn(() -> {});
                },
                t -> t.withAwaited(false)));
        started.await();
    }
}
