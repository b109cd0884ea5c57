// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.EngineTest.Threads;
import io.traio.Scope.CancelHook;
import io.traio.test.TestClock;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hooks are called when the code in which they were registered is cancelled, and not otherwise (B9). */
@Spec("B9")
class CancelHookTest {

    private final CountDownLatch called = new CountDownLatch(1);
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicReference<@Nullable Thread> caller = new AtomicReference<>();

    /** Opens the latch in which the code blocks. */
    private void hook() {
        caller.set(Thread.currentThread());
        calls.incrementAndGet();
        called.countDown();
    }

    /** Blocks until the hook was called, and takes no notice of interrupts. */
    private void blockInHook() {
        try (CancelHook hook = Scope.onCancel(this::hook)) {
            Blocking.stubbornly(called);
        }
    }

    // ---- when it is called ----

    @EngineTest(pool = 4)
    void hook_codeCancelled_isCalledOnAThreadOfItsOwn(ScopeFactory scopes) {
        for (CancelledCode kind : CancelledCode.values()) {
            kind.run(scopes, cancel -> {
                AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
                AtomicReference<Optional<Scope>> current = new AtomicReference<>();
                try (CancelHook hook = Scope.onCancel(() -> {
                    current.set(Scope.current());
                    thread.set(Thread.currentThread());
                })) {
                    cancel.run();
                    Blocking.spinUntil(kind + ": hook called", () -> thread.get() != null);
                }
                assertThat(thread.get()).isNotNull().isNotSameAs(Thread.currentThread());
                assertThat(thread.get().getName()).startsWith("traio-alarm");
                assertThat(current.get()).isEmpty();
            });
        }
    }

    /** Clean-up may look for classes of the application by that loader, as JNDI and service loaders do. */
    @EngineTest
    void hook_isCalled_hasTheClassLoaderOfItsThread(ScopeFactory scopes) throws Exception {
        AtomicReference<@Nullable ClassLoader> seen = new AtomicReference<>();
        AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
        try (URLClassLoader loader = new URLClassLoader(new URL[0], getClass().getClassLoader())) {
            scopes.run(
                    "cancelled",
                    scope -> scope.spawn("task", () -> {
                        Thread self = Thread.currentThread();
                        ClassLoader before = self.getContextClassLoader();
                        self.setContextClassLoader(loader);
                        try (CancelHook hook = Scope.onCancel(() -> {
                            seen.set(Thread.currentThread().getContextClassLoader());
                            thread.set(Thread.currentThread());
                            hook();
                        })) {
                            scope.cancel();
                            Blocking.stubbornly(called);
                        } finally {
                            self.setContextClassLoader(before);
                        }
                    }));
            assertThat(seen.get()).isSameAs(loader);
            assertThat(thread.get().getContextClassLoader()).isNotSameAs(loader);
        }
    }

    @Test
    @Timeout(30)
    void hook_classLoaderOfItsThreadCannotBeHad_isCalled() throws InterruptedException {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            Thread owner =
                    new Thread(() -> scopes.run("run", scope -> {
                        scope.cancel();
                        blockInHook();
                    })) {
                        @Override
                        public ClassLoader getContextClassLoader() {
                            if (Thread.currentThread() != this) {
                                throw new IllegalStateException("broken");
                            }
                            return super.getContextClassLoader();
                        }
                    };
            owner.start();
            owner.join();
        }
        assertThat(calls).hasValue(1);
    }

    @EngineTest
    void hook_timeoutPasses_isCalled(ScopeFactory scopes, TestClock clock) {
        assertThatThrownBy(() -> scopes.run("timed", s -> s.withTimeout(Duration.ofSeconds(1)), scope -> {
                    clock.advance(Duration.ofSeconds(1));
                    blockInHook();
                }))
                .isInstanceOf(ScopeTimeoutException.class);
        assertThat(calls).hasValue(1);
    }

    @EngineTest
    void hook_siblingFails_isCalled(ScopeFactory scopes) {
        CountDownLatch registered = new CountDownLatch(1);

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.spawn("blocked", () -> {
                        try (CancelHook hook = Scope.onCancel(this::hook)) {
                            registered.countDown();
                            Blocking.stubbornly(called);
                        }
                    });
                    scope.spawn("failing", () -> {
                        Blocking.await(registered);
                        throw new IllegalStateException("boom");
                    });
                }))
                .hasMessage("boom");
        assertThat(calls).hasValue(1);
    }

    @EngineTest
    void hook_ofBackgroundTaskWhoseScopeEnds_isCalled(ScopeFactory scopes) {
        CountDownLatch registered = new CountDownLatch(1);

        scopes.run("run", scope -> {
            scope.spawn(
                    "background",
                    () -> {
                        try (CancelHook hook = Scope.onCancel(this::hook)) {
                            registered.countDown();
                            Blocking.stubbornly(called);
                        }
                    },
                    t -> t.withAwaited(false));
            Blocking.await(registered);
        });
        assertThat(calls).hasValue(1);
    }

    @EngineTest
    void hook_codeCancelledBefore_isCalledAtOnce(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            scope.cancel();
            blockInHook();
        });
        assertThat(calls).hasValue(1);
    }

    @EngineTest
    void hook_taskAndThenItsScopeCancelled_isCalledOnce(ScopeFactory scopes) {
        CountDownLatch registered = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);

        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> {
                try (CancelHook hook = Scope.onCancel(this::hook)) {
                    registered.countDown();
                    return Blocking.stubbornly(end);
                }
            });
            Blocking.await(registered);
            task.cancel();
            scope.cancel();
            Blocking.stubbornly(called);
            end.countDown();
        });
        assertThat(calls).hasValue(1);
    }

    @EngineTest
    void hook_codeAroundADetachedScopeCancelled_isCalled(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> scopes.run("detached", s -> s.withDetached(true), inner -> {
                    try (CancelHook hook = Scope.onCancel(this::hook)) {
                        outer.cancel();
                        Blocking.stubbornly(called);
                    }
                }));
        assertThat(calls).hasValue(1);
    }

    @EngineTest
    void hook_onABoundThread_isCalledWithTheScope(ScopeFactory scopes) {
        try (OpenScope scope = scopes.openShared("shared")) {
            try (Scope.Binding binding = scope.bind()) {
                try (CancelHook hook = Scope.onCancel(this::hook)) {
                    scope.cancel();
                    Blocking.stubbornly(called);
                }
            }
            assertThat(calls).hasValue(1);
        }
    }

    @EngineTest
    void hook_ofATaskThatIsNotToBeInterrupted_isCalled(ScopeFactory scopes) {
        AtomicBoolean interrupted = new AtomicBoolean();
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn(
                    "task",
                    () -> {
                        try (CancelHook hook = Scope.onCancel(this::hook)) {
                            interrupted.set(Blocking.stubbornly(called));
                        }
                    },
                    t -> t.withInterruptOnCancel(false));
            Blocking.until("started", () -> task.status() == Task.Status.RUNNING);
            task.cancel();
        });
        assertThat(calls).hasValue(1);
        assertThat(interrupted).isFalse();
    }

    @EngineTest
    void hook_ofAnAbandonedTask_isCalled(Harness harness, ScopeFactory scopes) {
        CountDownLatch registered = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);

        scopes.run("run", scope -> {
            scope.spawn(
                    "abandoned",
                    () -> {
                        try (CancelHook hook = Scope.onCancel(this::hook)) {
                            registered.countDown();
                            Blocking.stubbornly(end);
                        }
                    },
                    t -> t.withAbandonOnCancel(true));
            Blocking.await(registered);
            scope.cancel();
        });
        Blocking.stubbornly(called);
        end.countDown();
        assertThat(calls).hasValue(1);
    }

    // ---- when it is not ----

    @EngineTest
    void hook_closedBefore_isNotCalled(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            CancelHook hook = Scope.onCancel(this::hook);
            hook.close();
            hook.close();
            scope.cancel();
            // Later hooks are not called earlier.
            CountDownLatch later = new CountDownLatch(1);
            try (CancelHook second = Scope.onCancel(later::countDown)) {
                Blocking.stubbornly(later);
            }
        });
        assertThat(calls).hasValue(0);
    }

    @EngineTest
    void hook_leftOpen_endsWithItsCode(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            scopes.run("inner", inner -> Scope.onCancel(this::hook));
            outer.spawn("task", () -> Scope.onCancel(Duration.ofMinutes(1), this::hook))
                    .join();
            try (Scope.Binding binding = outer.bind()) {
                Scope.onCancel(this::hook);
            }
            outer.cancel();
            CountDownLatch later = new CountDownLatch(1);
            try (CancelHook second = Scope.onCancel(later::countDown)) {
                Blocking.stubbornly(later);
            }
        });
        assertThat(calls).hasValue(0);
    }

    @EngineTest
    void hook_inAShield_isCalledWithTheShieldOnly(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> scopes.run("shield", s -> s.withShielded(true).withTimeout(ScopeOptions.FOREVER), shield -> {
                    try (CancelHook hook = Scope.onCancel(this::hook)) {
                        outer.cancel();
                        assertThat(called.await(50, TimeUnit.MILLISECONDS)).isFalse();
                        shield.cancel();
                        Blocking.stubbornly(called);
                    }
                }));
        assertThat(calls).hasValue(1);
    }

    @Test
    void hook_outsideOfScopes_isNeverCalled() {
        try (CancelHook hook = Scope.onCancel(this::hook);
                CancelHook waiting = Scope.onCancel(Duration.ofSeconds(1), this::hook)) {
            assertThat(hook).isNotNull();
        }
        assertThat(calls).hasValue(0);
    }

    // ---- who waits for it, and who does not ----

    @EngineTest(on = Threads.DEFAULT)
    void hook_isSlow_holdsUpNobody(ScopeFactory scopes) {
        CountDownLatch mayReturn = new CountDownLatch(1);
        CountDownLatch other = new CountDownLatch(1);
        scopes.run("run", scope -> {
            CancelHook slow = Scope.onCancel(() -> {
                hook();
                Blocking.stubbornly(mayReturn);
            });
            try (CancelHook second = Scope.onCancel(other::countDown)) {
                scope.cancel();
                Blocking.stubbornly(other);
                Blocking.stubbornly(called);
            }
            mayReturn.countDown();
            slow.close();
        });
        assertThat(calls).hasValue(1);
    }

    @EngineTest
    void close_whileTheHookRuns_waitsForIt(Harness harness, ScopeFactory scopes) {
        CountDownLatch mayReturn = new CountDownLatch(1);
        AtomicBoolean returned = new AtomicBoolean();
        scopes.run("run", scope -> {
            Thread closer = Thread.currentThread();
            harness.helper(() -> {
                Blocking.await(called);
                Blocking.untilParked(closer);
                mayReturn.countDown();
            });
            CancelHook hook = Scope.onCancel(() -> {
                hook();
                Blocking.stubbornly(mayReturn);
                returned.set(true);
            });
            scope.cancel();
            Blocking.spinUntil("hook runs", () -> called.getCount() == 0);
            hook.close();
            assertThat(returned).isTrue();
            assertThat(CancelledCode.isInterrupted()).isTrue();
        });
    }

    @EngineTest
    void close_whileTheHookRuns_keepsAnInterruptFromOutside(Harness harness, ScopeFactory scopes) {
        CountDownLatch mayReturn = new CountDownLatch(1);
        AtomicReference<@Nullable Boolean> set = new AtomicReference<>();
        scopes.run("run", scope -> {
            Thread closer = Thread.currentThread();
            harness.helper(() -> {
                Blocking.await(called);
                Blocking.untilParked(closer);
                closer.interrupt();
                mayReturn.countDown();
            });
            CancelHook hook = Scope.onCancel(Duration.ofMinutes(1), () -> {
                hook();
                Blocking.stubbornly(mayReturn);
            });
            scope.cancel();
            Blocking.spinUntil("hook runs", () -> called.getCount() == 0);
            hook.close();
            set.set(Thread.currentThread().isInterrupted());
        });
        assertThat(set.get()).isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    @EngineTest
    void hook_throws_isLogged(Harness harness) {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));
        scopes.run("run", scope -> {
            try (CancelHook hook = Scope.onCancel(() -> {
                hook();
                throw new IOException("boom");
            })) {
                scope.cancel();
                Blocking.spinUntil("logged", () -> !log.messages(Level.ERROR).isEmpty());
            }
        });
        assertThat(log.messages(Level.ERROR))
                .singleElement()
                .asString()
                .startsWith("A hook for the cancellation of code in scope 'run'");
    }

    @EngineTest
    void close_byAnotherThread_isRefused(Harness harness, ScopeFactory scopes) {
        scopes.run("run", scope -> {
            try (CancelHook hook = Scope.onCancel(this::hook)) {
                AtomicReference<@Nullable Throwable> refused = new AtomicReference<>();
                harness.helper(() -> refused.set(catchThrowable(hook::close))).join();
                assertThat(refused.get())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("scope 'run'")
                        .hasMessageContaining("try-with-resources");
            }
        });
    }

    @Test
    void misuse_isRefused() {
        assertThatThrownBy(() -> Scope.onCancel(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Scope.onCancel(Duration.ofSeconds(1), null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Scope.onCancel(null, this::hook)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Scope.onCancel(Duration.ofSeconds(-1), this::hook))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("interruptAfter");
    }

    @EngineTest
    void cancel_racesClose_hookIsNotCalledAfterIt(Harness harness, ScopeFactory scopes) throws Exception {
        int rounds = 2_000;
        AtomicReference<@Nullable Scope> target = new AtomicReference<>();
        CyclicBarrier barrier = harness.eachRound(rounds, () -> target.get().cancel());
        AtomicBoolean closed = new AtomicBoolean();
        AtomicInteger late = new AtomicInteger();
        for (int i = 0; i < rounds; i++) {
            int spins = i % 200 * 10;
            Duration wait = i % 2 == 0 ? Duration.ZERO : Duration.ofMinutes(1);
            OpenScope scope = scopes.open("race");
            target.set(scope);
            closed.set(false);
            barrier.await();
            try (CancelHook hook = Scope.onCancel(wait, () -> late.addAndGet(closed.get() ? 1 : 0))) {
                Blocking.spin(spins);
            }
            closed.set(true);
            scope.join();
            scope.close();
            assertThat(Thread.currentThread().isInterrupted()).as("round " + i).isFalse();
            barrier.await();
        }
        assertThat(late).hasValue(0);
    }
}
