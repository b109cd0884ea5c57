// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * 0 to 15 tasks are spawned before a scope is ended and 0 to 15 while it is, by each cause: after the exit each task has
 * one outcome, none of their code runs, no scope is listed, and no thread keeps an interrupt.
 */
@Spec({"S2", "S4", "S6", "S7", "S9", "S13", "T4", "T7", "T10"})
class CancellationStormTest {

    private static final int TASKS = 15;
    private static final int ROUNDS = (TASKS + 1) * (TASKS + 1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** What ends the scope. */
    private enum Cause {
        CANCEL(null),
        FAILURE(IllegalStateException.class),
        TIMEOUT(ScopeTimeoutException.class),
        PARENT(null),
        MASTER(null),
        INTERRUPT(ScopeInterruptedException.class),
        SHUTDOWN(ScopeCancelledException.class);

        /** What the exit throws; null if it is silent. */
        private final @Nullable Class<? extends Throwable> thrown;

        Cause(@Nullable Class<? extends Throwable> thrown) {
            this.thrown = thrown;
        }
    }

    @EngineTest
    void cancel_amongSpawns_leavesNothing(Harness harness) throws Exception {
        new Storm(harness, Cause.CANCEL).run();
    }

    @EngineTest
    void failure_amongSpawns_leavesNothing(Harness harness) throws Exception {
        new Storm(harness, Cause.FAILURE).run();
    }

    @EngineTest
    void timeout_amongSpawns_leavesNothing(Harness harness) throws Exception {
        new Storm(harness, Cause.TIMEOUT).run();
        assertThat(harness.clock().pendingAlarms()).isZero();
    }

    @EngineTest
    void cancelOfParent_amongSpawns_leavesNothing(Harness harness) throws Exception {
        new Storm(harness, Cause.PARENT).run();
    }

    @EngineTest
    void endOfMaster_amongSpawns_leavesNothing(Harness harness) throws Exception {
        new Storm(harness, Cause.MASTER).run();
    }

    @EngineTest
    void interruptOfOwner_amongSpawns_leavesNothing(Harness harness) throws Exception {
        new Storm(harness, Cause.INTERRUPT).run();
    }

    @EngineTest
    void closeOfFactory_amongSpawns_leavesNothing(Harness harness) throws Exception {
        new Storm(harness, Cause.SHUTDOWN).run();
    }

    /** All rounds of one cause: the owner spawns, another thread ends the scope meanwhile. */
    private static final class Storm {

        private final Harness harness;
        private final Cause cause;
        private final Thread owner = Thread.currentThread();
        private final Random pause = new Random(7);
        private final @Nullable Executor pool;
        private final AtomicInteger inCode = new AtomicInteger();
        private final AtomicInteger late = new AtomicInteger();

        // What the round is about: handed over by the barrier.
        private ScopeFactory scopes;
        private Scope target;
        private CountDownLatch trigger;
        private volatile boolean over;

        private Storm(Harness harness, Cause cause) {
            this.harness = harness;
            this.cause = cause;
            this.pool = harness.executorThreads() > 0 ? harness.pool(harness.executorThreads()) : null;
            this.scopes = factory();
        }

        private ScopeFactory factory() {
            return harness.scopes(options -> {
                FactoryOptions ours = pool != null ? options.withExecutor(pool) : options;
                return cause == Cause.TIMEOUT ? ours.withTimeSource(harness.clock()) : ours;
            });
        }

        private void run() throws Exception {
            CyclicBarrier barrier = harness.eachRound(ROUNDS, () -> {
                Blocking.spin(pause.nextInt(300));
                strike();
            });
            for (int round = 0; round < ROUNDS; round++) {
                round(barrier, round / (TASKS + 1), round % (TASKS + 1));
            }
        }

        private void strike() {
            switch (cause) {
                case CANCEL, PARENT -> target.cancel();
                case FAILURE, MASTER -> trigger.countDown();
                case TIMEOUT -> harness.clock().advance(SECOND);
                case INTERRUPT -> owner.interrupt();
                case SHUTDOWN -> scopes.close();
            }
        }

        private void round(CyclicBarrier barrier, int before, int during) throws Exception {
            over = false;
            trigger = new CountDownLatch(1);
            if (cause == Cause.SHUTDOWN) {
                scopes = factory();
            }
            List<Ended> tasks = new ArrayList<>();

            Throwable thrown = catchThrowable(() -> {
                if (cause == Cause.PARENT) {
                    scopes.run("outer", outer -> {
                        target = outer;
                        inner(barrier, before, during, tasks);
                    });
                } else {
                    inner(barrier, before, during, tasks);
                }
            });
            over = true;

            String round = before + " before, " + during + " during";
            assertThat(inCode).as("tasks whose code runs, " + round).hasValue(0);
            assertThat(thrown == null ? null : thrown.getClass()).as(round).isEqualTo(cause.thrown);
            // The interrupt may come after the end only where that is what ends it, and is to be there then.
            assertThat(Thread.interrupted()).as("interrupted, " + round).isEqualTo(cause == Cause.INTERRUPT);
            assertThat(scopes.scopes()).as(round).isEmpty();
            tasks.forEach(task -> task.check(round));
            Blocking.await(barrier);
            assertThat(late).as("code that ran after the exit, " + round).hasValue(0);
        }

        private void inner(CyclicBarrier barrier, int before, int during, List<Ended> tasks) {
            scopes.run("storm", s -> cause == Cause.TIMEOUT ? s.withTimeout(SECOND) : s, scope -> {
                if (cause == Cause.CANCEL) {
                    target = scope;
                }
                if (cause == Cause.FAILURE || cause == Cause.MASTER) {
                    scope.spawn("trigger", this::trigger, t -> t.withMaster(cause == Cause.MASTER));
                } else {
                    // Does not end by itself, as the others: there is something to end though no task is spawned.
                    tasks.add(new Ended(scope.spawn("first", this::work)));
                }
                for (int i = 0; i < before; i++) {
                    tasks.add(new Ended(scope.spawn("before", this::work)));
                }
                Blocking.await(barrier);
                for (int i = 0; i < during; i++) {
                    scope.trySpawn("during", this::work, t -> t).ifPresent(task -> tasks.add(new Ended(task)));
                }
            });
        }

        private Object trigger() throws InterruptedException {
            Blocking.await(trigger);
            if (cause == Cause.FAILURE) {
                throw new IllegalStateException("the trigger");
            }
            return true;
        }

        private Object work() throws InterruptedException {
            inCode.incrementAndGet();
            try {
                return Blocking.forever();
            } finally {
                if (over) {
                    late.incrementAndGet();
                }
                inCode.decrementAndGet();
            }
        }
    }

    /** A task, and how often its end was reported. */
    private static final class Ended {

        private final Task<?> task;
        private final AtomicInteger ends = new AtomicInteger();

        private Ended(Task<?> task) {
            this.task = task;
            task.onDone(done -> ends.incrementAndGet());
        }

        private void check(String round) {
            assertThat(task.status()).as(round).isEqualTo(Task.Status.CANCELLED);
            assertThat(ends).as("ends of " + task + ", " + round).hasValue(1);
        }
    }
}
