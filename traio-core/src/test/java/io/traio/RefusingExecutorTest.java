// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.EngineTest.Threads;
import io.traio.spi.ScopeListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** An executor that refuses: the task that was refused fails, and no other (T11). */
@Spec("T11")
class RefusingExecutorTest {

    private static final int ROUNDS = 200;

    /** Tells whether the executor refused something on this thread since it was last asked. */
    private static final class Refusals implements Executor {

        private final Executor executor;
        private boolean refused;

        Refusals(Executor executor) {
            this.executor = executor;
        }

        @Override
        public void execute(Runnable command) {
            try {
                executor.execute(command);
            } catch (RejectedExecutionException e) {
                refused = true;
                throw e;
            }
        }

        boolean poll() {
            boolean seen = refused;
            refused = false;
            return seen;
        }
    }

    private static ThreadPoolExecutor pool() {
        return new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(1));
    }

    @EngineTest(on = Threads.DEFAULT)
    void pool_refusesSomeOfMany_thoseFailAndTheOthersRun(Harness harness) throws InterruptedException {
        ThreadPoolExecutor pool = pool();
        Refusals executor = new Refusals(pool);
        ScopeFactory scopes = harness.scopes(f -> f.withExecutor(executor));
        try {
            for (int round = 0; round < ROUNDS; round++) {
                List<Task<?>> refused = new ArrayList<>();
                List<Task<?>> accepted = new ArrayList<>();
                Queue<String> ran = new ConcurrentLinkedQueue<>();
                scopes.run("run", scope -> {
                    for (int i = 0; i < 6; i++) {
                        String name = "task-" + i;
                        Task<?> task = scope.spawn(name, () -> ran.add(name), t -> t.withBubble(false));
                        (executor.poll() ? refused : accepted).add(task);
                    }
                });
                assertThat(accepted).allMatch(task -> task.status() == Task.Status.SUCCEEDED);
                assertThat(refused).allMatch(task -> task.status() == Task.Status.FAILED);
                assertThat(refused).noneMatch(task -> ran.contains(task.name()));
            }
        } finally {
            pool.shutdown();
            assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** The executor takes its time to refuse: meanwhile the tasks before have run, and one more has come. */
    @EngineTest(on = Threads.DEFAULT)
    void executor_refusesLate_theRefusedTaskFailsAndTheOneAcceptedMeanwhileRuns(Harness harness) {
        Queue<Runnable> withheld = new ConcurrentLinkedQueue<>();
        AtomicReference<Runnable> beforeRefusal = new AtomicReference<>();
        ScopeFactory scopes = harness.scopes(f -> f.withExecutor(command -> {
            Runnable before = beforeRefusal.getAndSet(null);
            if (before == null) {
                withheld.add(command);
            } else {
                before.run();
                throw new RejectedExecutionException("full");
            }
        }));
        AtomicBoolean refusedRan = new AtomicBoolean();
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicReference<Task<?>> accepted = new AtomicReference<>();
        OpenScope scope = scopes.openShared("shared");
        // Runs for the sake of its waiter: what the executor was given for it comes later, and finds nothing to do.
        scope.spawn("before", () -> 1).join();
        beforeRefusal.set(() -> {
            CountDownLatch ended = new CountDownLatch(1);
            harness.helper(() -> {
                try {
                    withheld.remove().run();
                } finally {
                    ended.countDown();
                }
            });
            Blocking.until("the refused task runs, or will not", () -> refusedRan.get() || ended.getCount() == 0);
            accepted.set(scope.spawn("accepted", () -> 2));
        });

        Task<?> refused = scope.spawn(
                "refused",
                () -> {
                    refusedRan.set(true);
                    return Briefly.await(mayEnd);
                },
                t -> t.withBubble(false));

        mayEnd.countDown();
        for (Runnable command = withheld.poll(); command != null; command = withheld.poll()) {
            command.run();
        }
        scope.complete();
        scope.awaitDone();
        assertThat(accepted.get().join()).isEqualTo(2);
        assertThat(refused.status()).isEqualTo(Task.Status.FAILED);
        assertThat(refusedRan).isFalse();
    }

    @EngineTest(on = Threads.DEFAULT)
    void refusedTask_isAskedAllTheTime_isNeverCancelled(Harness harness) throws InterruptedException {
        AtomicReference<Task<?>> spawned = new AtomicReference<>();
        AtomicBoolean seenCancelled = new AtomicBoolean();
        AtomicBoolean end = new AtomicBoolean();
        ScopeFactory scopes = harness.scopes(f -> f.withExecutor(command -> {
                    throw new RejectedExecutionException("full");
                })
                .withListener(new ScopeListener() {
                    @Override
                    public void taskSpawned(Task<?> task) {
                        spawned.set(task);
                    }
                }));
        Aside<?> watcher = Aside.run(harness, () -> {
            while (!end.get()) {
                Task<?> task = spawned.get();
                if (task != null && task.isCancelled()) {
                    seenCancelled.set(true);
                }
            }
        });

        scopes.run("run", scope -> {
            for (int i = 0; i < 5_000 && !seenCancelled.get(); i++) {
                scope.spawn("refused", () -> 1, t -> t.withBubble(false));
            }
        });

        end.set(true);
        assertThat(watcher.failure()).isNull();
        assertThat(seenCancelled).isFalse();
    }
}
