// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.traio.EngineTest.Threads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Compensation can be switched off, for an executor that starts each task at once (section 3). */
@Spec("Threads")
class CompensationOptionTest {

    @EngineTest(on = Threads.ONE)
    void off_allThreadsAreTaken_noThreadIsLent(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withCompensation(false));
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicBoolean ran = new AtomicBoolean();
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("first", () -> {
                started.countDown();
                return Briefly.await(mayEnd);
            });
            Briefly.await(started);
            Task<?> second = scope.spawn("second", () -> ran.set(true));
            assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> second.get(50, TimeUnit.MILLISECONDS));
            assertThat(ran).isFalse();
            mayEnd.countDown();
            second.join();
        });

        assertThat(ran).isTrue();
    }

    @EngineTest(on = Threads.ONE)
    void on_isTheDefault_aThreadIsLent(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f);
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("first", () -> {
                started.countDown();
                return Briefly.await(mayEnd);
            });
            Briefly.await(started);

            assertThat(scope.spawn("second", () -> 2).get(2, TimeUnit.SECONDS)).isEqualTo(2);
            mayEnd.countDown();
        });
    }

    /** A permit is lent all the same: without it the outer task would wait for itself. */
    @EngineTest(on = Threads.POOL, pool = 2)
    void off_taskJoinsTaskUnderMaxConcurrencyOne_ends(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withCompensation(false));
        int value = scopes.call(
                "run",
                s -> s.withMaxConcurrency(1),
                scope -> scope.spawn(
                                "outer", () -> scope.spawn("inner", () -> 1).join())
                        .join());

        assertThat(value).isEqualTo(1);
    }
}
