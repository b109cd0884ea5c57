// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.OwnerThread.Left;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Every failure is seen somewhere: thrown, suppressed in what is thrown, or logged. */
@Spec({"S6", "S8", "T2", "T9"})
class NothingLostTest {

    private static final List<Level> LEVELS = List.of(Level.ERROR, Level.WARN, Level.INFO, Level.DEBUG);

    private final LogCapture log = new LogCapture();

    private ScopeFactory logging(Harness harness) {
        return harness.scopes(f -> f.withLogger(log.logger()));
    }

    private boolean isLogged(Level level, Throwable failure) {
        return log.thrown(level).stream().anyMatch(thrown -> FailureGraph.holds(thrown, failure));
    }

    private boolean isSeen(@Nullable Throwable thrown, Throwable failure) {
        return FailureGraph.holds(thrown, failure) || LEVELS.stream().anyMatch(level -> isLogged(level, failure));
    }

    /** Thrown or suppressed, or logged at a level that is on by default. */
    private boolean isSeenByDefault(@Nullable Throwable thrown, Throwable failure) {
        return FailureGraph.holds(thrown, failure) || isLogged(Level.ERROR, failure) || isLogged(Level.WARN, failure);
    }

    // ---- a real failure on a cancellation signal ----

    /** Blocks until it is interrupted; then a resource fails to close, and that hangs on the interruption. */
    private static Object failingToClose(CountDownLatch started, Exception ofClose) throws Exception {
        try (AutoCloseable resource = () -> {
            throw ofClose;
        }) {
            started.countDown();
            return Blocking.forever();
        }
    }

    private void assertFailureOfCloseIsSeen(
            Harness harness, UnaryOperator<TaskOptions> options, Consumer<Task<?>> cancel) {
        IOException ofClose = new IOException("close");
        Throwable thrown = catchThrowable(() -> logging(harness).run("scope", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn("task", () -> failingToClose(started, ofClose), options);
            Blocking.await(started);
            cancel.accept(task);
        }));
        untilSeen("the failure is thrown or logged", () -> isSeenByDefault(thrown, ofClose));
    }

    @EngineTest
    void cancelledTask_failureOfItsCleanupIsSeen(Harness harness) {
        assertFailureOfCloseIsSeen(harness, t -> t, Task::cancel);
    }

    @EngineTest
    void taskOfACancelledScope_failureOfItsCleanupIsSeen(Harness harness) {
        assertFailureOfCloseIsSeen(harness, t -> t, task -> task.scope().cancel());
    }

    @EngineTest
    void taskThatDoesNotBubble_failureOfItsCleanupIsSeen(Harness harness) {
        assertFailureOfCloseIsSeen(harness, t -> t.withBubble(false), Task::cancel);
    }

    @EngineTest
    void backgroundTask_failureOfItsCleanupIsSeen(Harness harness) {
        assertFailureOfCloseIsSeen(harness, t -> t.withAwaited(false), task -> {});
    }

    @EngineTest
    void abandonedTask_failureOfItsCleanupIsLogged(Harness harness) {
        assertLoggedAfterItsScope(harness, true, true);
    }

    @EngineTest
    void abandonedTask_ownFailureIsLogged(Harness harness) {
        assertLoggedAfterItsScope(harness, true, false);
    }

    @EngineTest
    void straggler_failureOfItsCleanupIsLogged(Harness harness) {
        assertLoggedAfterItsScope(harness, false, true);
    }

    @EngineTest
    void straggler_ownFailureIsLogged(Harness harness) {
        assertLoggedAfterItsScope(harness, false, false);
    }

    /** The task ends after its scope, which did not wait for it. */
    private void assertLoggedAfterItsScope(Harness harness, boolean abandoned, boolean onNews) {
        IOException real = new IOException("real");
        CountDownLatch mayEnd = new CountDownLatch(1);
        Throwable thrown = catchThrowable(() -> logging(harness).run("scope", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn(
                    "late",
                    () -> {
                        started.countDown();
                        Blocking.stubbornly(mayEnd);
                        if (!onNews) {
                            throw real;
                        }
                        InterruptedException signal = new InterruptedException();
                        signal.addSuppressed(real);
                        throw signal;
                    },
                    t -> t.withAbandonOnCancel(abandoned).withCancelTimeout(Duration.ofMillis(20)));
            Blocking.await(started);
            scope.cancel();
        }));
        mayEnd.countDown();

        assertThat(thrown instanceof StragglerException).isEqualTo(!abandoned);
        untilSeen("the failure is logged at warning", () -> isLogged(Level.WARN, real));
    }

    private static void untilSeen(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("%s within 20 s", what).isNegative();
            Blocking.spin(1_000);
        }
    }

    // ---- callbacks that do not look ----

    private Throwable failWithCallback(
            Harness harness, IllegalStateException failure, Consumer<Task<Object>> register) {
        return catchThrowable(() -> logging(harness).run("scope", scope -> {
            CountDownLatch registered = new CountDownLatch(1);
            Task<Object> task = scope.spawn("task", () -> {
                Blocking.await(registered);
                throw failure;
            });
            register.accept(task);
            registered.countDown();
        }));
    }

    private void assertWarned(Harness harness, Consumer<Task<Object>> register) {
        IllegalStateException failure = new IllegalStateException("task");
        Throwable thrown = failWithCallback(harness, failure, register);
        untilSeen("the failure is logged at warning", () -> thrown != null || isLogged(Level.WARN, failure));
    }

    private void assertNotWarned(Harness harness, Consumer<Task<Object>> register) {
        IllegalStateException failure = new IllegalStateException("task");
        Throwable thrown = failWithCallback(harness, failure, register);
        assertThat(thrown).isNull();
        assertThat(isLogged(Level.WARN, failure))
                .as("a failure that was looked at is logged")
                .isFalse();
        assertThat(log.messages(Level.ERROR)).isEmpty();
    }

    @EngineTest
    void onDone_printsItsTask_failureIsLogged(Harness harness) {
        StringBuilder printed = new StringBuilder();
        assertWarned(harness, task -> task.onDone(printed::append));
        assertThat(printed.toString()).contains("FAILED");
    }

    @EngineTest
    void onDone_doesNothing_failureIsLogged(Harness harness) {
        assertWarned(harness, task -> task.onDone(done -> {}));
    }

    @EngineTest
    void onDone_asksOnlyForTheName_failureIsLogged(Harness harness) {
        assertWarned(harness, task -> task.onDone(done -> done.name()));
    }

    @EngineTest
    void onDone_throwsBeforeItLooks_failureIsLogged(Harness harness) {
        assertWarned(
                harness,
                task -> task.onDone(done -> {
                    throw new IllegalArgumentException("callback");
                }));
    }

    @EngineTest
    void toCompletableFuture_isDropped_failureIsLogged(Harness harness) {
        assertWarned(harness, Task::toCompletableFuture);
        assertWarned(harness, Task::toCancellingFuture);
    }

    @EngineTest
    void onDone_joins_failureIsNotLogged(Harness harness) {
        assertNotWarned(harness, task -> task.onDone(done -> catchThrowable(done::join)));
    }

    @EngineTest
    void onDone_gets_failureIsNotLogged(Harness harness) {
        assertNotWarned(harness, task -> task.onDone(done -> catchThrowable(done::get)));
    }

    @EngineTest
    void onDone_oneOfTwoJoins_failureIsNotLogged(Harness harness) {
        assertNotWarned(harness, task -> {
            task.onDone(done -> {});
            task.onDone(done -> catchThrowable(done::join));
        });
    }

    @EngineTest
    void toCompletableFuture_isUsed_failureIsNotLogged(Harness harness) {
        assertNotWarned(harness, task -> task.toCompletableFuture().exceptionally(e -> "handled"));
        assertNotWarned(harness, task -> task.toCancellingFuture().exceptionally(e -> "handled"));
    }

    @EngineTest
    void join_besideAnOnDoneThatDoesNothing_failureIsNotLogged(Harness harness) {
        IllegalStateException failure = new IllegalStateException("task");
        Throwable thrown = catchThrowable(() -> logging(harness).run("scope", scope -> {
            CountDownLatch registered = new CountDownLatch(1);
            Task<Object> task = scope.spawn("task", () -> {
                Blocking.await(registered);
                throw failure;
            });
            task.onDone(done -> {});
            registered.countDown();
            assertThat(catchThrowable(task::join)).isSameAs(failure);
        }));
        assertThat(thrown).isNull();
        assertThat(isLogged(Level.WARN, failure)).isFalse();
    }

    // ---- a task's own failure in an ending scope ----

    /** Failures with an interruption among their causes, or what looks like one, of which none comes from our interrupt. */
    private static Map<String, Exception> ownFailures() {
        Map<String, Exception> failures = new LinkedHashMap<>();
        failures.put("real", new IllegalStateException("real"));
        failures.put("socket timeout", new IllegalStateException(new SocketTimeoutException("Read timed out")));
        failures.put("call timeout", new UncheckedIOException(new InterruptedIOException("timeout")));
        failures.put("bare call timeout", new InterruptedIOException("timeout"));
        failures.put("foreign future was interrupted", new ExecutionException(new InterruptedException("another's")));
        failures.put("foreign stage was interrupted", new CompletionException(new InterruptedException("another's")));
        failures.put("foreign future was cancelled", new CancellationException("foreign"));
        failures.put("foreign stage was cancelled", new ExecutionException(new CancellationException("foreign")));
        failures.put("channel of another", new IOException("copy failed", new ClosedByInterruptException()));
        failures.put(
                "wrapped twice", new IllegalStateException(new IOException(new InterruptedException("another's"))));
        return failures;
    }

    private void assertOwnFailuresAreSeen(Harness harness, UnaryOperator<TaskOptions> options, Consumer<Scope> end)
            throws Exception {
        ScopeFactory scopes = logging(harness);
        List<String> unseen = new ArrayList<>();
        for (Way way : Way.values()) {
            for (Map.Entry<String, Exception> own : ownFailures().entrySet()) {
                Throwable thrown = catchThrowable(() -> way.in(scopes, "scope", scope -> {
                    CountDownLatch started = new CountDownLatch(1);
                    scope.spawn(
                            "task",
                            () -> {
                                started.countDown();
                                Blocking.spinUntil("the scope ends", () -> scope.state() == Scope.State.ENDING);
                                Thread.interrupted();
                                throw own.getValue();
                            },
                            options);
                    Blocking.await(started);
                    end.accept(scope);
                }));
                if (!isSeen(thrown, own.getValue())) {
                    unseen.add(way + ": " + own.getKey());
                }
            }
        }
        assertThat(unseen).as("failures that are seen nowhere").isEmpty();
    }

    @EngineTest
    void taskOfACancelledScope_ownFailureIsSeen(Harness harness) throws Exception {
        assertOwnFailuresAreSeen(harness, t -> t, Scope::cancel);
    }

    @EngineTest
    void taskOfACancelledScope_thatWasNotInterrupted_ownFailureIsSeen(Harness harness) throws Exception {
        assertOwnFailuresAreSeen(harness, t -> t.withInterruptOnCancel(false), Scope::cancel);
    }

    @EngineTest
    void taskOfAFailedScope_ownFailureIsSeen(Harness harness) throws Exception {
        assertOwnFailuresAreSeen(
                harness, t -> t, scope -> scope.cancel(new IllegalArgumentException("the first failure")));
    }

    @EngineTest
    void taskOfAScopeThatTimedOut_ownFailureIsSeen(Harness harness) throws Exception {
        assertOwnFailuresAreSeen(harness, t -> t, scope -> scope.setTimeout(Duration.ofMillis(1)));
    }

    @EngineTest
    void backgroundTaskOfAScopeThatEnds_ownFailureIsSeen(Harness harness) throws Exception {
        assertOwnFailuresAreSeen(harness, t -> t.withAwaited(false), scope -> {});
    }

    /** A scope that was cancelled itself: nothing of ours, in this one. */
    @EngineTest
    void taskOfACancelledScope_newsOfAForeignScopeIsSeen(Harness harness) {
        ScopeFactory scopes = logging(harness);
        OpenScope foreign = scopes.openShared("foreign");
        Task<?> ofForeign = foreign.spawn("task", Blocking::forever);
        foreign.cancel();
        Blocking.until("it has ended", () -> foreign.state() == Scope.State.CLOSED);
        Throwable signal = catchThrowable(ofForeign::join);
        IllegalStateException own = new IllegalStateException("foreign work was cancelled", signal);
        Throwable thrown = catchThrowable(() -> scopes.run("scope", scope -> {
            scope.spawn("task", () -> {
                Blocking.spinUntil("the scope ends", scope::isCancelled);
                throw own;
            });
            Blocking.until(
                    "it runs",
                    () -> scope.snapshot().tasks().stream().anyMatch(task -> task.status() == Task.Status.RUNNING));
            scope.cancel();
        }));
        assertThat(isSeen(thrown, own)).as("seen somewhere, thrown %s", thrown).isTrue();
    }

    // ---- wrapped interruptions ----

    @EngineTest
    void bodyWrapsTheInterruption_isSeen(Harness harness) throws Exception {
        ScopeFactory scopes = logging(harness);
        for (OwnerThread owner : OwnerThread.all()) {
            for (Way way : Way.values()) {
                Exception[] wrapped = new Exception[1];
                Left left = owner.run(() -> way.in(scopes, "scope", scope -> {
                    Thread thread = Thread.currentThread();
                    harness.helper(() -> {
                        Blocking.untilParked(thread);
                        scope.cancel();
                    });
                    try {
                        Blocking.forever();
                    } catch (InterruptedException e) {
                        wrapped[0] = new IllegalStateException("interrupted", e);
                        throw wrapped[0];
                    }
                }));
                assertThat(isSeen(left.thrown(), wrapped[0]))
                        .as("logged at debug, at least; %s, thrown %s", way, left.thrown())
                        .isTrue();
            }
        }
    }

    @EngineTest
    void taskWrapsTheInterruption_isSeen(Harness harness) {
        Exception[] wrapped = new Exception[1];
        Throwable thrown = catchThrowable(() -> logging(harness).run("scope", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("task", () -> {
                started.countDown();
                try {
                    return Blocking.forever();
                } catch (InterruptedException e) {
                    wrapped[0] = new IllegalStateException("interrupted", e);
                    throw wrapped[0];
                }
            });
            Blocking.await(started);
            scope.cancel();
        }));
        assertThat(thrown).isNull();
        assertThat(isSeen(null, wrapped[0])).as("logged at debug, at least").isTrue();
    }
}
