// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** A body that ignores its interrupt is reported like a straggling task (T8). */
@Spec("T8")
class StubbornBodyTest {

    private static final Duration TIMEOUT = Duration.ofMillis(50);
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final LogCapture log = new LogCapture();
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    private ScopeFactory scopes(Harness harness) {
        return harness.scopes(f -> f.withLogger(log.logger()).withDefaults(s -> s.withCancelTimeout(GRACE)));
    }

    private void ignoreInterrupts() {
        started.countDown();
        Briefly.stubbornly(release);
    }

    private List<String> reports() {
        return log.messages(Level.ERROR).stream()
                .filter(message -> message.contains("'stubborn'"))
                .toList();
    }

    /** The stack is in the message, or that of an exception which is logged. */
    private boolean showsTheBody() {
        return Stream.concat(
                        log.messages(Level.ERROR).stream(),
                        log.thrown(Level.ERROR).stream()
                                .filter(Objects::nonNull)
                                .flatMap(thrown -> Stream.of(thrown.getStackTrace()))
                                .map(StackTraceElement::toString))
                .anyMatch(text -> text.contains("ignoreInterrupts"));
    }

    /** Expects the report when the grace is over, and not before; gives what the exit throws. */
    private Throwable reported(Aside<?> owner, TestClock clock) throws InterruptedException {
        try {
            assertThat(reports()).isEmpty();
            clock.advance(GRACE.minusMillis(1));
            assertThat(reports()).isEmpty();
            clock.advance(Duration.ofMillis(1));
            Briefly.until("it is reported", () -> !reports().isEmpty());
            assertThat(reports()).hasSize(1);
            assertThat(showsTheBody()).isTrue();
        } finally {
            release.countDown();
        }
        Throwable thrown = owner.failure();
        clock.advance(GRACE.multipliedBy(10));
        assertThat(reports()).hasSize(1);
        return thrown;
    }

    @EngineTest
    void run_timesOut_isReportedAfterItsGraceAndStillThrowsTheTimeout(Harness harness, TestClock clock)
            throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        Aside<?> owner = Aside.run(
                harness, () -> scopes.run("stubborn", s -> s.withTimeout(TIMEOUT), scope -> ignoreInterrupts()));
        Briefly.await(started);
        clock.advance(TIMEOUT);

        assertThat(reported(owner, clock)).isExactlyInstanceOf(ScopeTimeoutException.class);
    }

    @EngineTest
    void call_isCancelled_isReportedAndGivesItsValueOrTheNews(Harness harness, TestClock clock)
            throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        AtomicReference<Scope> opened = new AtomicReference<>();
        Aside<?> owner = Aside.call(
                harness,
                () -> scopes.<Integer>call("stubborn", scope -> {
                    opened.set(scope);
                    ignoreInterrupts();
                    return 1;
                }));
        Briefly.await(started);
        opened.get().cancel();

        assertThat(reported(owner, clock)).isExactlyInstanceOf(ScopeCancelledException.class);
    }

    @EngineTest
    void run_taskFails_isReportedAndThrowsTheFailure(Harness harness, TestClock clock) throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        IllegalArgumentException failure = new IllegalArgumentException("task");
        AtomicReference<Scope> opened = new AtomicReference<>();
        Aside<?> owner = Aside.run(
                harness,
                () -> scopes.run("stubborn", scope -> {
                    opened.set(scope);
                    scope.spawn("failing", () -> {
                        Briefly.await(started);
                        throw failure;
                    });
                    ignoreInterrupts();
                }));
        Briefly.await(started);
        Briefly.until(
                "it is cancelled",
                () -> opened.get() != null
                        && opened.get().isCancelled()
                        && opened.get().snapshot().tasks().isEmpty());

        assertThat(reported(owner, clock)).isSameAs(failure);
    }

    @EngineTest
    void run_parentTimesOut_childWithTheBodyIsReported(Harness harness, TestClock clock) throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        Aside<?> owner = Aside.run(
                harness,
                () -> scopes.run(
                        "parent",
                        s -> s.withTimeout(TIMEOUT),
                        parent -> scopes.run("stubborn", child -> ignoreInterrupts())));
        Briefly.await(started);
        clock.advance(TIMEOUT);

        assertThat(reported(owner, clock)).isExactlyInstanceOf(ScopeTimeoutException.class);
    }

    @EngineTest
    void open_timesOutBeforeTheJoin_isReported(Harness harness, TestClock clock) throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        Aside<?> owner = Aside.run(harness, () -> {
            try (OpenScope scope = scopes.open("stubborn", s -> s.withTimeout(TIMEOUT))) {
                ignoreInterrupts();
                scope.join();
            }
        });
        Briefly.await(started);
        clock.advance(TIMEOUT);

        assertThat(reported(owner, clock)).isExactlyInstanceOf(ScopeTimeoutException.class);
    }

    // ---- what is not reported ----

    @EngineTest
    void run_bodyReacts_isNotReported(Harness harness, TestClock clock) throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        Aside<?> owner = Aside.run(
                harness,
                () -> scopes.run("stubborn", s -> s.withTimeout(TIMEOUT), scope -> {
                    started.countDown();
                    Briefly.untilInterrupted();
                }));
        Briefly.await(started);
        clock.advance(TIMEOUT);

        assertThat(owner.failure()).isExactlyInstanceOf(ScopeTimeoutException.class);
        clock.advance(GRACE.multipliedBy(2));
        assertThat(reports()).isEmpty();
    }

    @EngineTest
    void run_bodyTakesItsTimeButReactsWithinItsGrace_isNotReported(Harness harness, TestClock clock)
            throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        Aside<?> owner = Aside.run(
                harness, () -> scopes.run("stubborn", s -> s.withTimeout(TIMEOUT), scope -> ignoreInterrupts()));
        Briefly.await(started);
        clock.advance(TIMEOUT);
        clock.advance(GRACE.minusMillis(1));
        release.countDown();

        assertThat(owner.failure()).isExactlyInstanceOf(ScopeTimeoutException.class);
        clock.advance(GRACE);
        assertThat(reports()).isEmpty();
    }
}
