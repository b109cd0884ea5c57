// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.traio.EngineTest.Threads;
import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import io.traio.test.TestClock;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Listeners are notified of every step, and break nothing (B6). */
@Spec("B6")
class ListenerTest {

    /** Notes its events, in words. */
    private static final class Notes implements ScopeListener {

        final Queue<String> lines = new ConcurrentLinkedQueue<>();

        @Override
        public void scopeOpened(Scope scope) {
            lines.add("opened " + scope.name());
        }

        @Override
        public void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {
            lines.add("cancelled " + scope.name() + " " + reason + (cause != null ? " " + cause.getMessage() : ""));
        }

        @Override
        public void scopeClosed(Scope scope, ScopeOutcome outcome) {
            Throwable failure = outcome.failure();
            lines.add("closed " + scope.name() + " " + outcome.reason()
                    + (failure != null ? " " + failure.getClass().getSimpleName() : ""));
        }

        @Override
        public void scopeFailureUnobserved(Scope scope, Throwable failure) {
            lines.add("unobserved " + scope.name() + " " + failure.getMessage());
        }

        @Override
        public void taskSpawned(Task<?> task) {
            lines.add("spawned " + task.name());
        }

        @Override
        public void taskStarted(Task<?> task, long waitNanos) {
            lines.add("started " + task.name());
        }

        @Override
        public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
            lines.add(
                    "ended " + task.name() + " " + task.status() + (failure != null ? " " + failure.getMessage() : ""));
        }

        @Override
        public void taskStraggling(Task<?> task) {
            lines.add("straggling " + task.name());
        }

        @Override
        public void stragglerEnded(Task<?> task) {
            lines.add("straggler ended " + task.name());
        }

        @Override
        public void taskAbandoned(Task<?> task) {
            lines.add("abandoned " + task.name());
        }

        @Override
        public void abandonedEnded(Task<?> task) {
            lines.add("abandoned ended " + task.name());
        }
    }

    private final Notes notes = new Notes();

    @EngineTest
    void task_succeeds_stepsAreReportedInOrder(Harness harness) {
        harness.scopes(f -> f.withListener(notes)).run("run", scope -> scope.spawn("task", () -> 1));

        assertThat(notes.lines)
                .containsExactly(
                        "opened run", "spawned task", "started task", "ended task SUCCEEDED", "closed run null");
    }

    @EngineTest
    void task_fails_scopeIsReportedAsCancelledForIt(Harness harness) {
        assertThatThrownBy(() -> harness.scopes(f -> f.withListener(notes))
                        .run(
                                "run",
                                scope -> scope.spawn("task", () -> {
                                    throw new IllegalStateException("bad");
                                })))
                .hasMessage("bad");

        assertThat(notes.lines)
                .containsExactly(
                        "opened run",
                        "spawned task",
                        "started task",
                        "ended task FAILED bad",
                        "cancelled run FAILURE bad",
                        "closed run FAILURE IllegalStateException");
    }

    @EngineTest
    void task_cancelledBeforeStart_isNotReportedAsStarted(Harness harness) {
        harness.scopes(f -> f.withListener(notes)).run("run", s -> s.withMaxConcurrency(1), scope -> {
            CountDownLatch end = new CountDownLatch(1);
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("first", () -> {
                started.countDown();
                return Blocking.await(end);
            });
            Blocking.await(started);
            scope.spawn("queued", () -> 1).cancel();
            end.countDown();
        });

        assertThat(notes.lines)
                .contains("spawned queued", "ended queued CANCELLED")
                .doesNotContain("started queued");
    }

    @EngineTest(on = Threads.DEFAULT)
    void scope_everyReason_isReported(Harness harness, TestClock clock) {
        ScopeFactory scopes = harness.scopes(f -> f.withListener(notes));
        scopes.run("explicit", Scope::cancel);
        scopes.run("master", scope -> {
            scope.spawn("master", () -> 1, t -> t.withMaster(true));
            assertThatThrownBy(Blocking::forever).isInstanceOf(InterruptedException.class);
        });
        assertThatThrownBy(() -> scopes.run(
                        "timeout",
                        s -> s.withTimeout(Duration.ofSeconds(1)),
                        scope -> clock.advance(Duration.ofSeconds(1))))
                .isInstanceOf(ScopeTimeoutException.class);
        scopes.openShared("close").close();
        scopes.run("parent", parent -> {
            OpenScope child = parent.fork().openShared("child");
            parent.cancel();
            assertThat(child.isCancelled()).isTrue();
        });

        assertThat(notes.lines)
                .contains(
                        "cancelled explicit EXPLICIT",
                        "cancelled master MASTER",
                        "cancelled timeout TIMEOUT",
                        "cancelled close CLOSE",
                        "cancelled child PARENT");
    }

    @EngineTest
    void childFailsUnawaited_isReportedAndLogged(Harness harness) {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withListener(notes).withLogger(log.logger()));
        scopes.run("parent", parent -> {
            OpenScope child = parent.fork().openShared("child");
            child.cancel(new IllegalStateException("nobody looks"));
            Blocking.until("the child is closed", () -> child.state() == Scope.State.CLOSED);
        });

        assertThat(notes.lines).contains("unobserved child nobody looks");
        assertThat(log.messages(Level.WARN)).anyMatch(message -> message.contains("child"));
    }

    @EngineTest
    void abandonedTask_isShownUntilItsThreadIsFree(Harness harness) {
        CountDownLatch end = new CountDownLatch(1);
        harness.scopes(f -> f.withListener(notes)).run("run", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn(
                    "deaf",
                    () -> {
                        started.countDown();
                        return Blocking.stubbornly(end);
                    },
                    t -> t.withAbandonOnCancel(true));
            Blocking.await(started);
            scope.cancel();
        });
        assertThat(notes.lines).containsSubsequence("abandoned deaf", "ended deaf CANCELLED", "closed run EXPLICIT");

        end.countDown();
        Blocking.until("the end is reported", () -> notes.lines.contains("abandoned ended deaf"));
    }

    /** A listener all of whose methods do the same. */
    private static ScopeListener each(Runnable action) {
        return (ScopeListener) Proxy.newProxyInstance(
                ListenerTest.class.getClassLoader(),
                new Class<?>[] {ScopeListener.class},
                (proxy, method, arguments) -> {
                    if (method.getDeclaringClass() == ScopeListener.class) {
                        action.run();
                        return null;
                    }
                    return method.getName().equals("toString") ? "spoilsport" : objectMethod(proxy, method, arguments);
                });
    }

    private static Object objectMethod(Object proxy, Method method, Object[] arguments) {
        return method.getName().equals("equals") ? proxy == arguments[0] : System.identityHashCode(proxy);
    }

    @EngineTest
    void fault15_listenerThrows_isLoggedAndBreaksNothing(Harness harness) {
        LogCapture log = new LogCapture();
        List<Throwable> badThings = Arrays.asList(new IllegalStateException("bad"), new AssertionError("worse"));
        for (Throwable bad : badThings) {
            ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger())
                    .withListener(each(() -> {
                        throw ListenerTest.<RuntimeException>sneaky(bad);
                    }))
                    .withListener(notes));

            String value = scopes.call(
                    "run", scope -> scope.spawn("task", () -> "value").join());

            assertThat(value).isEqualTo("value");
            assertThat(log.thrown(Level.ERROR)).contains(bad);
        }
        assertThat(notes.lines).contains("opened run", "ended task SUCCEEDED", "closed run null");
    }

    @EngineTest(pool = 3)
    void fault15_listenerBlocksOneTask_otherTasksScopesAndSnapshotsGoOn(Harness harness) {
        CountDownLatch blocks = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        ScopeFactory scopes = harness.scopes(f -> f.withListener(new ScopeListener() {
            @Override
            public void taskStarted(Task<?> task, long waitNanos) {
                if (task.name().equals("slow")) {
                    blocks.countDown();
                    Blocking.stubbornly(free);
                }
            }
        }));
        AtomicReference<@Nullable Task<?>> slow = new AtomicReference<>();

        scopes.run("run", scope -> {
            slow.set(scope.spawn("slow", () -> 1));
            Blocking.await(blocks);

            assertThat(scope.spawn("quick", () -> "value").join()).isEqualTo("value");
            assertThat(scopes.<Integer>call(
                            "other",
                            s -> s.withDetached(true),
                            other -> other.spawn(() -> 2).join()))
                    .isEqualTo(2);
            assertThat(scope.snapshot().tasks())
                    .extracting(ScopeSnapshot.TaskSnapshot::name)
                    .contains("slow");
            free.countDown();
        });
    }

    @EngineTest(on = Threads.DEFAULT)
    void fault15_listenerBlocksAnAlarm_otherTimeoutsGoOff(Harness harness) {
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch blocks = new CountDownLatch(1);
        ScopeFactory scopes = harness.scopes(f -> f.withListener(new ScopeListener() {
            @Override
            public void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {
                if (scope.name().equals("slow")) {
                    blocks.countDown();
                    Blocking.stubbornly(free);
                }
            }
        }));
        try (OpenScope slow = scopes.openShared("slow", s -> s.withTimeout(Duration.ofMillis(1)))) {
            Blocking.until("the listener blocks", () -> blocks.getCount() == 0);

            assertThatThrownBy(() -> scopes.run(
                            "other", s -> s.withTimeout(Duration.ofMillis(1)), scope -> scope.spawn(Blocking::forever)))
                    .isInstanceOf(ScopeTimeoutException.class);
            free.countDown();
        }
    }

    @EngineTest
    void fault15_callbackThrows_isLoggedAndOthersRun(Harness harness) {
        LogCapture log = new LogCapture();
        IllegalStateException bad = new IllegalStateException("callback");
        Queue<String> called = new ConcurrentLinkedQueue<>();

        harness.scopes().run("run", s -> s.withLogger(log.logger()), scope -> {
            scope.onDone(done -> {
                throw bad;
            });
            scope.onDone(done -> called.add(done.name()));
        });

        assertThat(called).containsExactly("run");
        assertThat(log.thrown(Level.ERROR)).containsExactly(bad);
    }

    @EngineTest
    void fault15_listenerBlocksInScopeCancelled_scopesBelowAreCancelledAllTheSame(Harness harness) throws Exception {
        CountDownLatch blocks = new CountDownLatch(1);
        CountDownLatch called = new CountDownLatch(1);
        ScopeFactory scopes = harness.scopes(f -> f.withListener(new ScopeListener() {
            @Override
            public void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {
                if (scope.name().equals("outer")) {
                    called.countDown();
                    Blocking.stubbornly(blocks);
                }
            }
        }));
        OpenScope outer = scopes.openShared("outer");
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        outer.fork().openShared("inner").spawn("task", () -> {
            started.countDown();
            try {
                return Blocking.forever();
            } finally {
                interrupted.countDown();
            }
        });
        Blocking.await(started);
        harness.helper(outer::cancel);

        Blocking.await(called);
        // Less than the listener blocks if nobody lets it go.
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        blocks.countDown();
        outer.awaitDone();
    }

    @EngineTest
    void fault15_dependentOnTheCancellersThreadWaitsForASibling_siblingIsCancelledAllTheSame(
            Harness harness, ScopeFactory scopes, TestClock clock) {
        AtomicBoolean sawSiblingDone = new AtomicBoolean();
        CountDownLatch started = new CountDownLatch(2);

        assertThatThrownBy(() -> scopes.run("run", s -> s.withTimeout(Duration.ofSeconds(1)), scope -> {
                    Task<?> first = scope.spawn(
                            "abandoned",
                            () -> {
                                started.countDown();
                                return Blocking.forever();
                            },
                            t -> t.withAbandonOnCancel(true));
                    Task<?> sibling = scope.spawn("sibling", () -> {
                        started.countDown();
                        return Blocking.forever();
                    });
                    first.toCompletableFuture().whenComplete((value, failure) -> {
                        Blocking.spinUntil("the sibling is done", sibling::isDone);
                        sawSiblingDone.set(true);
                    });
                    Blocking.await(started);
                    harness.helper(() -> clock.advance(Duration.ofSeconds(1)));
                }))
                .isInstanceOf(ScopeTimeoutException.class);

        assertThat(sawSiblingDone).isTrue();
    }

    @SuppressWarnings("unchecked") // X is only ever RuntimeException
    private static <X extends Throwable> X sneaky(Throwable failure) throws X {
        throw (X) failure;
    }
}
