// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.traio.EngineTest.Threads;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a permit that is lent while its holder waits: of one scope, and of a limiter that scopes share. */
@Spec("Threads")
class LentPermitTest {

    private static final long GIVES_UP_MILLIS = 10;

    private final CountDownLatch borrowed = new CountDownLatch(1);
    private final CountDownLatch nextRuns = new CountDownLatch(1);

    /** One permit, in each way to have one. */
    private static Map<String, UnaryOperator<ScopeOptions>> onePermit() {
        Limiter limiter = Limiter.of("shared", 1);
        Limiter other = Limiter.of("other", 1);
        return Map.of(
                "maxConcurrency", s -> s.withMaxConcurrency(1),
                "limiter", s -> s.withLimiter(limiter),
                "both", s -> s.withLimiter(other).withMaxConcurrency(1));
    }

    /** Runs on a permit that is lent to it, and looks for some time whether the next task runs beside it. */
    private boolean borrow() throws InterruptedException {
        borrowed.countDown();
        return nextRuns.await(100, TimeUnit.MILLISECONDS);
    }

    private void giveUp(Task<?> task) {
        do {
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> task.get(GIVES_UP_MILLIS, TimeUnit.MILLISECONDS));
        } while (borrowed.getCount() > 0);
    }

    private static boolean isRunning(Task<?> task) {
        return task.status() == Task.Status.RUNNING;
    }

    // ---- its holder gives it up before the borrower has ended ----

    @EngineTest(pool = 4)
    void holder_endsBeforeItsBorrower_nextTaskWaits(ScopeFactory scopes) {
        onePermit().forEach((name, options) -> {
            LentPermitTest test = new LentPermitTest();
            AtomicReference<Task<Boolean>> borrower = new AtomicReference<>();
            scopes.run(
                    name,
                    options,
                    scope -> scope.spawn("holder", () -> {
                        borrower.set(scope.spawn("borrower", test::borrow));
                        scope.spawn("next", test.nextRuns::countDown);
                        test.giveUp(borrower.get());
                    }));
            assertThat(borrower.get().join()).as("ran beside another, %s", name).isFalse();
        });
    }

    @EngineTest(pool = 4)
    void callbackOfHolder_endsBeforeItsBorrower_nextTaskWaits(ScopeFactory scopes) {
        onePermit().forEach((name, options) -> {
            LentPermitTest test = new LentPermitTest();
            CountDownLatch end = new CountDownLatch(1);
            AtomicReference<Task<Boolean>> borrower = new AtomicReference<>();
            scopes.run(name, options, scope -> {
                Task<?> holder = scope.spawn("holder", () -> Blocking.await(end));
                holder.onDone(ended -> test.giveUp(borrower.get()));
                borrower.set(scope.spawn("borrower", test::borrow));
                scope.spawn("next", test.nextRuns::countDown);
                end.countDown();
                // This thread has no permit to lend.
                Blocking.await(test.borrowed);
            });
            assertThat(borrower.get().join()).as("ran beside another, %s", name).isFalse();
        });
    }

    /** The borrower has the permit now, and lends it in turn. */
    @EngineTest(pool = 4)
    void borrower_hasTakenThePermitOver_lendsIt(ScopeFactory scopes) {
        onePermit().forEach((name, options) -> {
            LentPermitTest test = new LentPermitTest();
            AtomicReference<Task<Integer>> borrower = new AtomicReference<>();
            AtomicReference<Task<?>> holder = new AtomicReference<>();
            scopes.run(name, options, scope -> {
                holder.set(scope.spawn("holder", () -> {
                    Task<Integer> next = scope.spawn("next", () -> 7);
                    borrower.set(scope.spawn("borrower", () -> {
                        test.borrowed.countDown();
                        Blocking.until(
                                "the holder has ended",
                                () -> holder.get() != null && holder.get().isDone());
                        return next.join();
                    }));
                    test.giveUp(borrower.get());
                }));
            });
            assertThat(borrower.get().join()).as(name).isEqualTo(7);
        });
    }

    /** Nothing is left of loans that were taken over: as many run as ever. */
    @EngineTest(pool = 4)
    void permits_lentAndTakenOverManyTimes_areAsManyAsBefore(ScopeFactory scopes) {
        Limiter limiter = Limiter.of("shared", 2);
        scopes.run("run", s -> s.withLimiter(limiter).withMaxConcurrency(2), scope -> {
            for (int i = 0; i < 50; i++) {
                scope.spawn("holder", () -> {
                    Task<?> lent = scope.spawn("borrower", () -> Thread.sleep(2));
                    try {
                        lent.get(1, TimeUnit.MILLISECONDS);
                    } catch (TimeoutException e) {
                        // As it should be, now and then.
                    }
                });
            }
        });
        Blocking.until("all permits are given back", () -> limiter.inUse() == 0);

        CountDownLatch both = new CountDownLatch(2);
        scopes.run("run", s -> s.withLimiter(limiter), scope -> {
            for (int i = 0; i < 2; i++) {
                scope.spawn(() -> {
                    both.countDown();
                    return Blocking.await(both);
                });
            }
        });
    }

    // ---- a holder waits for what waits for the permit ----

    /** Two wait for it, one after the other: the end of the first borrower lets the second go on. */
    @EngineTest(pool = 8)
    void idlePermit_twoWaitForIt_isLentToOneAfterTheOther(Harness harness, ScopeFactory scopes) {
        onePermit()
                .forEach((name, options) -> scopes.run(
                        name,
                        options,
                        scope -> scope.spawn("holder", () -> {
                            CountDownLatch bothWait = new CountDownLatch(1);
                            Task<Integer> first = scope.spawn("first", () -> {
                                Blocking.await(bothWait);
                                return 1;
                            });
                            Task<Integer> second = scope.spawn("second", () -> {
                                Blocking.await(bothWait);
                                return 2;
                            });
                            int sum = scopes.call("other", s -> s.withDetached(true), other -> {
                                BlockingQueue<Thread> joiners = new LinkedBlockingQueue<>();
                                Task<Integer> joinsFirst = other.spawn("joins-first", () -> {
                                    joiners.add(Thread.currentThread());
                                    return first.join();
                                });
                                Task<Integer> joinsSecond = other.spawn("joins-second", () -> {
                                    joiners.add(Thread.currentThread());
                                    return second.join();
                                });
                                Thread aside = harness.helper(() -> {
                                    Blocking.until("one runs", () -> isRunning(first) || isRunning(second));
                                    Blocking.untilParked(joiners.take());
                                    Blocking.untilParked(joiners.take());
                                    bothWait.countDown();
                                });
                                int both = joinsFirst.join() + joinsSecond.join();
                                aside.join();
                                return both;
                            });
                            assertThat(sum).as(name).isEqualTo(3);
                        })));
    }

    /** The holder waits in a callback, for a scope that is no relation of its own. */
    @EngineTest(pool = 4)
    void callbackOfHolder_waitsForAnotherScope_lendsThePermit(ScopeFactory scopes) {
        onePermit().forEach((name, options) -> {
            CountDownLatch end = new CountDownLatch(1);
            AtomicReference<Integer> value = new AtomicReference<>();
            try (OpenScope other = scopes.openShared("other")) {
                scopes.run(name, options, scope -> {
                    Task<?> holder = scope.spawn("holder", () -> Blocking.await(end));
                    Task<Integer> queued = scope.spawn("queued", () -> 7);
                    Task<Integer> joiner = other.spawn("joiner", queued::join);
                    holder.onDone(ended -> value.set(joiner.join()));
                    end.countDown();
                    Blocking.until("the callback has returned", () -> value.get() != null);
                });
            }
            assertThat(value).as(name).hasValue(7);
        });
    }

    /** The thread that is lent to a waiter runs the holder of the permit, which waits for that waiter: one more is lent. */
    @EngineTest(on = {Threads.DEFAULT, Threads.POOL, Threads.ONE})
    void lentThread_runsHolderThatWaitsForTheWaiter_anotherIsLent(Harness harness, ScopeFactory scopes) {
        onePermit().forEach((name, options) -> {
            try (Taken taken = Taken.all(harness);
                    OpenScope scope = scopes.openShared(name, options);
                    OpenScope other = scopes.openShared("other")) {
                Task<?> holder = scope.spawn("holder", () -> other.awaitDone());
                Task<Integer> queued = scope.spawn("queued", () -> 7);
                Aside<Integer> waiter = Aside.call(harness, () -> {
                    int value = queued.join();
                    other.close();
                    return value;
                });
                assertThat(waiter.value()).as(name).isEqualTo(7);
                Briefly.until("the holder is done", holder::isDone);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** The one that holds the limiter's permit, and the one that lacks it, are of two scopes. */
    @EngineTest(pool = 4)
    void permitOfLimiter_joinerInAnotherScope_isLentToATaskOfAThird(ScopeFactory scopes) {
        Limiter limiter = Limiter.of("shared", 1);
        CountDownLatch end = new CountDownLatch(1);
        try (OpenScope first = scopes.openShared("first", s -> s.withLimiter(limiter));
                OpenScope second = scopes.openShared("second", s -> s.withLimiter(limiter));
                OpenScope unlimited = scopes.openShared("unlimited")) {
            AtomicReference<Task<Integer>> joiner = new AtomicReference<>();
            Task<Integer> holder = first.spawn("holder", () -> {
                Blocking.await(end);
                return joiner.get().join();
            });
            Task<Integer> queued = second.spawn("queued", () -> 7);
            joiner.set(unlimited.spawn("joiner", queued::join));
            end.countDown();

            Briefly.until("the holder is done", holder::isDone);
            assertThat(holder.join()).isEqualTo(7);
        }
        assertThat(limiter.inUse()).isZero();
    }

    @EngineTest(pool = 4)
    void permitOfLimiter_exitOfAnotherScopeWaits_isLent(ScopeFactory scopes) {
        Limiter limiter = Limiter.of("shared", 1);
        CountDownLatch end = new CountDownLatch(1);
        try (OpenScope first = scopes.openShared("first", s -> s.withLimiter(limiter));
                OpenScope unlimited = scopes.openShared("unlimited")) {
            AtomicReference<Task<Integer>> opener = new AtomicReference<>();
            Task<Integer> holder = first.spawn("holder", () -> {
                Blocking.await(end);
                return opener.get().join();
            });
            AtomicReference<Integer> ran = new AtomicReference<>();
            opener.set(unlimited.spawn("opener", () -> {
                scopes.run("second", s -> s.withLimiter(limiter), second -> second.spawn(() -> ran.set(7)));
                return ran.get();
            }));
            end.countDown();

            Briefly.until("the holder is done", holder::isDone);
            assertThat(holder.join()).isEqualTo(7);
        }
        Blocking.until("all permits are given back", () -> limiter.inUse() == 0);
    }

    // ---- a thread that holds none lends none ----

    /** The callback of a task that never ran is called by its canceller, which holds no permit. */
    @EngineTest(pool = 4)
    void callbackOnCanceller_waitsForQueuedTask_lendsNoPermit(ScopeFactory scopes) {
        onePermit().forEach((name, options) -> {
            CountDownLatch end = new CountDownLatch(1);
            CountDownLatch runs = new CountDownLatch(1);
            scopes.run(name, options, scope -> {
                scope.spawn("holder", () -> Blocking.await(end));
                Task<?> cancelled = scope.spawn("cancelled", () -> {});
                Task<?> queued = scope.spawn("queued", runs::countDown);
                cancelled.onDone(ended -> assertThatExceptionOfType(TimeoutException.class)
                        .isThrownBy(() -> queued.get(50, TimeUnit.MILLISECONDS)));
                cancelled.cancel();
                assertThat(runs.getCount()).as(name).isOne();
                end.countDown();
            });
            assertThat(runs.getCount()).isZero();
        });
    }

    // ---- a permit of both kinds is needed ----

    private static UnaryOperator<ScopeOptions> oneOf(Limiter limiter) {
        return s -> s.withLimiter(limiter).withMaxConcurrency(1);
    }

    /** The limiter has granted the queued task a permit, in vain: the scope's own was missing. */
    @EngineTest(pool = 4)
    void ownPermitIsIdle_limiterHasFreeOnes_isLent(ScopeFactory scopes) throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        AtomicReference<Task<Integer>> joiner = new AtomicReference<>();
        try (OpenScope other = scopes.openShared("other")) {
            scopes.run("limited", oneOf(Limiter.of("limiter", 10)), scope -> {
                Task<Integer> holder = scope.spawn("holder", () -> {
                    Blocking.await(go);
                    return joiner.get().join();
                });
                Task<Integer> queued = scope.spawn("queued", () -> 7);
                joiner.set(other.spawn("joiner", queued::join));
                // It waits, before the permit is idle.
                Blocking.until(
                        "the joiner waits",
                        () -> other.snapshot().tasks().stream().allMatch(task -> task.waitsFor() != null));
                go.countDown();
                Briefly.until("the holder is done", holder::isDone);
            });
        }
    }

    /** The limiter's permit of the holder is lent to another scope; one more is free, and the scope's own is idle. */
    @EngineTest(pool = 8)
    void limiterHasAFreePermit_ownIsIdle_bothAreHad(ScopeFactory scopes) throws InterruptedException {
        Limiter limiter = Limiter.of("limiter", 2);
        CountDownLatch borrowerEnds = new CountDownLatch(1);
        CountDownLatch besideEnds = new CountDownLatch(1);
        CountDownLatch joins = new CountDownLatch(1);
        AtomicReference<Task<Integer>> joiner = new AtomicReference<>();
        CountDownLatch joinerIsKnown = new CountDownLatch(1);
        try (OpenScope other = scopes.openShared("other");
                OpenScope limited = scopes.openShared("limited", oneOf(limiter));
                OpenScope third = scopes.openShared("third", s -> s.withLimiter(limiter))) {
            Task<Integer> holder = limited.spawn("holder", () -> {
                Blocking.await(joinerIsKnown);
                return joiner.get().join();
            });
            Task<Integer> queued = limited.spawn("queued", () -> 7);
            joiner.set(other.spawn("joiner", () -> {
                Blocking.await(joins);
                return queued.join();
            }));
            joinerIsKnown.countDown();
            Task<?> beside = third.spawn("beside", () -> Blocking.await(besideEnds));
            Task<?> borrower = third.spawn("borrower", () -> Blocking.await(borrowerEnds));
            other.spawn("joins the borrower", () -> borrower.join());
            Blocking.until("the borrower runs", () -> isRunning(borrower));
            besideEnds.countDown();
            beside.awaitEnd();
            joins.countDown();

            Briefly.until("the holder is done", holder::isDone);
            assertThat(isRunning(borrower)).isTrue();
            borrowerEnds.countDown();
        }
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void callerRuns_taskSpawnsTheNext_itRunsAfterIt() {
        AtomicReference<Integer> ran = new AtomicReference<>();
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(Runnable::run))) {
            scopes.run(
                    "limited",
                    oneOf(Limiter.of("limiter", 10)),
                    scope -> scope.spawn("first", () -> scope.spawn("second", () -> ran.set(7))));
        }
        assertThat(ran).hasValue(7);
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void executorRefusesATask_nextOnesRun() {
        AtomicInteger tickets = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        Executor refusesTheSecond = ticket -> {
            if (tickets.incrementAndGet() == 2) {
                throw new RejectedExecutionException("full");
            }
            new Thread(ticket).start();
        };
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(refusesTheSecond))) {
            scopes.run(
                    "limited",
                    s -> oneOf(Limiter.of("limiter", 10)).apply(s).withTaskDefaults(t -> t.withBubble(false)),
                    scope -> {
                        for (int i = 0; i < 3; i++) {
                            scope.spawn(ran::incrementAndGet);
                        }
                    });
        }
        // A lent thread may have taken the one that was refused.
        assertThat(ran.get()).isBetween(2, 3);
    }

    /** The executor has a lent thread run the next task, too: that one waits for the waiter. */
    @Test
    @Timeout(40)
    void lentThread_runsNextTaskInline_anotherIsLentWhileThatWaits() {
        AtomicBoolean inline = new AtomicBoolean();
        Executor keepsAllButOne = ticket -> {
            if (inline.compareAndSet(true, false)) {
                ticket.run();
            }
        };
        try (ScopeFactory others = ScopeFactory.create();
                ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(keepsAllButOne))) {
            others.run(
                    "others",
                    outer -> scopes.run("limited", s -> s.withMaxConcurrency(1), scope -> {
                        AtomicReference<Task<Integer>> between = new AtomicReference<>();
                        CountDownLatch set = new CountDownLatch(1);
                        scope.spawn("first", () -> inline.set(true));
                        scope.spawn("second", () -> between.get().join());
                        Task<Integer> third = scope.spawn("third", () -> 3);
                        Task<Integer> waiter = outer.spawn("waiter", () -> {
                            Blocking.await(set);
                            return third.join();
                        });
                        between.set(outer.spawn("between", waiter::join));
                        set.countDown();
                        // Not by a join: this thread would have another one lent.
                        Blocking.until("the third task has run", third::isDone);
                    }));
        }
    }

    /** A task inside the one that it took waits, and leaves the permit of that one idle. */
    @Test
    @Timeout(40)
    void lentThread_runsATaskInsideItsOwn_anotherIsLentWhileThatWaits() {
        AtomicBoolean first = new AtomicBoolean(true);
        Executor keepsTheFirst = ticket -> {
            if (!first.compareAndSet(true, false)) {
                ticket.run();
            }
        };
        CountDownLatch borrowed = new CountDownLatch(1);
        try (ScopeFactory others = ScopeFactory.create();
                ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(keepsTheFirst))) {
            others.run("others", outer -> {
                Task<?> waitsForBorrower = outer.spawn("waits", () -> Blocking.await(borrowed));
                scopes.run("limited", s -> s.withMaxConcurrency(1).withDetached(true), scope -> {
                    scope.spawn(
                            "holder",
                            () -> scopes.run("inner", inner -> inner.spawn("inside", waitsForBorrower::join)));
                    scope.spawn("borrower", borrowed::countDown).join();
                });
            });
        }
        assertThat(borrowed.getCount()).isZero();
    }

    // ---- tickets under a limit ----

    /** The first ticket is that of a task which needs the waiter to go on. */
    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void waiterForATaskWithAPermit_isLentAThreadForThatOne(Harness harness, ScopeFactory scopes) {
        try (Taken taken = Taken.all(harness)) {
            scopes.run("limited", s -> s.withMaxConcurrency(5), scope -> {
                BlockingQueue<Integer> values = new LinkedBlockingQueue<>();
                Task<Integer> needsTheBody =
                        scope.spawn("needs the body", () -> values.poll(Briefly.LIMIT.toSeconds(), TimeUnit.SECONDS));
                values.add(scope.spawn("task", () -> 7).join());
                assertThat(needsTheBody.join()).isEqualTo(7);
            });
        }
    }

    /** Waits of one thread nest where a canceller in a wait calls callbacks; the permit is idle once all the same. */
    @EngineTest(on = Threads.DEFAULT)
    void waitsOfOneThread_nest_permitIsLentOnce(Harness harness, ScopeFactory scopes) throws Exception {
        AtomicReference<Thread> holder = new AtomicReference<>();
        CountDownLatch nested = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (OpenScope other = scopes.openShared("other");
                OpenScope limited = scopes.openShared("limited", s -> s.withMaxConcurrency(1))) {
            limited.spawn("holder", () -> {
                holder.set(Thread.currentThread());
                scopes.run("inner", inner -> inner.withMaxConcurrency(1), inner -> {
                    inner.spawn("stays", () -> Blocking.stubbornly(end));
                    inner.spawn("never runs", () -> {})
                            .onDone(ended -> scopes.run(
                                    "nested",
                                    s -> s.withDetached(true).withShielded(true).withTimeout(Briefly.LIMIT),
                                    s -> {
                                        s.spawn(() -> {
                                            nested.countDown();
                                            return Blocking.stubbornly(end);
                                        });
                                    }));
                });
            });
            Blocking.until(
                    "the holder waits",
                    () -> holder.get() != null
                            && limited.snapshot().tasks().get(0).waitsFor() != null);
            holder.get().interrupt();
            Blocking.await(nested);
            for (int i = 0; i < 3; i++) {
                Task<?> queued = limited.spawn("queued", () -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    Thread.sleep(20);
                    running.decrementAndGet();
                });
                other.spawn("joiner", () -> queued.join());
            }
            other.join();
            end.countDown();
        } catch (ScopeInterruptedException e) {
            // The interrupt of the holder, which comes out at the close.
        }
        assertThat(most).hasValue(1);
    }
}
