// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.OwnerThread.Left;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@link ScopeInterruptedException} says that this thread was interrupted: its flag is set, and no other thread gets it. */
@Spec("S13")
class WhoWasInterruptedTest {

    private static void assertNotThisThread(Left left) {
        assertThat(left.thrown()).isInstanceOf(ScopeCancelledException.class);
        assertThat(left.interrupted()).isFalse();
    }

    /** A wait for the end of a scope. */
    @FunctionalInterface
    private interface Wait {
        void on(Scope scope);
    }

    /** Interrupts the owner while another thread waits for the scope; or before that, if it is to come late. */
    private static void assertWaiterIsNotInterrupted(Harness harness, Wait wait, boolean late) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            for (OwnerThread kindOfWaiter : OwnerThread.all()) {
                AtomicReference<@Nullable Scope> opened = new AtomicReference<>();
                CountDownLatch interrupt = new CountDownLatch(1);
                CountDownLatch over = new CountDownLatch(1);
                AtomicReference<@Nullable Left> ofOwner = new AtomicReference<>();
                harness.helper(() -> {
                    ofOwner.set(setting.left("scope", scope -> {
                        Thread owner = Thread.currentThread();
                        scope.spawn("task", Blocking::forever);
                        opened.set(scope);
                        harness.helper(() -> {
                            Blocking.await(interrupt);
                            owner.interrupt();
                        });
                    }));
                    over.countDown();
                });
                Blocking.until("the scope is open", () -> opened.get() != null);
                if (late) {
                    interrupt.countDown();
                    Blocking.await(over);
                }
                Left left = kindOfWaiter.run(() -> {
                    Thread waiter = Thread.currentThread();
                    harness.helper(() -> {
                        Blocking.until("it waits or is done", () -> waiter.getState() != Thread.State.RUNNABLE);
                        interrupt.countDown();
                    });
                    wait.on(opened.get());
                });
                Blocking.await(over);
                assertThat(ofOwner.get().thrown()).isInstanceOf(ScopeInterruptedException.class);
                assertThat(ofOwner.get().interrupted()).isTrue();
                assertNotThisThread(left);
            }
        });
    }

    @EngineTest
    void awaitDone_ownerIsInterrupted_isCancelled(Harness harness) throws Exception {
        assertWaiterIsNotInterrupted(harness, Scope::awaitDone, false);
    }

    @EngineTest
    void awaitDone_ownerWasInterrupted_isCancelled(Harness harness) throws Exception {
        assertWaiterIsNotInterrupted(harness, Scope::awaitDone, true);
    }

    @EngineTest
    void timedAwaitDone_ownerIsInterrupted_isCancelled(Harness harness) throws Exception {
        assertWaiterIsNotInterrupted(harness, scope -> scope.awaitDone(Duration.ofSeconds(10)), false);
    }

    /** The waiter is in a body of its own. */
    @EngineTest
    void awaitDoneInABody_ownerIsInterrupted_isCancelled(Harness harness) throws Exception {
        assertWaiterIsNotInterrupted(
                harness, scope -> harness.scopes().run("waiting", waiting -> scope.awaitDone()), false);
    }

    /** A failure that came meanwhile says more than the cancellation. */
    @EngineTest
    void awaitDone_ownerWasInterruptedAndATaskFailed_getsOneOfBoth(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            IllegalStateException failure = new IllegalStateException("cleanup");
            AtomicReference<@Nullable Scope> opened = new AtomicReference<>();
            Left ofOwner = setting.left("scope", scope -> {
                opened.set(scope);
                CountDownLatch started = new CountDownLatch(1);
                scope.spawn("task", () -> {
                    started.countDown();
                    try {
                        return Blocking.forever();
                    } catch (InterruptedException e) {
                        throw failure;
                    }
                });
                Blocking.await(started);
                Thread.currentThread().interrupt();
            });
            assertThat(ofOwner.interrupted()).isTrue();
            Throwable thrown = catchThrowable(() -> opened.get().awaitDone());
            assertThat(thrown).isNotNull().isNotInstanceOf(ScopeInterruptedException.class);
            assertThat(FailureGraph.holds(thrown, failure)).isTrue();
        });
    }

    /** The thread of a task was interrupted, in a scope of its own: those who wait for the task were not. */
    @EngineTest(on = EngineTest.Threads.DEFAULT)
    void join_threadOfTheTaskWasInterrupted_isAFailure(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = setting.left("outer", outer -> {
                Throwable thrown = catchThrowable(() -> outer.await("task", () -> {
                    interruptedWork(harness, setting);
                    return null;
                }));
                assertThat(thrown).isNotNull().isNotInstanceOf(ScopeInterruptedException.class);
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            });
            assertThat(left.thrown()).isNull();
            assertThat(left.interrupted()).isFalse();
        });
    }

    @EngineTest(on = EngineTest.Threads.DEFAULT)
    void exit_threadOfATaskWasInterrupted_isAFailure(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = setting.left(
                    "outer",
                    outer -> outer.spawn("task", () -> {
                        interruptedWork(harness, setting);
                        return null;
                    }));
            assertThat(left.thrown()).isNotNull().isNotInstanceOf(ScopeInterruptedException.class);
            assertThat(left.interrupted()).isFalse();
        });
    }

    private static void interruptedWork(Harness harness, Setting setting) throws Exception {
        Thread target = Thread.currentThread();
        setting.in("inner", inner -> {
            harness.helper(() -> {
                Blocking.untilParked(target);
                target.interrupt();
            });
            Blocking.forever();
        });
    }

    /** Whatever throws it: the flag is set at that very moment. */
    @EngineTest(pool = 3)
    void everyWaitThatThrowsIt_hasTheFlagSet(Harness harness) throws Exception {
        for (OwnerThread owner : OwnerThread.all()) {
            try (OpenScope other = harness.scopes().openShared("other")) {
                Task<?> task = other.spawn("task", Blocking::forever);
                Wait[] waits = {
                    scope -> task.join(),
                    scope -> other.awaitDone(),
                    scope -> other.awaitDone(Duration.ofSeconds(10)),
                    scope -> scope.await("awaited", Blocking::forever),
                    scope -> harness.scopes().run("inner", inner -> inner.spawn(Blocking::forever)),
                    scope -> harness.scopes().call("inner", inner -> inner.spawn(Blocking::forever)),
                    scope -> harness.scopes().run("inner", inner -> Blocking.forever())
                };
                for (Wait wait : waits) {
                    owner.run(() -> harness.scopes().run("scope", scope -> {
                        Thread target = Thread.currentThread();
                        harness.helper(() -> {
                            Blocking.untilParked(target);
                            target.interrupt();
                        });
                        assertThat(catchThrowable(() -> wait.on(scope))).isInstanceOf(ScopeInterruptedException.class);
                        assertThat(Thread.interrupted()).isTrue();
                        scope.cancel();
                    }));
                }
                other.cancel();
            }
        }
    }
}
