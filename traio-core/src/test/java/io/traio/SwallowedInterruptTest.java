// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Code that has swallowed its interrupt is interrupted once more before it is called a straggler (T8). */
@Spec("T8")
class SwallowedInterruptTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final CountDownLatch swallowed = new CountDownLatch(1);

    /** As a logging appender that was interrupted and only says so. */
    private void swallowThenBlock() throws InterruptedException {
        Throwable first = catchThrowable(Blocking::forever);
        assertThat(first).isInstanceOf(InterruptedException.class);
        swallowed.countDown();
        Blocking.forever();
    }

    private void letGracePeriodPass(Harness harness) {
        harness.helper(() -> {
            Blocking.await(swallowed);
            harness.clock().awaitAlarms(1);
            harness.clock().advance(SECOND);
        });
    }

    @EngineTest
    void task_hasSwallowedItsInterrupt_isInterruptedAgainAndNoStraggler(
            Harness harness, ScopeFactory scopes, TestClock clock) {
        letGracePeriodPass(harness);
        CountDownLatch started = new CountDownLatch(1);

        scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
            scope.spawn("task", () -> {
                started.countDown();
                swallowThenBlock();
            });
            Blocking.await(started);
            scope.cancel();
        });
    }

    @EngineTest
    void task_cancelledAloneHasSwallowedItsInterrupt_isInterruptedAgain(
            Harness harness, ScopeFactory scopes, TestClock clock) {
        letGracePeriodPass(harness);
        CountDownLatch started = new CountDownLatch(1);

        scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
            Task<?> task = scope.spawn("task", () -> {
                started.countDown();
                swallowThenBlock();
            });
            Blocking.await(started);
            task.cancel();
        });
    }

    @EngineTest
    void body_hasSwallowedItsInterrupt_isInterruptedAgain(Harness harness, ScopeFactory scopes, TestClock clock) {
        letGracePeriodPass(harness);

        scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
            scope.cancel();
            swallowThenBlock();
        });
    }

    @EngineTest
    void task_swallowsEachInterrupt_isInterruptedTwice(Harness harness, ScopeFactory scopes, TestClock clock) {
        letGracePeriodPass(harness);
        AtomicInteger interrupts = new AtomicInteger();
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);

        Throwable thrown = catchThrowable(() -> scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
            scope.spawn("task", () -> {
                started.countDown();
                while (end.getCount() > 0) {
                    try {
                        Blocking.await(end);
                    } catch (InterruptedException e) {
                        interrupts.incrementAndGet();
                        swallowed.countDown();
                    }
                }
            });
            Blocking.await(started);
            scope.cancel();
        }));

        end.countDown();
        assertThat(thrown).isInstanceOf(StragglerException.class);
        assertThat(interrupts).hasValue(2);
    }

    @EngineTest
    void task_checkedTwiceAtOnce_isInterruptedTwice(Harness harness, ScopeFactory scopes, TestClock clock) {
        letGracePeriodPass(harness);
        AtomicInteger interrupts = new AtomicInteger();
        CountDownLatch started = new CountDownLatch(2);
        CountDownLatch end = new CountDownLatch(1);

        Throwable thrown = catchThrowable(() -> scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
            Task<?> hasty = scope.spawn(
                    "hasty",
                    () -> {
                        started.countDown();
                        return Blocking.stubbornly(end);
                    },
                    t -> t.withCancelTimeout(Duration.ofNanos(1)));
            Task<?> task = scope.spawn("task", () -> {
                started.countDown();
                while (end.getCount() > 0) {
                    try {
                        Blocking.await(end);
                    } catch (InterruptedException e) {
                        if (interrupts.incrementAndGet() == 2) {
                            // The check that has sent this one is under way, and this begins another.
                            hasty.cancel();
                            clock.advance(Duration.ofNanos(1));
                        }
                        swallowed.countDown();
                    }
                }
            });
            Blocking.await(started);
            task.cancel();
        }));

        end.countDown();
        assertThat(thrown).isInstanceOf(StragglerException.class);
        assertThat(interrupts).hasValue(2);
    }
}
