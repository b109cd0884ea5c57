// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.spi.TimeSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;

/** Clocks and loggers that throw, and exceptions that have no text to give: every scope ends all the same. */
@Spec({"S8", "S11", "B6"})
class BrokenHelpersTest {

    private static final IllegalStateException BROKEN = new IllegalStateException("broken");

    private static final class RudeChecked extends Exception {

        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalArgumentException("no text");
        }
    }

    private static final class RudeUnchecked extends RuntimeException {

        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalArgumentException("no text");
        }
    }

    private final LogCapture log = new LogCapture();
    private volatile boolean broken;

    private ScopeFactory logging(Harness harness) {
        return harness.scopes(f -> f.withLogger(log.logger()));
    }

    /** Looks at the object only: the text of such an exception cannot be asked for. */
    private static void assertSame(Throwable thrown, Throwable expected) {
        assertThat(thrown == expected).as("what comes out is the failure").isTrue();
    }

    private void assertLogged(Class<? extends Throwable> failure) {
        assertThat(log.messages(Level.WARN)).singleElement().asString().contains(failure.getName());
    }

    // ---- exceptions without a text ----

    @EngineTest
    void checkedFailureWithoutText_ofTask_comesOutWrapped(Harness harness) {
        RudeChecked failure = new RudeChecked();

        Throwable thrown = catchThrowable(() -> logging(harness)
                .run(
                        "run",
                        scope -> scope.spawn("task", () -> {
                            throw failure;
                        })));

        assertThat(thrown).isInstanceOf(ScopeFailedException.class).hasMessageContaining("RudeChecked");
        assertSame(thrown.getCause(), failure);
    }

    @EngineTest
    void checkedFailureWithoutText_inScopeBelow_comesOutOfBoth(Harness harness) {
        ScopeFactory scopes = logging(harness);
        RudeChecked failure = new RudeChecked();

        Throwable thrown = catchThrowable(() -> scopes.run(
                "outer",
                outer -> scopes.run(
                        "inner",
                        inner -> inner.spawn("task", () -> {
                            throw failure;
                        }))));

        assertSame(thrown.getCause(), failure);
    }

    @EngineTest
    void checkedFailureWithoutText_ofSharedScope_comesOut(Harness harness) {
        OpenScope shared = logging(harness).openShared("shared");
        RudeChecked failure = new RudeChecked();
        shared.spawn("task", () -> {
            throw failure;
        });
        shared.complete();

        Throwable thrown = catchThrowable(shared::awaitDone);

        assertSame(thrown.getCause(), failure);
    }

    @EngineTest
    void checkedFailureWithoutText_givenByGet_comesOut(Harness harness) {
        RudeChecked failure = new RudeChecked();
        AtomicReference<Throwable> given = new AtomicReference<>();
        logging(harness).run("run", scope -> {
            Task<?> task = scope.spawn(
                    "task",
                    () -> {
                        throw failure;
                    },
                    t -> t.withBubble(false));
            given.set(catchThrowable(task::get));
        });

        assertSame(given.get().getCause(), failure);
    }

    @EngineTest
    void failureWithoutText_ofSharedScopeThatNobodyAwaits_isLogged(Harness harness) {
        OpenScope shared = logging(harness).openShared("shared");
        shared.spawn("task", () -> {
            throw new RudeUnchecked();
        });

        Blocking.until("the scope is closed", () -> shared.state() == Scope.State.CLOSED);
        assertLogged(RudeUnchecked.class);
    }

    @EngineTest
    void failureWithoutText_doesNotBubble_isLogged(Harness harness) {
        logging(harness)
                .run(
                        "run",
                        scope -> scope.spawn(
                                "task",
                                () -> {
                                    throw new RudeUnchecked();
                                },
                                t -> t.withBubble(false)));

        assertLogged(RudeUnchecked.class);
    }

    @EngineTest
    void failureWithoutText_ofMasterThatDoesNotBubble_endsScopeAndIsLogged(Harness harness) {
        logging(harness).run("run", scope -> {
            scope.spawn("other", Blocking::forever);
            scope.spawn(
                    "master",
                    () -> {
                        throw new RudeUnchecked();
                    },
                    t -> t.withBubble(false).withMaster(true));
        });

        assertLogged(RudeUnchecked.class);
    }

    @EngineTest
    void failureWithoutText_underMaxConcurrency_givesItsPermitBack(Harness harness) {
        Task<Integer> next = logging(harness).call("call", s -> s.withMaxConcurrency(1), scope -> {
            scope.spawn(
                    "task",
                    () -> {
                        throw new RudeUnchecked();
                    },
                    t -> t.withBubble(false));
            return scope.spawn("next", () -> 1);
        });

        assertThat(next.join()).isEqualTo(1);
        assertLogged(RudeUnchecked.class);
    }

    @EngineTest
    void failureWithoutText_inCleanupOfCancelledTask_isLogged(Harness harness) {
        logging(harness).run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("task", () -> {
                started.countDown();
                try {
                    return Blocking.forever();
                } catch (InterruptedException e) {
                    throw new RudeUnchecked();
                }
            });
            Blocking.await(started);
            scope.cancel();
        });

        assertLogged(RudeUnchecked.class);
    }

    // ---- loggers ----

    /** A logger with debug on, that throws for some of its methods while it is {@link #broken}. */
    private Logger logger(Predicate<String> throwsFor) {
        return (Logger) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    String call = method.getName() + (arguments != null ? arguments[0] : "");
                    if (broken && throwsFor.test(call)) {
                        throw BROKEN;
                    }
                    try {
                        return method.invoke(log.logger(), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static void wholeLife(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("waits", () -> {
                started.countDown();
                return Blocking.forever();
            });
            Task<?> fails = scope.spawn(
                    "fails",
                    () -> {
                        throw new IllegalStateException("logged");
                    },
                    t -> t.withBubble(false));
            Task<?> succeeds = scope.spawn("succeeds", () -> 1);
            succeeds.onDone(task -> {
                throw new IllegalStateException("callback");
            });
            Blocking.await(started);
            Blocking.until("both have ended", () -> fails.isDone() && succeeds.isDone());
            scopes.openShared("shared").complete();
            scope.cancel();
        });
    }

    @EngineTest
    void logger_throwsAtDebug_scopesEnd(Harness harness) {
        broken = true;
        wholeLife(harness.scopes(f -> f.withLogger(logger("atLevelDEBUG"::equals))));

        assertThat(log.messages(Level.DEBUG)).isEmpty();
        assertThat(log.thrown(Level.WARN))
                .singleElement()
                .extracting(Throwable::getMessage)
                .isEqualTo("logged");
    }

    @EngineTest
    void logger_throwsAtWarningsAndErrors_scopesEnd(Harness harness) {
        broken = true;
        wholeLife(harness.scopes(
                f -> f.withLogger(logger(call -> call.equals("atLevelWARN") || call.equals("atLevelERROR")))));

        assertThat(log.messages(Level.DEBUG))
                .anyMatch(message -> message.contains("'run'") && message.contains("ended"));
    }

    @EngineTest
    void logger_throwsWhateverIsCalled_scopesEnd(Harness harness) {
        broken = true;
        wholeLife(harness.scopes(f -> f.withLogger(logger(call -> true))));
    }

    @EngineTest
    void logger_throwsFromTheCancellationOn_scopesEnd(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(logger(call -> true)));
        scopes.run("run", scope -> {
            scope.spawn("task", Blocking::forever);
            broken = true;
            assertThatNoException().isThrownBy(scope::cancel);
        });
    }

    // ---- clocks ----

    /** A clock that throws on this thread while it is {@link #broken}. */
    private TimeSource clock() {
        Thread owner = Thread.currentThread();
        return new TimeSource() {
            @Override
            public long nanoTime() {
                if (broken && Thread.currentThread() == owner) {
                    throw BROKEN;
                }
                return System.nanoTime();
            }

            @Override
            public Instant now() {
                return Instant.now();
            }

            @Override
            public Alarm schedule(long delayNanos, Runnable action) {
                return TimeSource.system().schedule(delayNanos, action);
            }
        };
    }

    @EngineTest
    void clock_throwsAtSpawn_taskRunsAndScopeEnds(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withTimeSource(clock()));

        Task<Integer> task = scopes.call("call", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            broken = true;
            Task<Integer> spawned = scope.spawn("task", () -> {
                started.countDown();
                return 1;
            });
            Blocking.await(started);
            broken = false;
            return spawned;
        });

        assertThat(task.join()).isEqualTo(1);
    }

    @EngineTest
    void clock_throwsAtCancelAndInTheExit_scopeEnds(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withTimeSource(clock()));
        scopes.run("run", scope -> {
            CountDownLatch started = new CountDownLatch(2);
            Task<?> task = scope.spawn("task", () -> {
                started.countDown();
                return Blocking.forever();
            });
            scope.spawn("other", () -> {
                started.countDown();
                return Blocking.forever();
            });
            Blocking.await(started);
            broken = true;
            assertThatNoException().isThrownBy(() -> {
                task.cancel();
                scope.cancel();
            });
        });
        broken = false;

        assertThat(scopes.scopes()).isEmpty();
    }

    @EngineTest
    void clock_throwsInTimedGet_errorIsHandedBack(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withTimeSource(clock()));
        IllegalArgumentException failure = new IllegalArgumentException("not to be lost");

        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            CountDownLatch mayFail = new CountDownLatch(1);
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn("task", () -> {
                started.countDown();
                Blocking.await(mayFail);
                throw failure;
            });
            Blocking.await(started);
            broken = true;
            assertThat(catchThrowable(() -> task.get(1, TimeUnit.HOURS))).isSameAs(BROKEN);
            broken = false;
            mayFail.countDown();
        }));

        assertThat(thrown).isSameAs(failure);
    }

    @Test
    @Timeout(20)
    void thread_throwsFromItsInterrupt_otherTasksAreInterruptedToo() {
        IllegalStateException broken = new IllegalStateException("broken interrupt");
        AtomicInteger interrupted = new AtomicInteger();
        ThreadFactory threads = command -> new Thread(command) {
            @Override
            public void interrupt() {
                super.interrupt();
                throw broken;
            }
        };
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withThreadFactory(threads))) {
            scopes.run("run", scope -> {
                CountDownLatch started = new CountDownLatch(3);
                for (int i = 0; i < 3; i++) {
                    scope.spawn(() -> {
                        started.countDown();
                        try {
                            Blocking.forever();
                        } finally {
                            interrupted.incrementAndGet();
                        }
                        return null;
                    });
                }
                Blocking.await(started);
                scope.cancel();
            });
        }
        assertThat(interrupted).hasValue(3);
        assertThat(broken.getSuppressed()).isEmpty();
    }

    @Test
    @Timeout(20)
    void thread_throwsFromTheInterruptOfATaskThatIsAbandoned_scopeEnds() {
        IllegalStateException broken = new IllegalStateException("broken interrupt");
        ThreadFactory threads = command -> new Thread(command) {
            @Override
            public void interrupt() {
                super.interrupt();
                throw broken;
            }
        };
        for (boolean alone : new boolean[] {true, false}) {
            CountDownLatch release = new CountDownLatch(1);
            try (ScopeFactory scopes = ScopeFactory.create(f -> f.withThreadFactory(threads))) {
                scopes.run("run", scope -> {
                    CountDownLatch started = new CountDownLatch(1);
                    Task<?> task = scope.spawn(
                            "abandoned",
                            () -> {
                                started.countDown();
                                Blocking.stubbornly(release);
                            },
                            t -> t.withAbandonOnCancel(true));
                    Blocking.await(started);
                    if (alone) {
                        task.cancel();
                    } else {
                        scope.cancel();
                    }
                    assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
                });
                assertThat(scopes.abandoned()).isEqualTo(1);
                release.countDown();
                Blocking.until("the thread has ended", () -> scopes.abandoned() == 0);
            }
        }
    }
}
