// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.ScopeOptions.Overflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** At most so many tasks of a scope run at once (section 3). */
@Spec("Threads")
class MaxConcurrencyTest {

    /** A task that runs until the test lets it go. */
    private static final class Gate {

        final CountDownLatch started = new CountDownLatch(1);
        final CountDownLatch end = new CountDownLatch(1);

        Task<?> spawnIn(Scope scope) throws InterruptedException {
            Task<?> task = scope.spawn("gate", () -> {
                started.countDown();
                return Blocking.await(end);
            });
            Blocking.await(started);
            return task;
        }
    }

    private static UnaryOperator<ScopeOptions> one(Overflow overflow) {
        return s -> s.withMaxConcurrency(1).withOverflow(overflow);
    }

    @EngineTest(pool = 8)
    void queue_manyTasks_neverMoreThanTheLimitRun(ScopeFactory scopes) {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();

        scopes.run("run", s -> s.withMaxConcurrency(3), scope -> {
            for (int i = 0; i < 500; i++) {
                scope.spawn(() -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    Thread.yield();
                    running.decrementAndGet();
                    done.incrementAndGet();
                });
            }
        });

        assertThat(done).hasValue(500);
        assertThat(most.get()).isBetween(1, 3);
    }

    @EngineTest(pool = 8)
    void queue_limitIsReached_asManyRunAtOnce(ScopeFactory scopes) {
        CountDownLatch all = new CountDownLatch(3);

        scopes.run("run", s -> s.withMaxConcurrency(3), scope -> {
            for (int i = 0; i < 3; i++) {
                scope.spawn(() -> {
                    all.countDown();
                    return Blocking.await(all);
                });
            }
        });

        assertThat(all.getCount()).isZero();
    }

    @EngineTest
    void queue_limitOne_tasksRunInOrder(ScopeFactory scopes) {
        Queue<Integer> order = new ConcurrentLinkedQueue<>();

        scopes.run("run", one(Overflow.QUEUE), scope -> {
            for (int i = 0; i < 100; i++) {
                int number = i;
                scope.spawn(() -> order.add(number));
            }
        });

        assertThat(order)
                .containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
    }

    @EngineTest
    void queue_queuedTaskIsCancelled_neverRunsAndOthersDo(ScopeFactory scopes) {
        AtomicBoolean ran = new AtomicBoolean();
        AtomicBoolean otherRan = new AtomicBoolean();
        scopes.run("run", one(Overflow.QUEUE), scope -> {
            Gate gate = new Gate();
            gate.spawnIn(scope);
            Task<?> queued = scope.spawn("queued", () -> ran.set(true));
            scope.spawn("other", () -> otherRan.set(true));
            assertThat(queued.status()).isEqualTo(Task.Status.QUEUED);

            assertThat(queued.cancel()).isTrue();

            assertThat(queued.isDone()).isTrue();
            gate.end.countDown();
        });

        assertThat(ran).isFalse();
        assertThat(otherRan).isTrue();
    }

    @EngineTest
    void queue_scopeIsCancelled_queuedTasksNeverRun(ScopeFactory scopes) {
        AtomicInteger ran = new AtomicInteger();
        List<Task<?>> queued = new ArrayList<>();
        scopes.run("run", one(Overflow.QUEUE), scope -> {
            new Gate().spawnIn(scope);
            for (int i = 0; i < 10; i++) {
                queued.add(scope.spawn(ran::incrementAndGet));
            }
            scope.cancel();
        });

        assertThat(ran).hasValue(0);
        assertThat(queued).allMatch(task -> task.status() == Task.Status.CANCELLED);
    }

    @EngineTest
    void queue_taskJoinsQueuedTaskOfItsScope_lendsItsPermit(ScopeFactory scopes) {
        String value = scopes.call("run", one(Overflow.QUEUE), scope -> {
            Task<String> outer = scope.spawn("outer", () -> {
                Task<String> inner = scope.spawn("inner", () -> "value");
                return inner.join();
            });
            return outer.join();
        });

        assertThat(value).isEqualTo("value");
    }

    @EngineTest
    void queue_taskFails_permitIsFree(ScopeFactory scopes) {
        AtomicInteger ran = new AtomicInteger();
        scopes.run("run", one(Overflow.QUEUE), scope -> {
            for (int i = 0; i < 20; i++) {
                scope.spawn(
                        "failing",
                        () -> {
                            ran.incrementAndGet();
                            throw new IllegalStateException("expected");
                        },
                        t -> t.withBubble(false));
            }
        });

        assertThat(ran).hasValue(20);
    }

    @EngineTest
    void block_full_spawnWaitsForPlace(Harness harness, ScopeFactory scopes) {
        scopes.run("run", one(Overflow.BLOCK), scope -> {
            Gate gate = new Gate();
            Task<?> first = gate.spawnIn(scope);
            Thread owner = Thread.currentThread();
            AtomicBoolean waited = new AtomicBoolean();
            harness.helper(() -> {
                Blocking.untilParked(owner);
                waited.set(true);
                gate.end.countDown();
            });

            Task<String> second = scope.spawn("second", () -> "value");

            assertThat(first.isDone()).isTrue();
            assertThat(waited).isTrue();
            assertThat(second.join()).isEqualTo("value");
        });
    }

    @EngineTest
    void block_scopeCancelledWhileSpawnWaits_spawnGivesUp(Harness harness, ScopeFactory scopes) {
        AtomicBoolean ran = new AtomicBoolean();
        scopes.run("run", one(Overflow.BLOCK), scope -> {
            new Gate().spawnIn(scope);
            Thread owner = Thread.currentThread();
            harness.helper(() -> {
                Blocking.untilParked(owner);
                scope.cancel();
            });

            assertThatThrownBy(() -> scope.spawn("second", () -> ran.set(true)))
                    .isInstanceOfAny(ScopeCancelledException.class, IllegalStateException.class);
        });

        assertThat(ran).isFalse();
    }

    @EngineTest
    void fault08_interruptedWhileSpawnWaits_throwsAndFlagIsSet(Harness harness, ScopeFactory scopes) {
        scopes.run("run", one(Overflow.BLOCK), scope -> {
            Gate gate = new Gate();
            gate.spawnIn(scope);
            Thread owner = Thread.currentThread();
            harness.helper(() -> {
                Blocking.untilParked(owner);
                owner.interrupt();
            });

            assertThatExceptionOfType(ScopeInterruptedException.class).isThrownBy(() -> scope.spawn("second", () -> 1));

            assertThat(Thread.interrupted()).isTrue();
            assertThat(scope.isCancelled()).isFalse();
            gate.end.countDown();
        });
    }

    @EngineTest
    void block_fromTaskOfTheScope_isQueuedInstead(ScopeFactory scopes) {
        AtomicBoolean ran = new AtomicBoolean();
        scopes.run(
                "run",
                one(Overflow.BLOCK),
                scope -> scope.spawn("outer", () -> scope.spawn("inner", () -> ran.set(true))));

        assertThat(ran).isTrue();
    }

    @EngineTest
    void reject_full_spawnIsRefusedAndNothingStarts(ScopeFactory scopes) {
        AtomicBoolean ran = new AtomicBoolean();
        scopes.run("quotes", one(Overflow.REJECT), scope -> {
            Gate gate = new Gate();
            Task<?> first = gate.spawnIn(scope);

            assertThatExceptionOfType(RejectedExecutionException.class)
                    .isThrownBy(() -> scope.spawn("second", () -> ran.set(true)))
                    .withMessageContaining("quotes");
            assertThat(scope.trySpawn("second", () -> 1, t -> t)).isEmpty();

            gate.end.countDown();
            first.join();
            Blocking.until(
                    "there is a place",
                    () -> scope.trySpawn("third", () -> 1, t -> t).isPresent());
        });

        assertThat(ran).isFalse();
    }

    @Test
    void maxConcurrency_negative_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> ScopeOptions.DEFAULT.withMaxConcurrency(-1));
        assertThat(ScopeOptions.DEFAULT.withMaxConcurrency(0).maxConcurrency()).isZero();
    }

    @EngineTest(pool = 4)
    void block_taskOfScopeBelowSpawnsIntoTheFullScope_doesNotWaitForItsOwnEnd(ScopeFactory scopes) {
        Queue<String> ran = new ConcurrentLinkedQueue<>();
        scopes.run(
                "upper",
                one(Overflow.BLOCK),
                upper -> upper.spawn(
                        "first",
                        () -> scopes.run(
                                "lower",
                                lower -> lower.spawn("below", () -> upper.spawn("second", () -> ran.add("second"))))));

        assertThat(ran).containsExactly("second");
    }
}
