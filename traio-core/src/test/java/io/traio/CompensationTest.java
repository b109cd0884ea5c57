// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.EngineTest.Threads;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A thread that waits for a queued task does not run it: a cancellation, timeout or interrupt of the waiter makes the
 * waiter give up, and nobody else (section 3).
 */
@Spec({"Threads", "S6", "S13"})
class CompensationTest {

    private static final Duration TIMEOUT = Duration.ofMillis(50);

    /** Work that blocks until the test lets it go on. */
    private static final class Work implements Callable<Integer> {

        final CountDownLatch started = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);

        @Override
        public Integer call() throws InterruptedException {
            started.countDown();
            Briefly.await(go);
            return 7;
        }
    }

    private static OpenScope other(ScopeFactory scopes) {
        return scopes.openShared("other", s -> s.withDetached(true));
    }

    /** An executor that runs nothing: both tasks run on the thread that the waiter is lent. */
    @Test
    @Timeout(30)
    void lentThread_taskLeavesTheFlagSet_nextTaskDoesNotMeetIt() {
        AtomicBoolean met = new AtomicBoolean();
        AtomicReference<Thread> first = new AtomicReference<>();
        AtomicReference<Thread> second = new AtomicReference<>();
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(command -> {}))) {
            scopes.run("scope", scope -> {
                scope.spawn("first", () -> {
                    first.set(Thread.currentThread());
                    Thread.currentThread().interrupt();
                });
                scope.spawn("second", () -> {
                    second.set(Thread.currentThread());
                    met.set(Thread.interrupted());
                });
            });
        }

        assertThat(second.get()).isSameAs(first.get());
        assertThat(met).isFalse();
    }

    // ---- the permits of those who wait ----

    /** Starts work in a scope of its own, and waits for it. */
    private enum Elsewhere {
        SHARED_CHILD {
            @Override
            int wait(ScopeFactory scopes, Scope scope, Callable<Integer> work) {
                return shared(scope.fork().openShared("child"), work);
            }
        },
        SHARED_ROOT {
            @Override
            int wait(ScopeFactory scopes, Scope scope, Callable<Integer> work) {
                return shared(other(scopes), work);
            }
        },
        ROOT_WITH_A_BODY {
            @Override
            int wait(ScopeFactory scopes, Scope scope, Callable<Integer> work) {
                return scopes.call(
                        "root",
                        s -> s.withDetached(true),
                        root -> root.spawn(work).join());
            }
        },
        TASK_OF_ANOTHER {
            @Override
            int wait(ScopeFactory scopes, Scope scope, Callable<Integer> work) {
                try (OpenScope other = other(scopes)) {
                    return other.spawn(work).join();
                }
            }
        };

        abstract int wait(ScopeFactory scopes, Scope scope, Callable<Integer> work);

        static int shared(OpenScope shared, Callable<Integer> work) {
            Task<Integer> task = shared.spawn(work);
            shared.join();
            return task.join();
        }
    }

    /** All that hold a permit wait, and what they wait for waits for a task that has none. */
    @EngineTest
    void join_fromAnotherScopeThatHoldersWaitFor_isLentTheirPermit(ScopeFactory scopes) {
        for (Elsewhere elsewhere : Elsewhere.values()) {
            int result = scopes.call(
                    "limited",
                    s -> s.withMaxConcurrency(1),
                    scope -> scope.spawn("holder", () -> {
                                Task<Integer> queued = scope.spawn("queued", () -> 7);
                                return elsewhere.wait(scopes, scope, queued::join);
                            })
                            .join());
            assertThat(result).as("%s", elsewhere).isEqualTo(7);
        }
    }

    @EngineTest
    void join_fromAnotherScopeThatABorrowerWaitsFor_isLentThePermitOnceMore(ScopeFactory scopes) {
        for (Elsewhere elsewhere : Elsewhere.values()) {
            int result = scopes.call(
                    "limited",
                    s -> s.withMaxConcurrency(1),
                    scope -> scope.spawn("holder", () -> {
                                Task<Integer> borrower = scope.spawn("borrower", () -> {
                                    Task<Integer> queued = scope.spawn("queued", () -> 7);
                                    return elsewhere.wait(scopes, scope, queued::join);
                                });
                                return borrower.get();
                            })
                            .join());
            assertThat(result).as("%s", elsewhere).isEqualTo(7);
        }
    }

    /** A thread outside of the scope waits for a queued task: it has no permit to lend, nor has one that is at work. */
    @EngineTest
    void join_holderIsAtWork_queuedTaskWaitsForThePermit(Harness harness) throws Exception {
        Work work = new Work();
        AtomicBoolean ran = new AtomicBoolean();
        try (OpenScope scope = harness.scopes().openShared("limited", s -> s.withMaxConcurrency(1))) {
            scope.spawn("holder", work);
            Briefly.await(work.started);
            Task<?> queued = scope.spawn("queued", () -> ran.set(true));
            Thread waiter = harness.helper(queued::join);
            Blocking.untilParked(waiter);
            assertThat(ran).isFalse();
            work.go.countDown();
            waiter.join();
            assertThat(ran).isTrue();
        }
    }

    // ---- the waiter is cancelled ----

    /** The first example: the sibling sleeps, and the waiter is cancelled. */
    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void cancel_taskJoinsQueuedSibling_siblingGivesItsValue(ScopeFactory scopes) {
        scopes.run("run", s -> s.withMaxConcurrency(1), scope -> {
            CountDownLatch started = new CountDownLatch(1);
            AtomicReference<Task<Integer>> sibling = new AtomicReference<>();
            Task<Integer> a = scope.spawn("a", () -> {
                sibling.set(scope.spawn("sibling", () -> {
                    started.countDown();
                    Thread.sleep(200);
                    return 7;
                }));
                return sibling.get().join();
            });
            Briefly.await(started);

            a.cancel();

            assertThat(sibling.get().join()).isEqualTo(7);
            assertThat(a.status()).isEqualTo(Task.Status.CANCELLED);
        });
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void cancel_taskWaitsUnderMaxConcurrency_waiterLeavesAtOnceAndSiblingGoesOn(ScopeFactory scopes) {
        for (Wait wait : Wait.values()) {
            if (wait.isForTask()) {
                scopes.run(wait.name(), s -> s.withMaxConcurrency(1), scope -> cancelWaiter(scope, wait, scopes, 0));
            }
        }
    }

    @EngineTest(
            on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE},
            pool = 1)
    void cancel_taskWaitsOnBoundedPool_waiterLeavesAtOnceAndSiblingGoesOn(ScopeFactory scopes) {
        for (Wait wait : Wait.values()) {
            if (wait.isForTask()) {
                scopes.run(wait.name(), scope -> cancelWaiter(scope, wait, scopes, 0));
            }
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void cancel_taskWaitsInNestedBodies_waiterLeavesAtOnceAndSiblingGoesOn(ScopeFactory scopes) {
        for (int depth = 1; depth <= 2; depth++) {
            int bodies = depth;
            scopes.run("run", s -> s.withMaxConcurrency(1), scope -> cancelWaiter(scope, Wait.JOIN, scopes, bodies));
        }
    }

    private static void cancelWaiter(Scope scope, Wait wait, ScopeFactory scopes, int depth)
            throws InterruptedException {
        Work work = new Work();
        AtomicReference<Task<Integer>> sibling = new AtomicReference<>();
        Task<?> waiter = scope.spawn("waiter", () -> {
            sibling.set(scope.spawn("sibling", work));
            return inBodies(scopes, depth, () -> wait.on(sibling.get()));
        });
        Briefly.await(work.started);

        waiter.cancel();

        Briefly.until("the waiter has left", waiter::isDone);
        assertThat(sibling.get().status()).isEqualTo(Task.Status.RUNNING);
        work.go.countDown();
        assertThat(sibling.get().join()).isEqualTo(7);
    }

    private static Object inBodies(ScopeFactory scopes, int depth, Callable<?> work) throws Exception {
        return depth == 0 ? work.call() : scopes.<Object>call("body", body -> inBodies(scopes, depth - 1, work));
    }

    // ---- the waiter times out ----

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timeout_scopeWaitsForQueuedTaskOfAnother_onlyTheWaiterGivesUp(Harness harness, TestClock clock)
            throws InterruptedException {
        for (Wait wait : Wait.values()) {
            timeOutWaiter(harness, wait, 0, clock);
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timeout_scopeWaitsInNestedBodyForQueuedTaskOfAnother_onlyTheWaiterGivesUp(Harness harness, TestClock clock)
            throws InterruptedException {
        timeOutWaiter(harness, Wait.JOIN, 1, clock);
        timeOutWaiter(harness, Wait.AWAIT_DONE, 2, clock);
    }

    private static void timeOutWaiter(Harness harness, Wait wait, int depth, TestClock clock)
            throws InterruptedException {
        ScopeFactory scopes = harness.scopes();
        OpenScope other = other(scopes);
        try (Taken taken = Taken.all(harness)) {
            Work work = new Work();
            Task<Integer> task = other.spawn("work", work);
            CountDownLatch waits = new CountDownLatch(1);
            Aside<?> waiter = Aside.run(
                    harness,
                    () -> scopes.run(
                            "waiter",
                            s -> s.withTimeout(TIMEOUT),
                            scope -> inBodies(scopes, depth, () -> {
                                waits.countDown();
                                return wait.on(task);
                            })));
            Briefly.await(waits);
            Briefly.await(work.started);
            Aside<?> second = Aside.run(harness, other::awaitDone);

            clock.advance(TIMEOUT);

            assertThat(waiter.failure()).as(wait.name()).isInstanceOf(ScopeTimeoutException.class);
            assertThat(other.isCancelled()).as(wait.name()).isFalse();
            work.go.countDown();
            other.complete();
            assertThat(second.failure()).as(wait.name()).isNull();
            assertThat(task.join()).isEqualTo(7);
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timeout_childJoinsQueuedTaskOfItsParent_onlyTheChildGivesUp(
            Harness harness, ScopeFactory scopes, TestClock clock) {
        AtomicBoolean saved = new AtomicBoolean();
        AtomicReference<Throwable> ofChild = new AtomicReference<>();
        scopes.run("parent", parent -> {
            try (Taken taken = Taken.all(harness)) {
                Work work = new Work();
                Task<?> task = parent.spawn("work", () -> {
                    work.call();
                    saved.set(true);
                    return 7;
                });
                CountDownLatch waits = new CountDownLatch(1);
                Aside<?> tick = Aside.run(harness, () -> {
                    Briefly.await(waits);
                    Briefly.await(work.started);
                    clock.advance(TIMEOUT);
                });

                ofChild.set(catchThrowable(() -> scopes.run("child", s -> s.withTimeout(TIMEOUT), child -> {
                    waits.countDown();
                    task.join();
                })));

                assertThat(tick.failure()).isNull();
                work.go.countDown();
            }
        });

        assertThat(saved).isTrue();
        assertThat(ofChild.get()).isInstanceOf(ScopeTimeoutException.class);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timeout_childInATaskJoinsLaterTaskOfItsParent_onlyTheChildGivesUp(ScopeFactory scopes, TestClock clock) {
        AtomicBoolean saved = new AtomicBoolean();
        AtomicReference<Throwable> ofChild = new AtomicReference<>();
        Work work = new Work();
        CountDownLatch waits = new CountDownLatch(1);
        scopes.run("parent", parent -> {
            parent.spawn("first", () -> {
                Task<?> task = parent.spawn("work", () -> {
                    work.call();
                    saved.set(true);
                    return 7;
                });
                ofChild.set(catchThrowable(() -> scopes.run("child", s -> s.withTimeout(TIMEOUT), child -> {
                    waits.countDown();
                    task.join();
                })));
                work.go.countDown();
            });
            Briefly.await(waits);
            Briefly.await(work.started);
            clock.advance(TIMEOUT);
        });

        assertThat(saved).isTrue();
        assertThat(ofChild.get()).isInstanceOf(ScopeTimeoutException.class);
    }

    // ---- the waiter is interrupted ----

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void interrupt_threadOutsideWaitsForQueuedTask_throwsAndTheScopeGoesOn(Harness harness)
            throws InterruptedException {
        for (Wait wait : Wait.values()) {
            interruptWaiter(harness, wait, (other, task) -> wait.on(task));
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void interrupt_threadOutsideJoinsSharedScope_throwsAndTheScopeGoesOn(Harness harness) throws InterruptedException {
        interruptWaiter(harness, Wait.AWAIT_DONE, (other, task) -> other.join());
    }

    @FunctionalInterface
    private interface WaitFor {
        void apply(OpenScope other, Task<?> task) throws Exception;
    }

    private static void interruptWaiter(Harness harness, Wait wait, WaitFor waitFor) throws InterruptedException {
        OpenScope other = other(harness.scopes());
        try (Taken taken = Taken.all(harness)) {
            Work work = new Work();
            Task<Integer> task = other.spawn("work", work);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Aside<Boolean> waiter = Aside.call(harness, () -> {
                thrown.set(catchThrowable(() -> waitFor.apply(other, task)));
                return Thread.interrupted();
            });
            Briefly.await(work.started);
            Blocking.untilParked(waiter.thread());

            waiter.thread().interrupt();

            boolean flag = waiter.value();
            boolean checked = wait == Wait.GET || wait == Wait.TIMED_GET;
            assertThat(thrown.get())
                    .as(wait.name())
                    .isExactlyInstanceOf(checked ? InterruptedException.class : ScopeInterruptedException.class);
            assertThat(flag).as(wait.name()).isNotEqualTo(checked);
            assertThat(other.isCancelled()).as(wait.name()).isFalse();
            work.go.countDown();
            other.complete();
            other.awaitDone();
            assertThat(task.join()).isEqualTo(7);
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void interrupt_ownerJoinsQueuedTaskOfAnotherScope_onlyItsOwnScopeIsCancelled(Harness harness)
            throws InterruptedException {
        ScopeFactory scopes = harness.scopes();
        OpenScope other = other(scopes);
        try (Taken taken = Taken.all(harness)) {
            Work work = new Work();
            Task<Integer> task = other.spawn("work", work);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            CountDownLatch waits = new CountDownLatch(1);
            Aside<Boolean> owner = Aside.call(harness, () -> {
                thrown.set(catchThrowable(() -> scopes.run("mine", mine -> {
                    waits.countDown();
                    task.join();
                })));
                return Thread.interrupted();
            });
            Briefly.await(waits);
            Briefly.await(work.started);

            owner.thread().interrupt();

            assertThat(owner.value()).isTrue();
            assertThat(thrown.get()).isInstanceOf(ScopeInterruptedException.class);
            work.go.countDown();
            other.complete();
            other.awaitDone();
            assertThat(task.join()).isEqualTo(7);
        }
    }
}
