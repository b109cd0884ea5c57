// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Whose interrupt it is, where that is not plain. */
class InterruptAccountTest {

    private static final int ROUNDS = 500;
    private static final int FEW_ROUNDS = 150;

    @EngineTest
    void join_boundThreadIsInterruptedFromOutsideAndTheScopeIsCancelled_keepsTheInterrupt(ScopeFactory scopes)
            throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("scope");
        Task<?> task = scope.spawn(() -> {
            started.countDown();
            Blocking.stubbornly(release);
        });
        Blocking.await(started);
        try (Scope.Binding binding = scope.bind()) {
            scope.cancel();
            Thread.currentThread().interrupt();
            assertThatThrownBy(task::join).isInstanceOf(ScopeCancelledException.class);
            assertThat(Thread.interrupted()).isTrue();
        } finally {
            release.countDown();
            scope.close();
        }
    }

    @EngineTest
    void awaitDone_inCancelledTask_takesTheInterruptWithTheNews(ScopeFactory scopes) {
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        OpenScope other = scopes.openShared("other");
        scopes.run("scope", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            AtomicReference<Thread> waiter = new AtomicReference<>();
            Task<?> task = scope.spawn(() -> {
                waiter.set(Thread.currentThread());
                started.countDown();
                try {
                    other.awaitDone();
                } catch (ScopeCancelledException e) {
                    interrupted.set(Thread.currentThread().isInterrupted());
                }
                return null;
            });
            Blocking.await(started);
            Blocking.untilParked(waiter.get());
            task.cancel();
        });
        other.close();
        assertThat(interrupted).hasValue(false);
    }

    /** The thread tells that it is interrupted only when that interrupt, of the inner scope, has been taken back. */
    @EngineTest
    void cancel_innerAndOuterAtOnce_noInterruptIsLeft(ScopeFactory scopes) throws InterruptedException {
        CountDownLatch innerCancelled = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        AtomicReference<Scope> outer = new AtomicReference<>();
        AtomicReference<Boolean> leaked = new AtomicReference<>();
        Thread owner =
                new Thread(() -> {
                    scopes.run("outer", o -> {
                        outer.set(o);
                        scopes.run("inner", inner -> {
                            inner.cancel();
                            innerCancelled.countDown();
                            while (asked.getCount() > 0) {
                                Thread.onSpinWait();
                            }
                        });
                        while (!o.state().equals(Scope.State.ENDING)) {
                            Thread.onSpinWait();
                        }
                    });
                    leaked.set(Thread.interrupted());
                }) {
                    @Override
                    public boolean isInterrupted() {
                        boolean interrupted = super.isInterrupted();
                        if (Thread.currentThread() != this && innerCancelled.getCount() == 0) {
                            asked.countDown();
                        }
                        return interrupted;
                    }
                };
        owner.start();
        Blocking.await(innerCancelled);
        outer.get().cancel();
        owner.join();
        assertThat(leaked).hasValue(false);
    }

    /** The interrupt of the task has been met when the cleanup begins; that of the cleanup is taken back with it. */
    @EngineTest
    void cleanupOfCancelledTask_isCancelledItself_leavesNoInterrupt(ScopeFactory scopes) {
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        scopes.run("scope", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn(() -> {
                started.countDown();
                try {
                    return Blocking.forever();
                } finally {
                    scopes.run("cleanup", o -> o.withDetached(true), Scope::cancel);
                    interrupted.set(Thread.currentThread().isInterrupted());
                }
            });
            Blocking.await(started);
            task.cancel();
        });
        assertThat(interrupted).hasValue(false);
    }

    /** The interrupt of the task has not been met when the cleanup begins: it outlives that. */
    @EngineTest
    void scopeInCancelledTask_beganWithInterruptPending_leavesIt(ScopeFactory scopes) {
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        scopes.run("scope", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn(() -> {
                started.countDown();
                while (!Thread.currentThread().isInterrupted()) {
                    Thread.onSpinWait();
                }
                scopes.run("cleanup", o -> o.withDetached(true), Scope::cancel);
                interrupted.set(Thread.currentThread().isInterrupted());
            });
            Blocking.await(started);
            task.cancel();
        });
        assertThat(interrupted).hasValue(true);
    }

    /** Nobody was interrupted: it only looks so. */
    @EngineTest
    void task_failsWithAnInterruptionThatNeverWas_leavesNoInterrupt(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException(new InterruptedException("made up"));
        assertThatThrownBy(() -> scopes.run(
                        "scope",
                        scope -> scope.spawn("task", () -> {
                            throw failure;
                        })))
                .isSameAs(failure);
        assertThat(Thread.interrupted()).isFalse();
    }

    /** Ours is met in the exit of the inner scope, then comes one from outside. */
    @EngineTest
    void interruptFromOutside_afterTheEnclosingScopeWasCancelled_inExitOfInner_isNotLost(
            Harness harness, ScopeFactory scopes) {
        Thread owner = Thread.currentThread();
        CountDownLatch mayEnd = new CountDownLatch(1);
        scopes.run(
                "outer",
                outer -> scopes.run("inner", inner -> {
                    spawnStubborn(inner, mayEnd);
                    harness.helper(() -> {
                        Blocking.until("the owner is in the exit", () -> isWaitingInExit(owner, inner));
                        outer.cancel();
                        Blocking.until("ours is met", () -> hasMetInterrupt(owner));
                        owner.interrupt();
                        Blocking.until("theirs is met", () -> hasMetInterrupt(owner));
                        mayEnd.countDown();
                    });
                }));

        assertThat(Thread.interrupted()).isTrue();
    }

    @EngineTest
    void interruptFromOutside_inExitOfDetachedCleanupOfACancelledBody_isNotLost(Harness harness, ScopeFactory scopes) {
        Thread owner = Thread.currentThread();
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicReference<Throwable> ofCleanup = new AtomicReference<>();
        scopes.run("outer", outer -> {
            outer.cancel();
            assertThatThrownBy(Blocking::forever).isInstanceOf(InterruptedException.class);
            ofCleanup.set(catchThrowable(() -> scopes.run("cleanup", s -> s.withDetached(true), cleanup -> {
                spawnStubborn(cleanup, mayEnd);
                harness.helper(() -> {
                    Blocking.until("the owner is in the exit", () -> isWaitingInExit(owner, cleanup));
                    owner.interrupt();
                    Blocking.until("it is met", () -> hasMetInterrupt(owner));
                    mayEnd.countDown();
                });
            })));
        });

        assertThat(ofCleanup.get()).isInstanceOf(ScopeInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @EngineTest
    void cancels_ofNestedScopesInAnyOrder_leaveNoInterrupt(Harness harness, ScopeFactory scopes) throws Exception {
        Random random = new Random(1);
        Scope[] nested = new Scope[3];
        int[][] order = new int[1][];
        int[] pause = new int[1];
        CyclicBarrier barrier = harness.eachRound(ROUNDS, () -> {
            for (int which : order[0]) {
                nested[which].cancel();
                Blocking.spin(pause[0]);
            }
        });
        for (int round = 0; round < ROUNDS; round++) {
            order[0] = anyOrder(random, 3);
            pause[0] = random.nextInt(400);
            boolean blocks = random.nextBoolean();
            boolean hasTask = random.nextBoolean();
            Throwable thrown = thrownByNested(scopes, nested, () -> {
                if (hasTask) {
                    nested[2].spawn("task", Blocking::forever);
                }
                meet(barrier);
                if (blocks || hasTask) {
                    Blocking.forever();
                }
            });
            assertThat(Thread.currentThread().isInterrupted())
                    .as("round %d, cancelled %s", round, Arrays.toString(order[0]))
                    .isFalse();
            assertThat(thrown).isNull();
            meet(barrier);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    @EngineTest
    void cancels_ofNestedScopesInAnyOrder_doNotHideAnInterruptFromOutside(Harness harness, ScopeFactory scopes)
            throws Exception {
        Random random = new Random(2);
        interruptAfterCancels(harness, scopes, () -> anyOrder(random, 2), which -> {});
    }

    @EngineTest
    void cancels_ofEnclosingScopesOneByOne_doNotHideAnInterruptFromOutside(Harness harness, ScopeFactory scopes)
            throws Exception {
        Random random = new Random(2);
        int[][] orders = {{}, {1}, {1, 0}};
        Thread owner = Thread.currentThread();
        interruptAfterCancels(
                harness,
                scopes,
                () -> orders[random.nextInt(orders.length)],
                which -> Blocking.spinUntil("ours is met", () -> hasMetInterrupt(owner)));
    }

    /**
     * Cancels some of three nested scopes while their owner is in the exit of the innermost, and then interrupts it from
     * outside.
     *
     * @param orders which to cancel, and in which order: asked each round
     * @param afterEach called after each cancellation
     */
    private static void interruptAfterCancels(
            Harness harness, ScopeFactory scopes, Supplier<int[]> orders, IntConsumer afterEach) throws Exception {
        Thread owner = Thread.currentThread();
        Scope[] nested = new Scope[3];
        int[][] order = new int[1][];
        CountDownLatch[] mayEnd = new CountDownLatch[1];
        CyclicBarrier barrier = harness.eachRound(FEW_ROUNDS, () -> {
            Blocking.spinUntil("the owner is in the exit", () -> isWaitingInExit(owner, nested[2]));
            for (int which : order[0]) {
                nested[which].cancel();
                afterEach.accept(which);
            }
            Blocking.spinUntil("ours are met", () -> hasMetInterrupt(owner));
            owner.interrupt();
            Blocking.spinUntil("theirs is met", () -> hasMetInterrupt(owner));
            mayEnd[0].countDown();
        });
        for (int round = 0; round < FEW_ROUNDS; round++) {
            order[0] = orders.get();
            mayEnd[0] = new CountDownLatch(1);
            thrownByNested(scopes, nested, () -> {
                spawnStubborn(nested[2], mayEnd[0]);
                meet(barrier);
            });
            assertThat(Thread.interrupted())
                    .as("round %d, cancelled %s", round, Arrays.toString(order[0]))
                    .isTrue();
            Blocking.await(barrier);
        }
    }

    /** Opens three scopes, one in the other, and runs a piece in the innermost; gives what comes out of the outermost. */
    private static Throwable thrownByNested(ScopeFactory scopes, Scope[] nested, Harness.Piece body) {
        return catchThrowable(() -> scopes.run("outer", outer -> {
            nested[0] = outer;
            scopes.run("middle", middle -> {
                nested[1] = middle;
                scopes.run("inner", inner -> {
                    nested[2] = inner;
                    body.run();
                });
            });
        }));
    }

    /** Some of the numbers below the bound, but at least one of them, in any order. */
    private static int[] anyOrder(Random random, int bound) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < bound; i++) {
            all.add(i);
        }
        Collections.shuffle(all, random);
        return all.stream()
                .limit(1 + random.nextInt(bound))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** Comes to the barrier, whatever interrupts are on the way: they are kept. */
    private static void meet(CyclicBarrier barrier) throws InterruptedException {
        boolean interrupted = Thread.interrupted();
        Blocking.await(barrier);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void spawnStubborn(Scope scope, CountDownLatch mayEnd) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn("stubborn", () -> {
            started.countDown();
            return Blocking.stubbornly(mayEnd);
        });
        Blocking.await(started);
    }

    private static boolean isWaitingInExit(Thread owner, Scope scope) {
        return scope.state() == Scope.State.COMPLETING && owner.getState() == Thread.State.WAITING;
    }

    private static boolean hasMetInterrupt(Thread owner) {
        return !owner.isInterrupted() && owner.getState() == Thread.State.WAITING;
    }
}
