// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Listeners see a scope before a cancellation has reached what is in it, and may ignore tasks (B6). */
@Spec("B6")
class CancellingListenerTest {

    /** Notes what was unfinished in scopes that are cancelled. */
    private static final class Unfinished implements ScopeListener {

        final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        public void scopeCancelling(
                Scope scope, CancelReason reason, @Nullable Throwable cause, @Nullable String task) {
            ScopeSnapshot snapshot = scope.snapshot();
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

    private final Unfinished unfinished = new Unfinished();
    private final CountDownLatch forever = new CountDownLatch(1);

    @EngineTest
    void scopeCancelling_deadlinePasses_seesWhatWasUnfinished(Harness harness, TestClock clock) {
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
    void scopeCancelling_taskFails_namesItAndSeesTheOthers(Harness harness) {
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
    void scopeCancelling_throws_scopeIsCancelledAllTheSame(Harness harness) {
        ScopeListener broken = new ScopeListener() {
            @Override
            public void scopeCancelling(
                    Scope scope, CancelReason reason, @Nullable Throwable cause, @Nullable String task) {
                throw new IllegalStateException("listener");
            }
        };
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
