// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.spi.ContextPropagator;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.slf4j.MDC;

/** A line of the log has the context of the task or scope that it is about, on whatever thread it is written. */
@Spec("B5")
class LogContextTest {

    private static final String KEY = "request";
    private static final Map<String, String> MINE = Map.of(KEY, "42");

    private final LogCapture log = new LogCapture();
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    @AfterEach
    void removeFromThisThread() {
        MDC.remove(KEY);
    }

    private static ContextPropagator.Snapshot capture() {
        String captured = MDC.get(KEY);
        return () -> {
            String before = MDC.get(KEY);
            put(captured);
            return () -> put(before);
        };
    }

    private static void put(@Nullable String value) {
        if (value == null) {
            MDC.remove(KEY);
        } else {
            MDC.put(KEY, value);
        }
    }

    private ScopeFactory logging(Harness harness) {
        return harness.scopes(f -> f.withLogger(log.logger()).withPropagator(LogContextTest::capture));
    }

    private void assertLoggedWithMine(String text) {
        Blocking.until("it is logged: " + text, () -> !log.mdcOf(text).isEmpty());
        assertThat(log.mdcOf(text)).allMatch(MINE::equals);
    }

    @EngineTest
    void straggler_isLoggedByATimer_withTheContextOfTheTask(Harness harness) {
        MDC.put(KEY, "42");
        Throwable thrown = catchThrowable(
                () -> logging(harness).run("scope", s -> s.withCancelTimeout(Duration.ofMillis(20)), scope -> {
                    spawnStubborn(scope);
                    scope.cancel();
                }));
        mayEnd.countDown();

        assertThat(thrown).isInstanceOf(StragglerException.class);
        assertLoggedWithMine("did not end in time and runs on");
    }

    @EngineTest
    void timeout_isLoggedByATimer_withTheContextOfATaskInTheScope(Harness harness) {
        MDC.put(KEY, "42");
        try (OpenScope scope = logging(harness).openShared("scope", s -> s.withObserved(true))) {
            Task<?> task = scope.spawn("task", Blocking::forever);
            scope.setTimeout(Duration.ofMillis(5));
            task.awaitEnd();
            Blocking.until("it has ended", () -> scope.state() == Scope.State.CLOSED);
        }

        assertLoggedWithMine("timed out after");
    }

    @EngineTest
    void unseenFailure_ofASharedScope_isLoggedWithTheContextOfTheTask(Harness harness) {
        MDC.put(KEY, "42");
        OpenScope scope = logging(harness).openShared("scope");
        scope.spawn(
                "task",
                () -> {
                    throw new IllegalStateException("task");
                },
                t -> t.withBubble(false));
        scope.complete();

        assertLoggedWithMine("failed");
    }

    @EngineTest
    void line_aboutATask_leavesNothingOnTheThreadThatWritesIt(Harness harness) {
        MDC.put(KEY, "42");
        IllegalStateException failure = new IllegalStateException("task");
        OpenScope scope = logging(harness).openShared("scope");
        Task<?> task = scope.spawn("task", () -> {
            throw failure;
        });
        task.onDone(done -> {});
        MDC.put(KEY, "43");
        scope.complete();
        Blocking.until("it has ended", () -> scope.state() == Scope.State.CLOSED);
        scope.close();

        assertThat(MDC.get(KEY)).isEqualTo("43");
    }

    private void spawnStubborn(Scope scope) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn("stubborn", () -> {
            started.countDown();
            return Blocking.stubbornly(mayEnd);
        });
        Blocking.await(started);
    }
}
