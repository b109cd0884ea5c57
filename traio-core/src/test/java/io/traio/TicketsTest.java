// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.AbortPolicy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an executor gets from a scope's queue. */
@Timeout(20)
class TicketsTest {

    private final ExecutorService pool = Executors.newFixedThreadPool(1);

    @AfterEach
    void tearDown() {
        pool.shutdownNow();
    }

    @Test
    void maxConcurrency_permitHeldByOneWhoHelps_executorIsNotKeptBusy() throws InterruptedException {
        AtomicInteger submitted = new AtomicInteger();
        CountDownLatch poolIsBusy = new CountDownLatch(1);
        pool.execute(() -> awaitQuietly(poolIsBusy));
        ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(ticket -> {
            submitted.incrementAndGet();
            pool.execute(ticket);
        }));
        scopes.run("scope", s -> s.withMaxConcurrency(1), scope -> {
            scope.spawn("helped", () -> {
                poolIsBusy.countDown();
                for (int turn = 0; turn < 100; turn++) {
                    CountDownLatch turned = new CountDownLatch(1);
                    pool.execute(turned::countDown);
                    turned.await();
                }
                return null;
            });
            scope.spawn("queued", () -> null);
        });
        assertThat(submitted).hasValueLessThan(10);
    }

    @Test
    void spawn_executorRefusesOneTask_theOthersRun() {
        ThreadPoolExecutor full =
                new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(5), new AbortPolicy());
        CountDownLatch release = new CountDownLatch(1);
        List<Task<?>> tasks = new ArrayList<>();
        try {
            ScopeFactory.create(f -> f.withExecutor(full)).run("scope", scope -> {
                CountDownLatch started = new CountDownLatch(1);
                scope.spawn(() -> {
                    started.countDown();
                    awaitQuietly(release);
                });
                started.await();
                for (int i = 0; i < 6; i++) {
                    tasks.add(scope.spawn("task", () -> null, t -> t.withBubble(false)));
                }
                release.countDown();
            });
        } finally {
            full.shutdownNow();
        }
        assertThat(tasks)
                .extracting(Task::status)
                .containsExactly(
                        Task.Status.SUCCEEDED,
                        Task.Status.SUCCEEDED,
                        Task.Status.SUCCEEDED,
                        Task.Status.SUCCEEDED,
                        Task.Status.SUCCEEDED,
                        Task.Status.FAILED);
    }

    @Test
    void run_sharedChildOnTheOnlyThread_itsTasksAreHelped() {
        ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(pool));
        AtomicInteger done = new AtomicInteger();
        OpenScope root = scopes.openShared("root");
        root.spawn(() -> scopes.run("scope", scope -> {
            OpenScope child = scopes.openShared("child");
            OpenScope grandchild = child.fork().openShared("grandchild");
            child.spawn(done::incrementAndGet);
            grandchild.spawn(done::incrementAndGet);
            grandchild.complete();
            child.complete();
        }));
        root.complete();
        // Not joined: this thread would help.
        CountDownLatch ended = new CountDownLatch(1);
        root.onDone(scope -> ended.countDown());
        awaitQuietly(ended);
        assertThat(done).hasValue(2);
    }

    @Test
    void maxConcurrency_taskLeavesAnInterruptOnThePooledThread_nextTaskDoesNotMeetIt() {
        ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(pool));
        OpenScope scope = scopes.openShared("scope", s -> s.withMaxConcurrency(1));
        CountDownLatch allSpawned = new CountDownLatch(1);
        scope.spawn(() -> awaitQuietly(allSpawned));
        scope.spawn(() -> Thread.currentThread().interrupt());
        Task<Boolean> next = scope.spawn(() -> Thread.currentThread().isInterrupted());
        CountDownLatch ended = new CountDownLatch(1);
        next.onDone(task -> ended.countDown());
        scope.complete();
        allSpawned.countDown();
        awaitQuietly(ended);
        assertThat(next.join()).isFalse();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
