// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.OwnerThread.Left;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** An interrupt from outside is never lost, whatever else ends the scope in that moment. */
@Spec("S13")
class TheirsNeverLostTest {

    private static final int ROUNDS = 80;
    private static final int LONGEST_PAUSE = 2_000;

    private static void interruptOnceParked(Harness harness) {
        Thread target = Thread.currentThread();
        harness.helper(() -> {
            Blocking.untilParked(target);
            target.interrupt();
        });
    }

    /** It comes out as the exception of the scope with the flag set, or of a resource statement as it is. */
    private static void assertNotLost(Setting setting, Left left) {
        if (setting.way() == Way.OPEN && left.thrown() instanceof InterruptedException) {
            return;
        }
        // A failure, a timeout or a cause comes first; whatever is thrown, the flag says that it is not all.
        assertThat(left.interrupted())
                .as("interrupt flag, thrown %s", left.thrown())
                .isTrue();
    }

    /** The flag of the owner says that it was interrupted, so the log need not. */
    @EngineTest
    void exit_interruptedAsItIsCancelled_logsNothing(Harness harness) throws Exception {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));
        for (int i = 0; i < 20 * ROUNDS; i++) {
            int pause = i;
            OwnerThread.PLATFORM.run(() -> scopes.run("scope", scope -> {
                Thread owner = Thread.currentThread();
                scope.spawn("task", Blocking::forever);
                harness.helper(() -> {
                    Blocking.untilParked(owner);
                    Thread canceller = harness.helper(scope::cancel);
                    Blocking.spin(pause % 200);
                    owner.interrupt();
                    canceller.join();
                });
            }));
        }

        assertThat(log.messages(Level.WARN)).isEmpty();
    }

    /** What a body does when it has met an interrupt from outside; returns once that has come about. */
    @FunctionalInterface
    private interface Then {
        void in(Scope outer, Scope scope);
    }

    private static void assertNotLostWhenLetThrough(Harness harness, Then then) throws Exception {
        Setting.each(harness, setting -> {
            Left left = setting.left(
                    "outer",
                    outer -> setting.in("scope", scope -> {
                        interruptOnceParked(harness);
                        try {
                            Blocking.forever();
                        } catch (InterruptedException e) {
                            then.in(outer, scope);
                            throw e;
                        }
                    }));
            assertNotLost(setting, left);
        });
    }

    // ---- the body has met the interrupt and lets it through ----

    @EngineTest
    void bodyCancelsItsScope(Harness harness) throws Exception {
        assertNotLostWhenLetThrough(harness, (outer, scope) -> scope.cancel());
    }

    @EngineTest
    void bodyCancelsItsScope_theOutermost(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = setting.left("scope", scope -> {
                interruptOnceParked(harness);
                try {
                    Blocking.forever();
                } catch (InterruptedException e) {
                    scope.cancel();
                    throw e;
                }
            });
            assertNotLost(setting, left);
        });
    }

    @EngineTest
    void bodyCancelsItsScope_withATaskInIt(Harness harness) throws Exception {
        assertNotLostWhenLetThrough(harness, (outer, scope) -> {
            scope.spawn("task", Blocking::forever);
            scope.cancel();
        });
    }

    @EngineTest
    void bodyCancelsTheOuterScope(Harness harness) throws Exception {
        assertNotLostWhenLetThrough(harness, (outer, scope) -> outer.cancel());
    }

    @EngineTest
    void bodyCancelsBothScopes(Harness harness) throws Exception {
        assertNotLostWhenLetThrough(harness, (outer, scope) -> {
            scope.cancel();
            outer.cancel();
        });
    }

    @EngineTest
    void bodyCancelsItsScopeWithACause(Harness harness) throws Exception {
        assertNotLostWhenLetThrough(harness, (outer, scope) -> scope.cancel(new IllegalStateException("cause")));
    }

    @EngineTest
    void anotherThreadCancelsTheScope(Harness harness) throws Exception {
        assertNotLostWhenLetThrough(harness, (outer, scope) -> {
            harness.helper(scope::cancel);
            Blocking.spinUntil("it is cancelled", scope::isCancelled);
        });
    }

    @EngineTest
    void aTaskFails(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            IllegalStateException boom = new IllegalStateException("boom");
            Left left = setting.left("scope", scope -> {
                interruptOnceParked(harness);
                try {
                    Blocking.forever();
                } catch (InterruptedException e) {
                    scope.spawn("failing", () -> {
                        throw boom;
                    });
                    Blocking.spinUntil("it has failed", scope::isCancelled);
                    throw e;
                }
            });
            assertNotLost(setting, left);
            assertThat(FailureGraph.holds(left.thrown(), boom))
                    .as("the failure hangs on %s", left.thrown())
                    .isTrue();
        });
    }

    @EngineTest
    void theTimeoutPasses(Harness harness) throws Exception {
        assertNotLostWhenLetThrough(harness, (outer, scope) -> {
            scope.setTimeout(Duration.ofMillis(1));
            Blocking.spinUntil("it timed out", scope::isCancelled);
        });
    }

    @EngineTest
    void theMasterEnds(Harness harness) throws Exception {
        assertNotLostWhenLetThrough(harness, (outer, scope) -> {
            scope.spawn("master", () -> 1, t -> t.withMaster(true));
            Blocking.spinUntil("the master has ended", scope::isCancelled);
        });
    }

    /** In a task: its owner is not interrupted, but learns that the task did not do its work. */
    @EngineTest(on = EngineTest.Threads.DEFAULT)
    void scopeInATask_isCancelledByItsBody_isNotSilent(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = setting.left(
                    "outer",
                    outer -> outer.spawn("task", () -> {
                        setting.in("scope", scope -> {
                            interruptOnceParked(harness);
                            try {
                                Blocking.forever();
                            } catch (InterruptedException e) {
                                scope.cancel();
                                throw e;
                            }
                        });
                        return null;
                    }));
            assertThat(left.thrown()).isNotNull();
            assertThat(left.interrupted()).isFalse();
        });
    }

    @EngineTest
    void join_isInterruptedAndTheBodyCancelsItsScope(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            Left left = setting.left("scope", scope -> {
                Task<?> task = scope.spawn("task", Blocking::forever);
                interruptOnceParked(harness);
                try {
                    task.join();
                } catch (ScopeInterruptedException e) {
                    scope.cancel();
                    throw e;
                }
            });
            assertThat(left.thrown()).isInstanceOf(ScopeInterruptedException.class);
            assertThat(left.interrupted()).isTrue();
        });
    }

    @EngineTest
    void get_isInterruptedAndTheBodyCancelsItsScope(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            Left left = setting.left("scope", scope -> {
                Task<?> task = scope.spawn("task", Blocking::forever);
                interruptOnceParked(harness);
                try {
                    task.get();
                } catch (InterruptedException e) {
                    scope.cancel();
                    throw e;
                }
            });
            assertNotLost(setting, left);
        });
    }

    // ---- in waits of traio's, at the same time as our cancellation ----

    /** A wait that ends by a cancellation or an interrupt. */
    @FunctionalInterface
    private interface Wait {
        void in(Scope scope, Task<?> task, OpenScope other) throws Exception;
    }

    @EngineTest(pool = 3)
    void join_isCancelledAndInterruptedAtOnce(Harness harness) {
        assertAttributed(harness, (scope, task, other) -> task.join());
    }

    @EngineTest(pool = 3)
    void joinOfAForeignTask_isCancelledAndInterruptedAtOnce(Harness harness) {
        assertAttributed(harness, (scope, task, other) -> {
            Task<?> foreign = other.spawn("foreign", Blocking::forever);
            try {
                foreign.join();
            } finally {
                foreign.cancel();
            }
        });
    }

    /**
     * The waiter finds its scope cancelled before the canceller has come to it, which is held up for some milliseconds. Not
     * each time: a busy machine may hold the canceller up for longer.
     */
    @EngineTest(pool = 3)
    void join_cancellerComesLate_interruptFromOutsideIsKept(Harness harness) throws Exception {
        int kept = 0;
        for (int round = 0; round < 200 && kept < 3; round++) {
            if (interruptedAfterALateCanceller(harness)) {
                kept++;
            }
        }
        assertThat(kept).isEqualTo(3);
    }

    private static boolean interruptedAfterALateCanceller(Harness harness) throws Exception {
        CountDownLatch inBody = new CountDownLatch(1);
        CountDownLatch joins = new CountDownLatch(1);
        CountDownLatch hasLeft = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        try (OpenScope parent = harness.scopes().openShared("parent")) {
            // Cancelled before the body below.
            new SlowChannel(() -> {
                        Blocking.stubbornly(joins);
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(3));
                    })
                    .spawnIn(parent);
            Aside<Boolean> owner = Aside.call(harness, () -> {
                catchThrowable(() -> parent.fork().run("child", child -> {
                    Task<?> task = child.spawn("task", Blocking::forever);
                    inBody.countDown();
                    Blocking.spinUntil("the parent is cancelled", parent::isCancelled);
                    joins.countDown();
                    try {
                        task.join();
                    } finally {
                        hasLeft.countDown();
                        Blocking.spinUntil("interrupted from outside", interrupted::get);
                    }
                }));
                return Thread.interrupted();
            });
            Blocking.await(inBody);
            Thread canceller = harness.helper(parent::cancel);
            Blocking.await(hasLeft);
            canceller.join();
            owner.thread().interrupt();
            interrupted.set(true);
            return owner.value();
        }
    }

    @EngineTest(pool = 3)
    void get_isCancelledAndInterruptedAtOnce(Harness harness) {
        assertAttributed(harness, (scope, task, other) -> task.get());
    }

    @EngineTest(pool = 3)
    void timedGet_isCancelledAndInterruptedAtOnce(Harness harness) {
        assertAttributed(harness, (scope, task, other) -> task.get(10, TimeUnit.SECONDS));
    }

    @EngineTest(pool = 3)
    void awaitDone_isCancelledAndInterruptedAtOnce(Harness harness) {
        assertAttributed(harness, (scope, task, other) -> other.awaitDone());
    }

    @EngineTest(pool = 3)
    void exit_isCancelledAndInterruptedAtOnce(Harness harness) {
        assertAttributed(harness, (scope, task, other) -> {});
    }

    private static void assertAttributed(Harness harness, Wait wait) {
        ScopeFactory scopes = harness.scopes();
        Random random = new Random(4);
        for (OwnerThread owner : OwnerThread.all()) {
            for (Way way : Way.values()) {
                try (OpenScope other = scopes.openShared("other")) {
                    for (int round = 0; round < ROUNDS / Way.values().length; round++) {
                        oneRound(harness, scopes, owner, way, random, wait, other);
                    }
                }
            }
        }
    }

    private static boolean isInWait(@Nullable Object blocker) {
        return blocker instanceof Task<?> || blocker instanceof Scope;
    }

    private static void oneRound(
            Harness harness,
            ScopeFactory scopes,
            OwnerThread owner,
            Way way,
            Random random,
            Wait wait,
            OpenScope other) {
        boolean cancelFirst = random.nextBoolean();
        int pause = random.nextInt(4) == 0 ? random.nextInt(LONGEST_PAUSE) : 0;
        AtomicReference<@Nullable Throwable> ofWait = new AtomicReference<>();
        Left left = owner.run(() -> {
            Thread waiter = Thread.currentThread();
            AtomicBoolean sent = new AtomicBoolean();
            Throwable thrown = catchThrowable(() -> way.in(scopes, "scope", scope -> {
                CountDownLatch started = new CountDownLatch(1);
                Task<?> task = scope.spawn("task", () -> {
                    started.countDown();
                    return Blocking.forever();
                });
                Blocking.await(started);
                harness.helper(() -> {
                    // In traio, that is: on its way there it may wait for a lock, of an executor for instance.
                    Blocking.spinUntil("it waits", () -> isInWait(LockSupport.getBlocker(waiter)));
                    if (cancelFirst) {
                        scope.cancel();
                        Blocking.spin(pause);
                        waiter.interrupt();
                    } else {
                        waiter.interrupt();
                        Blocking.spin(pause);
                        scope.cancel();
                    }
                    sent.set(true);
                });
                try {
                    wait.in(scope, task, other);
                } catch (Exception e) {
                    ofWait.set(e);
                    throw e;
                }
            }));
            Blocking.spinUntil("the interrupt was sent", sent::get);
            if (thrown != null) {
                throw (Exception) thrown;
            }
        });
        boolean seen = left.interrupted() || way == Way.OPEN && left.thrown() instanceof InterruptedException;
        assertThat(seen)
                .as(
                        "interrupt flag; %s on %s, cancelled first: %s, out of the wait came %s, of the exit %s",
                        way, owner, cancelFirst, ofWait.get(), left.thrown())
                .isTrue();
    }
}
