// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.EngineTest.Threads;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** The message of a timeout says of an unfinished task if it never started (S4). */
@Spec("S4")
class NeverStartedTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private static Throwable timeOut(Harness harness, TestClock clock, Wait wait) throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(1);
        Aside<?> owner = Aside.run(
                harness,
                () -> harness.scopes().run("run", s -> s.withMaxConcurrency(1).withTimeout(TIMEOUT), scope -> {
                    CountDownLatch started = new CountDownLatch(1);
                    Task<?> runs = scope.spawn("slow", () -> {
                        started.countDown();
                        return Briefly.untilInterrupted();
                    });
                    Briefly.await(started);
                    scope.spawn("queued", () -> 1);
                    ready.countDown();
                    wait.on(runs);
                }));
        Briefly.await(ready);
        clock.advance(TIMEOUT);
        return owner.failure();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timeout_taskIsQueued_messageSaysThatItNeverStarted(Harness harness, TestClock clock)
            throws InterruptedException {
        assertThat(timeOut(harness, clock, Wait.JOIN))
                .isInstanceOf(ScopeTimeoutException.class)
                .hasMessageMatching("(?s).*'queued'[^',]*never started.*");
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timeout_taskRuns_messageDoesNotSaySoOfIt(Harness harness, TestClock clock) throws InterruptedException {
        assertThat(timeOut(harness, clock, Wait.JOIN))
                .isInstanceOf(ScopeTimeoutException.class)
                .hasMessageContaining("'slow'")
                .message()
                .doesNotContainPattern("'slow'[^',]*never started");
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timeout_bothAreListedByName(Harness harness, TestClock clock) throws InterruptedException {
        assertThat(timeOut(harness, clock, Wait.GET))
                .isInstanceOfSatisfying(
                        ScopeTimeoutException.class,
                        e -> assertThat(e.unfinished()).containsExactlyInAnyOrder("slow", "queued"));
    }
}
