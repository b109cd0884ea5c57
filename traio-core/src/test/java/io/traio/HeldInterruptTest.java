// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.EngineTest.Threads;
import io.traio.Scope.CancelHook;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** While a hook has its time, the interrupt waits, and comes later or with the close (B9). */
@Spec("B9")
class HeldInterruptTest {

    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final CountDownLatch called = new CountDownLatch(1);

    /** Blocks until the hook was called, as a driver would until its statement was cancelled. An interrupt would end it. */
    private void blockInHook(Duration interruptAfter) throws InterruptedException {
        try (CancelHook hook = Scope.onCancel(interruptAfter, called::countDown)) {
            Blocking.await(called);
        }
    }

    @EngineTest(pool = 4)
    void interrupt_ofCancelledCode_comesWithTheClose(ScopeFactory scopes) {
        for (CancelledCode kind : CancelledCode.values()) {
            kind.run(scopes, cancel -> {
                CountDownLatch hooked = new CountDownLatch(1);
                try (CancelHook hook = Scope.onCancel(LONG, hooked::countDown)) {
                    cancel.run();
                    Blocking.await(hooked);
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                }
                assertThat(CancelledCode.isInterrupted()).as(kind.name()).isTrue();
            });
        }
    }

    @EngineTest(pool = 4)
    void interrupt_thatWasPending_waitsToo(ScopeFactory scopes) {
        for (CancelledCode kind : CancelledCode.values()) {
            kind.run(scopes, cancel -> {
                cancel.run();
                CountDownLatch hooked = new CountDownLatch(1);
                try (CancelHook hook = Scope.onCancel(LONG, hooked::countDown)) {
                    Blocking.await(hooked);
                }
                assertThat(CancelledCode.isInterrupted()).as(kind.name()).isTrue();
            });
        }
    }

    @EngineTest
    void interrupt_thatWasMetBefore_doesNotComeAgain(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            scope.cancel();
            assertThat(CancelledCode.isInterrupted()).isTrue();
            blockInHook(LONG);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        });
    }

    @EngineTest
    void interrupt_ofCodeThatIsNotCancelled_neverComes(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Scope.onCancel(LONG, called::countDown).close();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        });
    }

    @EngineTest
    void interrupt_codeDoesNotGoOnInTime_comes(Harness harness, ScopeFactory scopes, TestClock clock) {
        harness.helper(() -> {
            Blocking.await(called);
            clock.awaitAlarms(2);
            clock.advance(SECOND);
        });
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        scopes.run(
                "run",
                s -> s.withTimeout(LONG),
                scope -> scope.spawn("task", () -> {
                    try (CancelHook hook = Scope.onCancel(SECOND, called::countDown)) {
                        scope.cancel();
                        thrown.set(catchThrowable(Blocking::forever));
                    }
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                }));
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }

    @EngineTest
    void interrupt_inABodyThatDoesNotGoOnInTime_comes(Harness harness, ScopeFactory scopes, TestClock clock) {
        harness.helper(() -> {
            Blocking.await(called);
            clock.awaitAlarms(1);
            clock.advance(SECOND);
        });
        scopes.run("run", scope -> {
            try (CancelHook hook = Scope.onCancel(SECOND, called::countDown)) {
                scope.cancel();
                Blocking.forever();
            }
        });
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @EngineTest
    void interrupt_fromOutside_comesAtOnce(Harness harness, ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    Thread.currentThread().interrupt();
                    try (CancelHook hook = Scope.onCancel(LONG, called::countDown)) {
                        Blocking.forever();
                    }
                }))
                .isInstanceOf(ScopeInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @EngineTest
    void interrupt_fromOutsideWhileOursWaits_isNotLost(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            try (CancelHook hook = Scope.onCancel(LONG, called::countDown)) {
                scope.cancel();
                Thread.currentThread().interrupt();
            }
        });
        assertThat(Thread.interrupted()).isTrue();
    }

    @EngineTest
    void interrupt_fromOutsideThatLeavesTheCodeWhileOursWaits_isNotLost(ScopeFactory scopes) {
        for (Duration interruptAfter : new Duration[] {LONG, Duration.ZERO}) {
            assertThatThrownBy(() -> scopes.run("run", scope -> {
                        try (CancelHook outer = Scope.onCancel(LONG, () -> {});
                                CancelHook hook = Scope.onCancel(interruptAfter, () -> {})) {
                            scope.cancel();
                            Thread.currentThread().interrupt();
                            Blocking.forever();
                        }
                    }))
                    .isInstanceOf(ScopeInterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    /** A thread on which an interrupt takes long. */
    private static final class SlowlyInterrupted extends Thread {

        private final CountDownLatch interrupting = new CountDownLatch(1);
        private final CountDownLatch mayEnd = new CountDownLatch(1);
        private final CountDownLatch met;
        private final Sets setsFlag;

        /** When the flag is set. */
        enum Sets {
            NEVER,
            FIRST,
            LAST
        }

        SlowlyInterrupted(Sets setsFlag, Runnable work) {
            super(work);
            this.setsFlag = setsFlag;
            met = new CountDownLatch(setsFlag == Sets.FIRST ? 1 : 0);
        }

        @Override
        public void interrupt() {
            if (setsFlag == Sets.FIRST) {
                super.interrupt();
                if (interrupting.getCount() == 0) {
                    return;
                }
            }
            interrupting.countDown();
            Blocking.stubbornly(mayEnd);
            if (setsFlag == Sets.LAST) {
                super.interrupt();
            }
        }

        static void awaitInterrupt() {
            SlowlyInterrupted self = (SlowlyInterrupted) Thread.currentThread();
            Blocking.spinUntil("interrupting", () -> self.interrupting.getCount() == 0);
        }

        static void blockUntilMet() throws InterruptedException {
            try {
                Blocking.forever();
            } finally {
                ((SlowlyInterrupted) Thread.currentThread()).met.countDown();
            }
        }

        void runWithSlowInterrupt() throws InterruptedException {
            start();
            Blocking.await(interrupting);
            Blocking.await(met);
            Blocking.untilParked(this);
            mayEnd.countDown();
            join();
        }
    }

    @EngineTest(on = Threads.DEFAULT)
    void close_whileAnotherThreadInterrupts_waitsForThatAndNoLonger(ScopeFactory scopes) throws Exception {
        AtomicBoolean interruptOver = new AtomicBoolean();
        new SlowlyInterrupted(
                        SlowlyInterrupted.Sets.NEVER,
                        () -> scopes.run("run", scope -> {
                            SlowlyInterrupted self = (SlowlyInterrupted) Thread.currentThread();
                            try (CancelHook hook = Scope.onCancel(Duration.ofNanos(1), called::countDown)) {
                                scope.cancel();
                                SlowlyInterrupted.awaitInterrupt();
                            }
                            interruptOver.set(self.mayEnd.getCount() == 0);
                        }))
                .runWithSlowInterrupt();
        assertThat(interruptOver).isTrue();
    }

    @EngineTest(on = Threads.DEFAULT)
    void interrupt_comesWhileOneFromOutsideLeavesTheCode_isTheOtherNotLost(ScopeFactory scopes) throws Exception {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        new SlowlyInterrupted(SlowlyInterrupted.Sets.LAST, () -> {
                    thrown.set(catchThrowable(() -> scopes.run("run", scope -> {
                        try (CancelHook hook = Scope.onCancel(Duration.ofNanos(1), called::countDown)) {
                            scope.cancel();
                            SlowlyInterrupted.awaitInterrupt();
                            throw new InterruptedException("from outside");
                        }
                    })));
                    flag.set(Thread.interrupted());
                })
                .runWithSlowInterrupt();
        assertThat(thrown.get()).isInstanceOf(ScopeInterruptedException.class);
        assertThat(flag).isTrue();
    }

    @EngineTest(on = Threads.DEFAULT)
    void interrupt_isMetAsTheHookCloses_codeMaySetItsFlagAgain(ScopeFactory scopes) throws Exception {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        new SlowlyInterrupted(SlowlyInterrupted.Sets.FIRST, () -> {
                    thrown.set(catchThrowable(() -> scopes.run("run", scope -> {
                        try (CancelHook hook = Scope.onCancel(Duration.ofNanos(1), called::countDown)) {
                            scope.cancel();
                            SlowlyInterrupted.blockUntilMet();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                            throw new IllegalStateException(e);
                        }
                    })));
                    flag.set(Thread.interrupted());
                })
                .runWithSlowInterrupt();
        assertThat(thrown.get()).isNull();
        assertThat(flag).isFalse();
    }

    @EngineTest
    void interrupt_timeIsOverInAShieldInside_comesAfterTheShield(ScopeFactory scopes, TestClock clock) {
        scopes.run("run", scope -> {
            try (CancelHook hook = Scope.onCancel(SECOND, called::countDown)) {
                scope.cancel();
                scopes.run("shield", s -> s.withShielded(true).withTimeout(ScopeOptions.FOREVER), shield -> {
                    Blocking.await(called);
                    clock.awaitAlarms(1);
                    clock.advance(SECOND);
                    Thread.sleep(10);
                    assertThat(shield.spawn("task", () -> 1).join()).isOne();
                });
                assertThat(CancelledCode.isInterrupted()).isTrue();
            }
        });
    }

    @EngineTest
    void waitOfTraio_inAShieldInside_isNotWoken(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            try (CancelHook hook = Scope.onCancel(LONG, called::countDown)) {
                scope.cancel();
                scopes.run("shield", s -> s.withShielded(true).withTimeout(ScopeOptions.FOREVER), shield -> {
                    assertThat(shield.spawn("task", () -> 1).join()).isOne();
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                });
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            assertThat(CancelledCode.isInterrupted()).isTrue();
        });
    }

    @EngineTest
    void waitOfTraio_inCancelledCode_throwsAtOnce(ScopeFactory scopes) {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        scopes.run("run", scope -> {
            Task<?> other = scope.spawn("other", Blocking::forever);
            try (CancelHook hook = Scope.onCancel(LONG, called::countDown)) {
                scope.cancel();
                thrown.set(catchThrowable(() -> scopes.run("inner", inner -> {})));
                assertThat(catchThrowable(other::join)).isInstanceOf(ScopeCancelledException.class);
            }
        });
        assertThat(thrown.get()).isNotNull();
    }

    @EngineTest
    void waitOfTraio_cancelledMeanwhile_isWoken(Harness harness, ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Thread waiter = Thread.currentThread();
            Task<?> other = scope.spawn("other", Blocking::forever);
            harness.helper(() -> {
                Blocking.untilParked(waiter);
                scope.cancel();
            });
            try (CancelHook hook = Scope.onCancel(LONG, called::countDown)) {
                assertThat(catchThrowable(other::join)).isInstanceOf(ScopeCancelledException.class);
            }
            // It knows: nothing is sent again.
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        });
    }

    @EngineTest
    void interrupt_ofNestedRegistrations_waitsForTheOuter(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            try (CancelHook outer = Scope.onCancel(LONG, () -> {})) {
                scope.cancel();
                blockInHook(LONG);
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            assertThat(CancelledCode.isInterrupted()).isTrue();
        });
    }

    @EngineTest
    void interrupt_shieldInsideTheRegistration_comesWithTheClose(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            try (CancelHook hook = Scope.onCancel(LONG, called::countDown)) {
                scopes.run("shield", s -> s.withShielded(true).withTimeout(ScopeOptions.FOREVER), shield -> {
                    scope.cancel();
                    Thread.sleep(10);
                });
                Blocking.await(called);
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            assertThat(CancelledCode.isInterrupted()).isTrue();
        });
    }

    @EngineTest
    void interrupt_scopeInsideTheRegistration_isCancelled(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            try (CancelHook hook = Scope.onCancel(LONG, called::countDown)) {
                assertThat(catchThrowable(() -> scopes.run("inner", inner -> {
                            scope.cancel();
                            Blocking.forever();
                        })))
                        .isInstanceOf(ScopeCancelledException.class);
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
        });
    }

    @EngineTest
    void abandonedTask_isInterruptedByTheClose(Harness harness, ScopeFactory scopes) {
        CountDownLatch registered = new CountDownLatch(1);
        AtomicReference<@Nullable Throwable> inside = new AtomicReference<>();
        AtomicReference<@Nullable Throwable> after = new AtomicReference<>();
        CountDownLatch ended = new CountDownLatch(1);
        scopes.run("run", scope -> {
            scope.spawn(
                    "abandoned",
                    () -> {
                        try (CancelHook hook = Scope.onCancel(LONG, called::countDown)) {
                            registered.countDown();
                            inside.set(catchThrowable(() -> Blocking.await(called)));
                        }
                        after.set(catchThrowable(Blocking::forever));
                        ended.countDown();
                    },
                    t -> t.withAbandonOnCancel(true));
            Blocking.await(registered);
            scope.cancel();
        });
        Blocking.stubbornly(ended);
        assertThat(inside.get()).isNull();
        assertThat(after.get()).isInstanceOf(InterruptedException.class);
    }

    // ---- stragglers ----

    @EngineTest
    void gracePeriod_beginsWithTheInterrupt(Harness harness, TestClock clock, ScopeFactory scopes) {
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        AtomicReference<@Nullable Task<?>> task = new AtomicReference<>();
        harness.helper(() -> {
            Blocking.await(called);
            clock.awaitAlarms(2);
            // The grace period would be over, had it begun.
            clock.advance(SECOND.multipliedBy(3));
            Blocking.until("not straggling", () -> task.get().status() == Task.Status.CANCELLING);
            clock.advance(Duration.ofMillis(2_500));
            Blocking.await(interrupted);
            end.countDown();
        });
        scopes.run("run", s -> s.withCancelTimeout(SECOND), scope -> {
            CountDownLatch registered = new CountDownLatch(1);
            task.set(scope.spawn("task", () -> {
                try (CancelHook hook = Scope.onCancel(SECOND.multipliedBy(5), called::countDown)) {
                    registered.countDown();
                    Throwable thrown = catchThrowable(Blocking::forever);
                    interrupted.countDown();
                    Blocking.stubbornly(end);
                    assertThat(thrown).isInstanceOf(InterruptedException.class);
                }
            }));
            Blocking.await(registered);
            scope.cancel();
        });
    }

    @EngineTest(on = Threads.DEFAULT)
    void close_racesCancelAndTheEndOfTheWait_leavesNothing(Harness harness, ScopeFactory scopes) throws Exception {
        int rounds = 2_000;
        AtomicReference<@Nullable Scope> target = new AtomicReference<>();
        CyclicBarrier barrier = harness.eachRound(rounds, () -> target.get().cancel());
        for (int i = 0; i < rounds; i++) {
            int spins = i % 500 * 100;
            AtomicBoolean hooked = new AtomicBoolean();
            OpenScope scope = scopes.open("race");
            target.set(scope);
            barrier.await();
            try (CancelHook hook = Scope.onCancel(Duration.ofNanos(1 + i % 100 * 1_000), () -> hooked.set(true))) {
                Blocking.spin(spins);
            }
            if (!Thread.currentThread().isInterrupted() && scope.isCancelled()) {
                assertThat(CancelledCode.isInterrupted()).as("round " + i).isTrue();
            }
            scope.join();
            scope.close();
            assertThat(Thread.currentThread().isInterrupted()).as("round " + i).isFalse();
            barrier.await();
        }
    }
}
