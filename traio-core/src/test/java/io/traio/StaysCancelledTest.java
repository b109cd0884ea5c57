// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Cancelled code stays cancelled: an exit of an inner scope, or a close, that does not throw the signal of the cancellation
 * leaves the interrupt to the code around it.
 */
@Spec("S6")
class StaysCancelledTest {

    private final IllegalArgumentException own = new IllegalArgumentException("the code's own");

    /** Code that is cancelled, and swallows what comes out of it. */
    @FunctionalInterface
    private interface Inner {
        void run(Setting setting, Runnable cancel) throws Exception;
    }

    /** Fails if the code after the inner one is not interrupted, in one of the settings and kinds of cancelled code. */
    private static void assertStaysCancelled(Harness harness, Inner inner) throws Exception {
        Setting.each(harness, setting -> assertStaysCancelled(setting, List.of(CancelledCode.values()), inner));
    }

    /** As above, where a task of the inner scope runs beside its owner. */
    private static void assertStaysCancelledBesideTask(Harness harness, Inner inner) throws Exception {
        Setting.eachWithTwoThreads(
                harness, setting -> assertStaysCancelled(setting, List.of(CancelledCode.values()), inner));
    }

    private static void assertStaysCancelled(Setting setting, List<CancelledCode> kinds, Inner inner) {
        for (CancelledCode kind : kinds) {
            AtomicReference<@Nullable Boolean> interrupted = new AtomicReference<>();
            AtomicReference<@Nullable Throwable> swallowed = new AtomicReference<>();
            setting.owner()
                    .run(() -> catchThrowable(() -> kind.run(setting.scopes(), cancel -> {
                        swallowed.set(catchThrowable(() -> inner.run(setting, cancel)));
                        interrupted.set(CancelledCode.isInterrupted());
                    })));
            if (swallowed.get() instanceof AssertionError failed) {
                throw failed;
            }
            assertThat(interrupted)
                    .as("the code after it is interrupted: %s, swallowed %s", kind, swallowed)
                    .hasValue(true);
        }
    }

    /** Calls back once this thread waits in the exit of the scope whose body it leaves now. */
    private static void onceInExit(Harness harness, Runnable action) {
        Thread owner = Thread.currentThread();
        CountDownLatch leaving = new CountDownLatch(1);
        harness.helper(() -> {
            Blocking.await(leaving);
            Blocking.untilParked(owner);
            action.run();
        });
        leaving.countDown();
    }

    private static Task<?> spawnStubborn(Scope scope, CountDownLatch mayEnd) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        Task<?> task = scope.spawn("stubborn", () -> {
            started.countDown();
            return Blocking.stubbornly(mayEnd);
        });
        Blocking.await(started);
        return task;
    }

    // ---- left by an exception that is not the signal ----

    @EngineTest
    void innerIsLeftByOwnException_afterTheOuterWasCancelled(Harness harness) throws Exception {
        assertStaysCancelled(
                harness,
                (setting, cancel) -> setting.in("inner", inner -> {
                    cancel.run();
                    throw own;
                }));
    }

    @EngineTest
    void innerIsLeftByOwnException_withATaskInIt(Harness harness) throws Exception {
        assertStaysCancelled(
                harness,
                (setting, cancel) -> setting.in("inner", inner -> {
                    inner.spawn("task", Blocking::forever);
                    cancel.run();
                    throw own;
                }));
    }

    @EngineTest
    void innerIsLeftByOwnException_afterItsBodyMetTheInterrupt(Harness harness) throws Exception {
        assertStaysCancelled(
                harness,
                (setting, cancel) -> setting.in("inner", inner -> {
                    Thread owner = Thread.currentThread();
                    harness.helper(() -> {
                        Blocking.untilParked(owner);
                        cancel.run();
                    });
                    try {
                        Blocking.forever();
                    } catch (InterruptedException e) {
                        throw own;
                    }
                }));
    }

    @EngineTest
    void innerTwoDeepAreLeftByOwnException_afterTheOuterWasCancelled(Harness harness) throws Exception {
        assertStaysCancelled(
                harness,
                (setting, cancel) -> setting.in(
                        "inner",
                        inner -> setting.in("innermost", innermost -> {
                            cancel.run();
                            throw own;
                        })));
    }

    @EngineTest
    void innerIsClosedWithoutJoin_asTheOuterIsCancelled(Harness harness) throws Exception {
        assertStaysCancelledBesideTask(harness, (setting, cancel) -> {
            CountDownLatch mayEnd = new CountDownLatch(1);
            try (OpenScope inner = setting.scopes().open("inner")) {
                spawnStubborn(inner, mayEnd);
                cancel.run();
                onceInExit(harness, mayEnd::countDown);
            }
        });
    }

    @EngineTest
    void innerIsLeftOpenInADetachedScope_asTheOuterIsCancelled(Harness harness) throws Exception {
        assertStaysCancelled(
                harness,
                (setting, cancel) -> setting.in("inner", s -> s.withDetached(true), inner -> {
                    setting.scopes().open("left open");
                    cancel.run();
                }));
    }

    @EngineTest(pool = 3)
    void innerHasATaskThatFailed_asTheOuterIsCancelledInItsExit(Harness harness) throws Exception {
        assertStaysCancelledBesideTask(
                harness,
                (setting, cancel) -> setting.in("inner", inner -> {
                    CountDownLatch mayEnd = new CountDownLatch(1);
                    spawnStubborn(inner, mayEnd);
                    onceInExit(harness, () -> {
                        Blocking.until("the task has failed", inner::isCancelled);
                        cancel.run();
                        mayEnd.countDown();
                    });
                    inner.spawn("failing", () -> {
                        throw own;
                    });
                }));
    }

    @EngineTest
    void innerTimedOut_asTheOuterIsCancelledInItsExit(Harness harness) throws Exception {
        assertStaysCancelledBesideTask(
                harness,
                (setting, cancel) -> setting.in("inner", inner -> {
                    CountDownLatch mayEnd = new CountDownLatch(1);
                    spawnStubborn(inner, mayEnd);
                    onceInExit(harness, () -> {
                        inner.setTimeout(Duration.ofMillis(1));
                        Blocking.until("the timeout has passed", inner::isCancelled);
                        cancel.run();
                        mayEnd.countDown();
                    });
                }));
    }

    @EngineTest
    void innerHasAStraggler_asTheOuterIsCancelledInItsExit(Harness harness) throws Exception {
        assertStaysCancelledBesideTask(harness, (setting, cancel) -> {
            CountDownLatch mayEnd = new CountDownLatch(1);
            try {
                setting.in("inner", s -> s.withCancelTimeout(Duration.ofMillis(20)), inner -> {
                    spawnStubborn(inner, mayEnd);
                    onceInExit(harness, cancel);
                });
            } finally {
                mayEnd.countDown();
            }
        });
    }

    // ---- left silently ----

    @EngineTest
    void innerIsCancelledJustBeforeTheOuter_inItsBody(Harness harness) throws Exception {
        assertStaysCancelled(
                harness,
                (setting, cancel) -> setting.in("inner", inner -> {
                    inner.cancel();
                    cancel.run();
                }));
    }

    @EngineTest
    void innerIsCancelledJustBeforeTheOuter_andItsBodyMetTheInterrupt(Harness harness) throws Exception {
        assertStaysCancelled(
                harness,
                (setting, cancel) -> setting.in("inner", inner -> {
                    Thread owner = Thread.currentThread();
                    CountDownLatch both = new CountDownLatch(1);
                    harness.helper(() -> {
                        Blocking.untilParked(owner);
                        inner.cancel();
                        cancel.run();
                        both.countDown();
                    });
                    catchThrowable(Blocking::forever);
                    Blocking.stubbornly(both);
                }));
    }

    @EngineTest
    void innerIsCancelledJustBeforeTheOuter_inItsExit(Harness harness) throws Exception {
        assertStaysCancelledBesideTask(
                harness,
                (setting, cancel) -> setting.in("inner", inner -> {
                    CountDownLatch mayEnd = new CountDownLatch(1);
                    spawnStubborn(inner, mayEnd);
                    onceInExit(harness, () -> {
                        inner.cancel();
                        cancel.run();
                        mayEnd.countDown();
                    });
                }));
    }

    @EngineTest
    void innerTwoDeepAreCancelledBeforeTheOuter(Harness harness) throws Exception {
        assertStaysCancelled(
                harness,
                (setting, cancel) -> setting.in(
                        "inner",
                        inner -> setting.in("innermost", innermost -> {
                            innermost.cancel();
                            inner.cancel();
                            cancel.run();
                        })));
    }

    @EngineTest(pool = 3)
    void innerEndedWithItsMaster_asTheOuterIsCancelledInItsExit(Harness harness) throws Exception {
        assertStaysCancelledBesideTask(
                harness,
                (setting, cancel) -> setting.in("inner", inner -> {
                    CountDownLatch mayEnd = new CountDownLatch(1);
                    spawnStubborn(inner, mayEnd);
                    onceInExit(harness, () -> {
                        Blocking.until("the master has ended", inner::isCancelled);
                        cancel.run();
                        mayEnd.countDown();
                    });
                    inner.spawn("master", () -> 1, t -> t.withMaster(true));
                }));
    }

    @EngineTest
    void innerIsCancelledAndThenTheOuter_aMomentLater(Harness harness) throws Exception {
        for (int round = 0; round < 20; round++) {
            int pause = round * 500;
            assertStaysCancelled(
                    harness,
                    (setting, cancel) -> setting.in("inner", inner -> {
                        harness.helper(() -> {
                            inner.cancel();
                            Blocking.spin(pause);
                            cancel.run();
                        });
                        Blocking.forever();
                    }));
        }
    }

    // ---- swallowed on the way ----

    @EngineTest
    void callbackOfATask_swallowsTheNews(Harness harness) throws Exception {
        assertStaysCancelledBesideTask(harness, (setting, cancel) -> {
            CountDownLatch mayEnd = new CountDownLatch(1);
            Scope outer = Scope.current().orElseThrow();
            Task<Integer> done = outer.spawn(() -> 1);
            done.join();
            Task<?> slow = spawnStubborn(outer, mayEnd);
            done.onDone(task -> {
                cancel.run();
                slow.join();
            });
            mayEnd.countDown();
        });
    }

    @EngineTest
    void callbackOfAScope_swallowsTheNews(Harness harness) throws Exception {
        assertStaysCancelledBesideTask(harness, (setting, cancel) -> {
            CountDownLatch mayEnd = new CountDownLatch(1);
            Task<?> slow = spawnStubborn(Scope.current().orElseThrow(), mayEnd);
            setting.in(
                    "inner",
                    inner -> inner.onDone(ended -> {
                        cancel.run();
                        slow.join();
                    }));
            mayEnd.countDown();
        });
    }

    @EngineTest
    void closeOfASharedScope_waitsAsTheCodeIsCancelled(Harness harness) throws Exception {
        assertStaysCancelledBesideTask(harness, (setting, cancel) -> {
            CountDownLatch mayEnd = new CountDownLatch(1);
            OpenScope other = setting.scopes().openShared("other", s -> s.withDetached(true));
            spawnStubborn(other, mayEnd);
            onceInExit(harness, () -> {
                cancel.run();
                mayEnd.countDown();
            });
            other.close();
        });
    }
}
