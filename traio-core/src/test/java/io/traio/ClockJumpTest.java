// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A clock that jumps past a timeout and the grace after it makes no stragglers of tasks that react (T8, B7). */
@Spec({"T8", "B7"})
class ClockJumpTest {

    private static final int ROUNDS = 200;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private interface Opening {
        void open(ScopeFactory scopes, CountDownLatch started) throws Exception;
    }

    /** In each round the clock jumps when all tasks run. */
    private static void jump(Harness harness, TestClock clock, int tasks, Opening opening) throws InterruptedException {
        ScopeFactory scopes = harness.scopes(f -> f.withDefaults(s -> s.withCancelTimeout(SECOND)));
        AtomicInteger stragglers = new AtomicInteger();
        for (int round = 0; round < ROUNDS; round++) {
            CountDownLatch started = new CountDownLatch(tasks);
            Aside<?> owner = Aside.run(harness, () -> opening.open(scopes, started));
            Briefly.await(started);
            clock.advance(SECOND.multipliedBy(10));
            Throwable thrown = owner.failure();
            if (thrown instanceof StragglerException) {
                stragglers.incrementAndGet();
            } else {
                assertThat(thrown).isInstanceOf(ScopeTimeoutException.class);
            }
        }
        assertThat(stragglers).as("rounds with stragglers").hasValue(0);
    }

    private static Object react(CountDownLatch started) throws InterruptedException {
        started.countDown();
        return Briefly.untilInterrupted();
    }

    @EngineTest
    void advance_pastTimeoutAndGraceOfATask_makesNoStraggler(Harness harness, TestClock clock)
            throws InterruptedException {
        jump(
                harness,
                clock,
                1,
                (scopes, started) -> scopes.run(
                        "run", s -> s.withTimeout(SECOND), scope -> scope.spawn("task", () -> react(started))));
    }

    @EngineTest(pool = 4)
    void advance_pastTimeoutAndGraceOfSeveralTasks_makesNoStraggler(Harness harness, TestClock clock)
            throws InterruptedException {
        jump(
                harness,
                clock,
                4,
                (scopes, started) -> scopes.run("run", s -> s.withTimeout(SECOND), scope -> {
                    for (int i = 0; i < 4; i++) {
                        scope.spawn("task", () -> react(started));
                    }
                }));
    }

    @EngineTest
    void advance_pastTimeoutAndGraceOfATaskBelow_makesNoStraggler(Harness harness, TestClock clock)
            throws InterruptedException {
        jump(
                harness,
                clock,
                1,
                (scopes, started) -> scopes.run(
                        "outer",
                        s -> s.withTimeout(SECOND),
                        outer -> scopes.run("inner", inner -> inner.spawn("task", () -> react(started)))));
    }

    @EngineTest
    void advance_pastTimeoutAndGraceOfASharedScope_makesNoStraggler(Harness harness, TestClock clock)
            throws InterruptedException {
        jump(harness, clock, 1, (scopes, started) -> {
            OpenScope shared = scopes.openShared("shared", s -> s.withTimeout(SECOND));
            shared.spawn("task", () -> react(started));
            shared.join();
        });
    }

    /** What does not react still straggles, when the clock goes on after that. */
    @EngineTest
    void advance_pastTimeoutAndGrace_taskThatDoesNotReactStraggles(Harness harness, TestClock clock)
            throws InterruptedException {
        ScopeFactory scopes = harness.scopes(f -> f.withDefaults(s -> s.withCancelTimeout(SECOND)));
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Aside<?> owner = Aside.run(
                harness,
                () -> scopes.run(
                        "run",
                        s -> s.withTimeout(SECOND),
                        scope -> scope.spawn("task", () -> {
                            started.countDown();
                            return Briefly.stubbornly(release);
                        })));
        Briefly.await(started);
        clock.advance(SECOND.multipliedBy(10));
        clock.advance(SECOND);
        try {
            assertThat(owner.failure()).isInstanceOf(StragglerException.class);
        } finally {
            release.countDown();
        }
    }
}
