// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose interrupt it is, where that is not plain. */
@Timeout(20)
class InterruptAccountTest {

    private final ScopeFactory scopes = ScopeFactory.create();

    @Test
    void join_boundThreadIsInterruptedFromOutsideAndTheScopeIsCancelled_keepsTheInterrupt()
            throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("scope");
        Task<?> task = scope.spawn(() -> {
            started.countDown();
            ignoreInterrupts(release);
        });
        started.await();
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

    @Test
    void awaitDone_inCancelledTask_takesTheInterruptWithTheNews() {
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
            started.await();
            while (waiter.get().getState() != Thread.State.WAITING) {
                Thread.yield();
            }
            task.cancel();
        });
        other.close();
        assertThat(interrupted).hasValue(false);
    }

    /** The thread tells that it is interrupted only when that interrupt, of the inner scope, has been taken back. */
    @Test
    void cancel_innerAndOuterAtOnce_noInterruptIsLeft() throws InterruptedException {
        CountDownLatch innerCancelled = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch innerLeft = new CountDownLatch(1);
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
                        innerLeft.countDown();
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
                            ignoreInterrupts(innerLeft);
                        }
                        return interrupted;
                    }
                };
        owner.start();
        innerCancelled.await();
        outer.get().cancel();
        owner.join();
        assertThat(leaked).hasValue(false);
    }

    private static void ignoreInterrupts(CountDownLatch latch) {
        for (; ; ) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // That is what it is for.
            }
        }
    }

    /** The interrupt of the task has been met when the cleanup begins; that of the cleanup is taken back with it. */
    @Test
    void cleanupOfCancelledTask_isCancelledItself_leavesNoInterrupt() {
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
            started.await();
            task.cancel();
        });
        assertThat(interrupted).hasValue(false);
    }

    /** The interrupt of the task has not been met when the cleanup begins: it outlives that. */
    @Test
    void scopeInCancelledTask_beganWithInterruptPending_leavesIt() {
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
            started.await();
            task.cancel();
        });
        assertThat(interrupted).hasValue(true);
    }
}
