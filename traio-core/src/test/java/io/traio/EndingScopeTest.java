// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a task meets that runs on while its scope ends and has not cancelled it yet. */
@Timeout(20)
class EndingScopeTest {

    private final ScopeFactory scopes = ScopeFactory.create(f -> f.withThreadFactory(this::thread));
    private final CountDownLatch ending = new CountDownLatch(1);
    private final CompletableFuture<Task<?>> second = new CompletableFuture<>();

    @Test
    void run_backgroundTaskSpawnsAsTheScopeEnds_returnsSilently() {
        scopes.run("scope", scope -> spawnBoth(scope));
        assertThat(second.join().status()).isIn(Task.Status.FAILED, Task.Status.CANCELLED);
    }

    @Test
    void run_taskSpawnsAsTheScopeIsCancelled_returnsSilently() {
        scopes.run("scope", scope -> {
            spawnBoth(scope);
            scope.cancel();
        });
        assertThat(second.join().status()).isIn(Task.Status.FAILED, Task.Status.CANCELLED);
    }

    /** The interrupt of the first, when that is cancelled, keeps the canceller from coming to the second. */
    private void spawnBoth(Scope scope) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(2);
        scope.spawn(
                "first",
                () -> {
                    started.countDown();
                    return Blocking.forever();
                },
                t -> t.withAwaited(false));
        second.complete(scope.spawn(
                "second",
                () -> {
                    started.countDown();
                    Blocking.await(ending);
                    return scope.spawn(() -> {});
                },
                t -> t.withAwaited(false)));
        Blocking.await(started);
    }

    private Thread thread(Runnable command) {
        return new Thread(command) {
            @Override
            public void interrupt() {
                if (getName().equals("first")) {
                    ending.countDown();
                    Blocking.until("the second is done", () -> second.join().isDone());
                }
                super.interrupt();
            }
        };
    }
}
