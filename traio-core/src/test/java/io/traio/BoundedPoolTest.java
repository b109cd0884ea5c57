// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.traio.EngineTest.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Executors with few threads: who waits runs what is queued, so nothing deadlocks (section 3). */
@Spec("Threads")
class BoundedPoolTest {

    private static final int CHILDREN = 10;

    @EngineTest(on = Threads.POOL, pool = 1)
    void onePoolThread_scopesNestedThreeDeep_ends(ScopeFactory scopes) {
        AtomicInteger leaves = new AtomicInteger();

        nest(scopes, 3, leaves);

        assertThat(leaves).hasValue(CHILDREN * CHILDREN * CHILDREN);
    }

    private static void nest(ScopeFactory scopes, int depth, AtomicInteger leaves) {
        scopes.run("depth-" + depth, scope -> {
            for (int i = 0; i < CHILDREN; i++) {
                scope.spawn(() -> {
                    if (depth == 1) {
                        leaves.incrementAndGet();
                    } else {
                        nest(scopes, depth - 1, leaves);
                    }
                });
            }
        });
    }

    @EngineTest(on = Threads.POOL, pool = 1)
    void onePoolThread_tasksJoinTasks_ends(ScopeFactory scopes) {
        assertThat(scopes.<Long>call("run", scope -> fibonacci(scope, 12))).isEqualTo(144);
    }

    private static long fibonacci(Scope scope, int n) {
        if (n < 2) {
            return n;
        }
        Task<Long> left = scope.spawn(() -> fibonacci(scope, n - 1));
        Task<Long> right = scope.spawn(() -> fibonacci(scope, n - 2));
        return left.join() + right.join();
    }

    @EngineTest(on = Threads.POOL, pool = 1)
    void onePoolThread_taskJoinsTaskSpawnedBefore_ends(ScopeFactory scopes) {
        String value = scopes.call("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            List<Task<String>> later = new ArrayList<>();
            Task<String> waiting = scope.spawn("waiting", () -> {
                started.countDown();
                Blocking.await(go);
                return later.get(0).join();
            });
            Blocking.await(started);
            later.add(scope.spawn("later", () -> "value"));
            go.countDown();
            return waiting.join();
        });

        assertThat(value).isEqualTo("value");
    }

    @EngineTest(on = Threads.POOL, pool = 1)
    void onePoolThread_sharedChildScopesAwaitedInTasks_ends(ScopeFactory scopes) {
        AtomicInteger done = new AtomicInteger();
        scopes.run("run", scope -> {
            for (int i = 0; i < CHILDREN; i++) {
                scope.spawn(() -> {
                    try (OpenScope child = scopes.openShared("child", s -> s.withDetached(true))) {
                        child.spawn(done::incrementAndGet);
                        child.join();
                    }
                });
            }
        });

        assertThat(done).hasValue(CHILDREN);
    }

    @EngineTest(on = Threads.POOL, pool = 1)
    void onePoolThread_nestedScopeFails_failureComesOut(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("leaf");

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> scopes.run(
                        "outer",
                        outer -> outer.spawn(() -> scopes.run(
                                "middle",
                                middle -> middle.spawn(() -> scopes.run(
                                        "inner",
                                        inner -> inner.spawn(() -> {
                                            throw failure;
                                        })))))))
                .isSameAs(failure);
    }

    @EngineTest(on = Threads.POOL, pool = 1)
    void onePoolThread_isTaken_lentThreadRunsTheTasks(ScopeFactory scopes) {
        Set<Thread> ran = ConcurrentHashMap.newKeySet();
        CountDownLatch end = new CountDownLatch(1);
        try (OpenScope taker = scopes.openShared("taker", s -> s.withDetached(true))) {
            CountDownLatch taken = new CountDownLatch(1);
            taker.spawn(() -> {
                taken.countDown();
                return Blocking.await(end);
            });
            until(taken);
            scopes.run("run", s -> s.withDetached(true), scope -> {
                for (int i = 0; i < CHILDREN; i++) {
                    scope.spawn(() -> ran.add(Thread.currentThread()));
                }
            });
            end.countDown();
            taker.join();
        }

        assertThat(ran).hasSize(1).doesNotContain(Thread.currentThread());
    }

    private static void until(CountDownLatch latch) {
        Blocking.until("the latch is open", () -> latch.getCount() == 0);
    }

    @EngineTest(on = Threads.POOL, pool = 1)
    void onePoolThread_maxConcurrencyOneAndNested_ends(ScopeFactory scopes) {
        AtomicInteger done = new AtomicInteger();
        scopes.run("outer", s -> s.withMaxConcurrency(1), outer -> {
            for (int i = 0; i < CHILDREN; i++) {
                outer.spawn(() -> scopes.run("inner", s -> s.withMaxConcurrency(1), inner -> {
                    for (int k = 0; k < CHILDREN; k++) {
                        inner.spawn(done::incrementAndGet);
                    }
                }));
            }
        });

        assertThat(done).hasValue(CHILDREN * CHILDREN);
    }

    /** What runs tasks on the caller's thread deserves no deadlock either. */
    @EngineTest(on = Threads.DEFAULT)
    void executorThatRunsInTheCaller_isAllowed(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withExecutor(Runnable::run));
        AtomicInteger leaves = new AtomicInteger();

        nest(scopes, 2, leaves);

        assertThat(leaves).hasValue(CHILDREN * CHILDREN);
    }

    @EngineTest(on = Threads.DEFAULT)
    void callerRunsWhenPoolIsFull_isAllowed(Harness harness) throws InterruptedException {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                1, 1, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(1), new ThreadPoolExecutor.CallerRunsPolicy());
        try {
            AtomicInteger leaves = new AtomicInteger();

            nest(harness.scopes(f -> f.withExecutor(pool)), 3, leaves);

            assertThat(leaves).hasValue(CHILDREN * CHILDREN * CHILDREN);
        } finally {
            pool.shutdown();
            assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
