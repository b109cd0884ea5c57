// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.CancelledCode.Code;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A wait that returns although its thread's code is being cancelled leaves the interrupt to that code. */
@Spec("S6")
class StaysCancelledInWaitTest {

    private static final int ROUNDS = 60;
    private static final int LONGEST_PAUSE = 2_000;

    /** A wait for a task of another scope, or for that scope. */
    @FunctionalInterface
    private interface Wait {
        void on(Task<?> task, OpenScope scope) throws Exception;
    }

    @EngineTest
    void join_taskEndsAsTheWaiterIsCancelled(Harness harness) {
        assertStaysCancelled(harness, (task, scope) -> task.join());
    }

    @EngineTest
    void get_taskEndsAsTheWaiterIsCancelled(Harness harness) {
        assertStaysCancelled(harness, (task, scope) -> task.get());
    }

    @EngineTest
    void timedGet_taskEndsAsTheWaiterIsCancelled(Harness harness) {
        assertStaysCancelled(harness, (task, scope) -> task.get(10, TimeUnit.SECONDS));
    }

    @EngineTest
    void awaitDone_scopeEndsAsTheWaiterIsCancelled(Harness harness) {
        assertStaysCancelled(harness, (task, scope) -> {
            scope.complete();
            scope.awaitDone();
        });
    }

    @EngineTest
    void timedAwaitDone_scopeEndsAsTheWaiterIsCancelled(Harness harness) {
        assertStaysCancelled(harness, (task, scope) -> {
            scope.complete();
            scope.awaitDone(Duration.ofSeconds(10));
        });
    }

    @EngineTest
    void joinOfASharedScope_itEndsAsTheWaiterIsCancelled(Harness harness) {
        assertStaysCancelled(harness, (task, scope) -> scope.join());
    }

    /** The task fails: that comes out of the wait, and is not the signal. */
    @EngineTest
    void join_taskFailsAsTheWaiterIsCancelled(Harness harness) {
        Random random = new Random(1);
        for (OwnerThread owner : OwnerThread.all()) {
            for (int round = 0; round < ROUNDS; round++) {
                IllegalArgumentException failure = new IllegalArgumentException("task");
                oneRound(
                        harness,
                        owner,
                        CancelledCode.BODY,
                        random,
                        mayEnd -> {
                            Blocking.stubbornly(mayEnd);
                            throw failure;
                        },
                        (task, scope) -> {
                            Throwable thrown = catchThrowable(task::join);
                            if (thrown != failure) {
                                throw (Exception) thrown;
                            }
                        });
            }
        }
    }

    @EngineTest
    void spawn_placeIsFreeAsTheSpawnerIsCancelled(Harness harness) {
        Random random = new Random(2);
        for (OwnerThread owner : OwnerThread.all()) {
            for (int round = 0; round < ROUNDS; round++) {
                oneRound(
                        harness,
                        owner,
                        CancelledCode.BODY,
                        random,
                        Blocking::stubbornly,
                        (task, scope) -> scope.spawn("next", () -> 1));
            }
        }
    }

    private static void assertStaysCancelled(Harness harness, Wait wait) {
        Random random = new Random(3);
        for (OwnerThread owner : OwnerThread.all()) {
            for (CancelledCode kind : new CancelledCode[] {CancelledCode.BODY, CancelledCode.TASK}) {
                for (int round = 0; round < ROUNDS; round++) {
                    oneRound(harness, owner, kind, random, Blocking::stubbornly, wait);
                }
            }
        }
    }

    /** Work that ends when a latch is open. */
    @FunctionalInterface
    private interface Work {
        Object until(CountDownLatch mayEnd) throws Exception;
    }

    /** Lets the task end and cancels the waiter at nearly the same time, in either order. */
    private static void oneRound(
            Harness harness, OwnerThread owner, CancelledCode kind, Random random, Work work, Wait wait) {
        boolean cancelFirst = random.nextBoolean();
        int pause = random.nextInt(LONGEST_PAUSE);
        AtomicReference<@Nullable Boolean> interrupted = new AtomicReference<>();
        Code code = cancel -> {
            CountDownLatch mayEnd = new CountDownLatch(1);
            CountDownLatch started = new CountDownLatch(1);
            OpenScope other = harness.scopes()
                    .openShared(
                            "other",
                            s -> s.withDetached(true).withMaxConcurrency(1).withOverflow(ScopeOptions.Overflow.BLOCK));
            Task<?> task = other.spawn("task", () -> {
                started.countDown();
                return work.until(mayEnd);
            });
            Blocking.await(started);
            Thread waiter = Thread.currentThread();
            Thread canceller = harness.helper(() -> {
                Blocking.spinUntil(
                        "it waits",
                        () -> waiter.getState() == Thread.State.WAITING
                                || waiter.getState() == Thread.State.TIMED_WAITING);
                if (cancelFirst) {
                    cancel.run();
                    Blocking.spin(pause);
                    mayEnd.countDown();
                } else {
                    mayEnd.countDown();
                    Blocking.spin(pause);
                    cancel.run();
                }
            });
            Throwable thrown = catchThrowable(() -> wait.on(task, other));
            if (thrown == null) {
                interrupted.set(CancelledCode.isInterrupted());
            } else if (thrown instanceof AssertionError failed) {
                throw failed;
            } else {
                assertThat(thrown).isInstanceOf(ScopeCancelledException.class);
            }
            Thread.interrupted();
            canceller.join();
            catchThrowable(other::close);
        };
        owner.run(() -> {
            Throwable thrown = catchThrowable(() -> kind.run(harness.scopes(), code));
            if (thrown instanceof AssertionError failed) {
                throw failed;
            }
        });
        assertThat(interrupted.get())
                .as("the code after a wait that returned is interrupted; %s on %s", kind, owner)
                .isNotEqualTo(false);
    }
}
