// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.traio.EngineTest.Threads;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** One thread is enough for scopes nested at will, for waits with a limit too (section 3). */
@Spec("Threads")
class TimedWaitTest {

    private static final long LIMIT_SECONDS = 10;
    private static final Duration LIMIT = Duration.ofSeconds(LIMIT_SECONDS);

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void timedGet_inTask_ofTaskSpawnedThere_givesItsValue(ScopeFactory scopes) {
        int value = scopes.call("run", TimedWaitTest::outerWaitsForInner);

        assertThat(value).isEqualTo(1);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void timedGet_underMaxConcurrencyOne_givesItsValue(ScopeFactory scopes) {
        int value = scopes.call("run", s -> s.withMaxConcurrency(1), TimedWaitTest::outerWaitsForInner);

        assertThat(value).isEqualTo(1);
    }

    /** The body does not wait in traio: no thread is lent for its sake. */
    private static int outerWaitsForInner(Scope scope) {
        return done(scope.spawn("outer", () -> scope.spawn("inner", () -> 1).get(LIMIT_SECONDS, TimeUnit.SECONDS)));
    }

    private static <T> T done(Task<T> task) {
        Briefly.until("the task is done", task::isDone);
        return task.join();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timedGet_inBody_whileAllThreadsAreTaken_givesItsValue(Harness harness, ScopeFactory scopes) {
        int value = scopes.call("run", scope -> {
            try (Taken taken = Taken.all(harness)) {
                return scope.spawn("inner", () -> 1).get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
        });

        assertThat(value).isEqualTo(1);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timedGet_outsideAnyScope_whileAllThreadsAreTaken_givesItsValue(Harness harness, ScopeFactory scopes)
            throws Exception {
        try (OpenScope shared = scopes.openShared("shared");
                Taken taken = Taken.all(harness)) {
            assertThat(shared.spawn("task", () -> 1).get(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .isEqualTo(1);
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void timedGet_threeDeep_givesItsValue(ScopeFactory scopes) {
        assertThat(nest(scopes, 3)).isEqualTo(8);
    }

    private static int nest(ScopeFactory scopes, int depth) {
        if (depth == 0) {
            return 1;
        }
        return scopes.call("depth-" + depth, s -> s.withMaxConcurrency(1), scope -> {
            Task<Integer> left = scope.spawn("left", () -> nest(scopes, depth - 1));
            Task<Integer> right = scope.spawn("right", () -> nest(scopes, depth - 1));
            return right.get(LIMIT_SECONDS, TimeUnit.SECONDS) + left.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        });
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void timedAwaitDone_inTask_ofSharedScope_comesToItsEnd(ScopeFactory scopes) {
        AtomicInteger done = new AtomicInteger();
        boolean closed = scopes.call(
                "run",
                s -> s.withMaxConcurrency(1),
                scope -> done(scope.spawn("task", () -> {
                    OpenScope shared = scopes.openShared("shared", s -> s.withDetached(true));
                    shared.spawn(done::incrementAndGet);
                    shared.complete();
                    return shared.awaitDone(LIMIT);
                })));

        assertThat(closed).isTrue();
        assertThat(done).hasValue(1);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timedAwaitDone_outside_whileAllThreadsAreTaken_comesToItsEnd(Harness harness, ScopeFactory scopes) {
        try (Taken taken = Taken.all(harness)) {
            OpenScope shared = scopes.openShared("shared");
            shared.spawn("task", () -> 1);
            shared.complete();

            assertThat(shared.awaitDone(LIMIT)).isTrue();
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void timedAwaitDone_tasksAreInASharedChild_comesToItsEnd(Harness harness, ScopeFactory scopes) {
        try (Taken taken = Taken.all(harness)) {
            OpenScope shared = scopes.openShared("shared");
            OpenScope child = shared.fork().openShared("child");
            child.spawn("task", () -> 1);
            child.complete();
            shared.complete();

            assertThat(shared.awaitDone(LIMIT)).isTrue();
        }
    }

    @EngineTest(on = {Threads.POOL, Threads.ONE})
    void timedGet_taskTakesLonger_givesUpInTimeAndTheTaskGoesOn(Harness harness, ScopeFactory scopes) {
        CountDownLatch go = new CountDownLatch(1);
        int value = scopes.call("run", scope -> {
            try (Taken taken = Taken.all(harness)) {
                Task<Integer> slow = scope.spawn("slow", () -> {
                    Briefly.await(go);
                    return 1;
                });
                assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> slow.get(20, TimeUnit.MILLISECONDS));
                go.countDown();
                return slow.join();
            }
        });

        assertThat(value).isEqualTo(1);
    }

    /** A thread is lent for as long as the wait lasts. */
    @EngineTest(on = {Threads.POOL, Threads.ONE})
    void timedGet_hasGivenUp_nothingElseIsStartedForIt(Harness harness, ScopeFactory scopes) {
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            Task<?> second;
            try (Taken taken = Taken.all(harness)) {
                Task<?> first = scope.spawn("first", () -> {
                    started.countDown();
                    return Briefly.await(go);
                });
                second = scope.spawn("second", () -> 2);
                assertThatExceptionOfType(TimeoutException.class)
                        .isThrownBy(() -> first.get(200, TimeUnit.MILLISECONDS));
                Briefly.await(started);
                go.countDown();
                Briefly.until("the first is done", first::isDone);

                assertThat(second.status()).isEqualTo(Task.Status.QUEUED);
            }
            assertThat(second.join()).isEqualTo(2);
        });
    }
}
