// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import io.traio.spi.TimeSource;
import io.traio.test.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners are shown a scope as it was before a cancellation has reached what is in it, and may ignore tasks (B6). */
@Spec("B6")
class CancellingListenerTest {

    /** Notes what was unfinished in scopes that are cancelled. */
    private static final class Unfinished implements ScopeListener {

        final List<String> lines = new CopyOnWriteArrayList<>();

        private final int max;

        Unfinished(int max) {
            this.max = max;
        }

        @Override
        public int maxUnfinished(CancelReason reason) {
            return reason == CancelReason.MASTER ? 0 : max;
        }

        @Override
        public void scopeUnfinished(
                Scope scope,
                ScopeSnapshot snapshot,
                CancelReason reason,
                @Nullable Throwable cause,
                @Nullable String task) {
            lines.add(reason + " " + named(snapshot)
                    + (task != null ? " by " + task.replaceAll(" \\(#\\d+\\)", "") : ""));
        }

        private static String named(ScopeSnapshot scope) {
            return scope.name()
                    + scope.tasks().stream()
                            .map(t -> t.name() + " " + t.status())
                            .toList()
                    + scope.children().stream().map(Unfinished::named).toList();
        }
    }

    /** Does what it should not when it is shown what was unfinished. */
    private record Disturbing(Runnable work) implements ScopeListener {

        @Override
        public int maxUnfinished(CancelReason reason) {
            return 1;
        }

        @Override
        public void scopeUnfinished(
                Scope scope,
                ScopeSnapshot snapshot,
                CancelReason reason,
                @Nullable Throwable cause,
                @Nullable String task) {
            work.run();
        }
    }

    private final Unfinished unfinished = new Unfinished(100);
    private final CountDownLatch forever = new CountDownLatch(1);

    @EngineTest
    void scopeUnfinished_deadlinePasses_seesWhatWasUnfinished(Harness harness, TestClock clock) {
        ScopeFactory scopes = harness.scopes(f -> f.withListener(unfinished));
        Throwable thrown =
                catchThrowable(() -> scopes.run("outer", s -> s.withTimeout(Duration.ofSeconds(1)), scope -> {
                    started(scope, "slow");
                    scopes.run("inner", inner -> {
                        started(inner, "deep");
                        clock.advance(Duration.ofSeconds(1));
                    });
                }));
        assertThat(thrown).isInstanceOf(ScopeTimeoutException.class);
        assertThat(unfinished.lines).containsExactly("TIMEOUT outer[slow RUNNING][inner[deep RUNNING][]]");
    }

    @EngineTest
    void scopeUnfinished_taskFails_namesItAndSeesTheOthers(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withListener(unfinished));
        Throwable thrown = catchThrowable(() -> scopes.run("quotes", scope -> {
            started(scope, "slow");
            scope.spawn("broken", () -> {
                throw new IllegalStateException("bad");
            });
        }));
        assertThat(thrown).hasMessage("bad");
        assertThat(unfinished.lines)
                .containsExactly("FAILURE quotes[slow RUNNING][] by task 'broken' of scope 'quotes'");
    }

    @EngineTest
    void scopeUnfinished_throws_scopeIsCancelledAllTheSame(Harness harness) {
        ScopeListener broken = new Disturbing(() -> {
            throw new IllegalStateException("listener");
        });
        LogCapture log = new LogCapture();
        harness.scopes(f -> f.withListener(broken).withListener(unfinished).withLogger(log.logger()))
                .run("run", scope -> {
                    started(scope, "slow");
                    scope.cancel();
                });
        assertThat(log.messages(Level.ERROR)).hasSize(1).allMatch(message -> message.contains("failed in scope 'run'"));
        assertThat(unfinished.lines).containsExactly("EXPLICIT run[slow RUNNING][]");
    }

    @EngineTest
    void scopeUnfinished_blocks_tasksAndBodyAreCancelledBefore(Harness harness) throws Exception {
        CountDownLatch mayGoOn = new CountDownLatch(1);
        ScopeListener slow = new Disturbing(() -> Blocking.stubbornly(mayGoOn));
        harness.scopes(f -> f.withListener(slow)).run("run", scope -> {
            CountDownLatch interrupted = new CountDownLatch(1);
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("task", () -> {
                started.countDown();
                Throwable thrown = catchThrowable(Blocking::forever);
                interrupted.countDown();
                return thrown;
            });
            Blocking.await(started);
            harness.helper(scope::cancel);
            try {
                assertThat(catchThrowable(Blocking::forever)).isInstanceOf(InterruptedException.class);
                Blocking.await(interrupted);
            } finally {
                mayGoOn.countDown();
            }
        });
    }

    @EngineTest
    void scopeUnfinished_moreThanAskedFor_isCutOff(Harness harness) {
        Unfinished three = new Unfinished(3);
        harness.scopes(f -> f.withListener(three)).run("run", scope -> {
            for (int i = 0; i < 3; i++) {
                scope.spawn("task " + i, Blocking::forever);
            }
            scopes(scope, 3, () -> scope.cancel());
        });
        assertThat(three.lines).hasSize(1);
        assertThat(three.lines.get(0).replaceAll(" (QUEUED|RUNNING)", "")).isEqualTo("EXPLICIT run[task 0, task 1][]");
    }

    /** A task that starts at that moment must not end by itself, and be missing. */
    @Test
    @Timeout(20)
    void scopeUnfinished_taskStartsWhileItIsLookedAt_taskIsShown() {
        Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
        AtomicReference<Thread> starter = new AtomicReference<>();
        TimeSource time = new AtSnapshot(() -> {
            Runnable second = waiting.poll();
            if (second != null) {
                starter.set(new Thread(second));
                starter.get().start();
                Blocking.until("the task waits or has ended", () -> switch (starter.get()
                        .getState()) {
                    case WAITING, TIMED_WAITING, TERMINATED -> true;
                    default -> false;
                });
            }
        });
        AtomicInteger count = new AtomicInteger();
        Executor executor = command -> {
            if (count.getAndIncrement() == 0) {
                new Thread(command).start();
            } else {
                waiting.add(command);
            }
        };
        try (ScopeFactory scopes = ScopeFactory.create(
                f -> f.withExecutor(executor).withListener(unfinished).withTimeSource(time))) {
            scopes.run("run", scope -> {
                started(scope, "first");
                scope.spawn("second", Blocking::forever);
                scope.cancel();
            });
        }
        assertThat(unfinished.lines).hasSize(1);
        assertThat(unfinished.lines.get(0)).startsWith("EXPLICIT run[first RUNNING, second ");
        Blocking.until("the thread has ended", () -> !starter.get().isAlive());
    }

    /** Runs something whenever a snapshot asks for the time. */
    private record AtSnapshot(Runnable work) implements TimeSource {

        @Override
        public long nanoTime() {
            boolean inSnapshot = StackWalker.getInstance()
                    .walk(frames ->
                            frames.anyMatch(frame -> frame.getMethodName().equals("snapshot")));
            if (inSnapshot) {
                work.run();
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
    }

    /** Opens scopes in one another, and runs code in the innermost. */
    private static void scopes(Scope scope, int depth, Runnable code) {
        if (depth == 0) {
            code.run();
        } else {
            scope.fork().run("below", below -> scopes(below, depth - 1, code));
        }
    }

    @EngineTest
    void scopeUnfinished_reasonThatIsNotAskedFor_isNotCalled(Harness harness) {
        harness.scopes(f -> f.withListener(unfinished)).run("run", scope -> {
            started(scope, "slow");
            scope.spawn("master", () -> {}, t -> t.withMaster(true));
        });
        assertThat(unfinished.lines).isEmpty();
    }

    @EngineTest
    void listener_ignoresTasks_isNotNotifiedOfThem(Harness harness) {
        List<String> notified = new CopyOnWriteArrayList<>();
        harness.scopes(f -> f.withListener(new Ignoring(notified))).run("run", scope -> scope.spawn("task", () -> 1));
        assertThat(notified).containsExactly("closed");
    }

    private record Ignoring(List<String> notified) implements ScopeListener {

        @Override
        public boolean ignoresTasks() {
            return true;
        }

        @Override
        public void taskSpawned(Task<?> task) {
            notified.add("spawned");
        }

        @Override
        public void taskStarted(Task<?> task, long waitNanos) {
            notified.add("started");
        }

        @Override
        public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
            notified.add("ended");
        }

        @Override
        public void scopeClosed(Scope scope, ScopeOutcome outcome) {
            notified.add("closed");
        }
    }

    private void started(Scope scope, String name) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn(name, () -> {
            started.countDown();
            forever.await();
        });
        started.await();
    }
}
