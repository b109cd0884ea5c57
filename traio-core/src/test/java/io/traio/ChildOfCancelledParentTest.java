// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.EngineTest.Threads;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** What a scope throws that is cancelled with its parent, on whatever thread its tasks run (S9). */
@Spec("S9")
class ChildOfCancelledParentTest {

    private static final int ROUNDS = 50;

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void parentCancelled_childInATaskWaitsForItsTask_throwsCancelled(ScopeFactory scopes) {
        for (int round = 0; round < ROUNDS; round++) {
            assertThat(thrownByChildren(scopes, 1, 1)).allSatisfy(ChildOfCancelledParentTest::isSignal);
        }
    }

    @EngineTest(
            pool = 4,
            on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL})
    void parentCancelled_childrenWithEightTasksEach_throwCancelled(ScopeFactory scopes) {
        for (int round = 0; round < ROUNDS; round++) {
            assertThat(thrownByChildren(scopes, 1, 8)).allSatisfy(ChildOfCancelledParentTest::isSignal);
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void parentCancelled_childTwoBodiesDeepWaitsForItsTask_throwsCancelled(ScopeFactory scopes) {
        for (int round = 0; round < ROUNDS; round++) {
            assertThat(thrownByChildren(scopes, 3, 2)).allSatisfy(ChildOfCancelledParentTest::isSignal);
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void parentCancelled_childOfTheBodyWaitsForItsTask_throwsCancelled(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        cancelWhileTheBodyIsInAChild(harness, scopes, 2);
    }

    @EngineTest(pool = 4)
    void parentCancelled_childOfTheBodyWithEightTasks_throwsCancelled(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        cancelWhileTheBodyIsInAChild(harness, scopes, 8);
    }

    private static void cancelWhileTheBodyIsInAChild(Harness harness, ScopeFactory scopes, int fanOut)
            throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            CountDownLatch started = new CountDownLatch(1);
            Queue<Throwable> thrown = new ConcurrentLinkedQueue<>();
            scopes.run("parent", parent -> {
                Aside<?> canceller = Aside.run(harness, () -> {
                    Briefly.await(started);
                    parent.cancel();
                });
                child(scopes, 1, fanOut, started, thrown);
                assertThat(canceller.failure()).isNull();
            });
            assertThat(thrown).hasSize(1).allSatisfy(ChildOfCancelledParentTest::isSignal);
        }
    }

    private static void isSignal(Throwable thrown) {
        assertThat(thrown).isExactlyInstanceOf(ScopeCancelledException.class);
    }

    /** Cancels a parent as soon as a task in a child runs, and gives what the child threw. */
    private static Queue<Throwable> thrownByChildren(ScopeFactory scopes, int depth, int fanOut) {
        CountDownLatch started = new CountDownLatch(1);
        Queue<Throwable> thrown = new ConcurrentLinkedQueue<>();
        scopes.run("parent", parent -> {
            parent.spawn("opener", () -> child(scopes, depth, fanOut, started, thrown));
            Briefly.await(started);
            parent.cancel();
        });
        assertThat(thrown).hasSize(depth);
        return thrown;
    }

    private static void child(
            ScopeFactory scopes, int depth, int fanOut, CountDownLatch started, Queue<Throwable> thrown) {
        Throwable failure = catchThrowable(() -> scopes.run("child-" + depth, child -> {
            if (depth > 1) {
                child(scopes, depth - 1, fanOut, started, thrown);
                return;
            }
            for (int i = 0; i < fanOut; i++) {
                child.spawn("task", () -> {
                    started.countDown();
                    return Briefly.untilInterrupted();
                });
            }
        }));
        thrown.add(failure != null ? failure : new AssertionError("the child threw nothing"));
        if (failure instanceof RuntimeException e) {
            throw e;
        }
    }
}
