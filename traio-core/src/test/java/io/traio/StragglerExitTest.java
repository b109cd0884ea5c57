// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a scope ends that has stragglers. */
@Timeout(20)
class StragglerExitTest {

    private final TestClock clock = new TestClock();
    private final ScopeFactory scopes = ScopeFactory.create(f -> f.withTimeSource(clock));
    private final CountDownLatch release = new CountDownLatch(1);
    private final ExecutorService exits = Executors.newSingleThreadExecutor();

    @AfterEach
    void tearDown() throws InterruptedException {
        release.countDown();
        exits.shutdown();
        while (!scopes.scopes().isEmpty()) {
            Thread.sleep(1);
        }
    }

    @Test
    void run_taskStraggledBeforeTheBodyEnded_raisesStraggler() {
        assertThatThrownBy(() -> scopes.run("scope", scope -> straggler(scope)))
                .isInstanceOf(StragglerException.class)
                .hasMessageContaining("stubborn");
    }

    @Test
    void close_taskOfSharedScopeStraggledBefore_raisesStraggler() throws InterruptedException {
        OpenScope scope = scopes.openShared("scope");
        straggler(scope);
        assertThatThrownBy(scope::close).isInstanceOf(StragglerException.class);
        assertThat(scope.state()).isEqualTo(Scope.State.STRAGGLING);
    }

    @Test
    void run_taskStragglesInTheBodyOfAChild_raisesStraggler() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        Future<?> exit = exits.submit(() -> scopes.run("scope", scope -> {
            scope.spawn(
                    "stubborn",
                    () -> scopes.run("child", child -> {
                        started.countDown();
                        ignoreInterrupts();
                    }));
            started.await();
            scope.cancel();
        }));
        started.await();
        clock.awaitAlarms(1);
        clock.advance(Duration.ofSeconds(2));
        assertThatThrownBy(exit::get).hasRootCauseInstanceOf(StragglerException.class);
    }

    @Test
    void run_childOfAStragglerHasTasks_theseAreWaitedFor() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(2);
        CountDownLatch cleanUp = new CountDownLatch(1);
        AtomicBoolean cleanedUp = new AtomicBoolean();
        Future<?> exit = exits.submit(() -> scopes.run("scope", scope -> {
            scope.spawn(
                    "stubborn",
                    () -> scopes.run("child", child -> {
                        child.spawn(
                                "slow",
                                () -> {
                                    started.countDown();
                                    ignoreInterrupts(cleanUp);
                                    cleanedUp.set(true);
                                },
                                t -> t.withCancelTimeout(ScopeOptions.FOREVER));
                        started.countDown();
                        ignoreInterrupts();
                    }));
            started.await();
            scope.cancel();
        }));
        started.await();
        clock.awaitAlarms(1);
        clock.advance(Duration.ofSeconds(2));
        assertThat(exit.isDone()).isFalse();
        cleanUp.countDown();
        assertThatThrownBy(exit::get).hasRootCauseInstanceOf(StragglerException.class);
        assertThat(cleanedUp).isTrue();
    }

    @Test
    void run_taskAbandonedInTheBodyOfAChild_returns() {
        CountDownLatch started = new CountDownLatch(1);
        scopes.run("scope", scope -> {
            scope.spawn(
                    "abandoned",
                    () -> scopes.run("child", child -> {
                        started.countDown();
                        ignoreInterrupts();
                    }),
                    t -> t.withAbandonOnCancel(true));
            started.await();
            scope.cancel();
        });
        assertThat(scopes.abandoned()).isEqualTo(1);
    }

    private void straggler(Scope scope) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        Task<?> task = scope.spawn("stubborn", () -> {
            started.countDown();
            ignoreInterrupts();
        });
        started.await();
        task.cancel();
        clock.advance(Duration.ofSeconds(2));
        assertThat(task.status()).isEqualTo(Task.Status.STRAGGLING);
    }

    private void ignoreInterrupts() {
        ignoreInterrupts(release);
    }

    private static void ignoreInterrupts(CountDownLatch latch) {
        for (; ; ) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // That is what it is for.
            }
        }
    }
}
