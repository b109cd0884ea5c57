// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.test.TestClock;
import java.time.Duration;

/** The default timeout of a factory is for scopes with a body (S4). */
@Spec("S4")
class DefaultTimeoutTest {

    private static final Duration DEFAULT = Duration.ofSeconds(1);

    private static ScopeFactory scopes(Harness harness) {
        return harness.scopes(f -> f.withDefaults(s -> s.withTimeout(DEFAULT)));
    }

    private static void timesOut(Throwable thrown) {
        assertThat(thrown).isInstanceOf(ScopeTimeoutException.class).message().containsIgnoringCase("default");
    }

    @EngineTest
    void openShared_outlivesTheDefault(Harness harness, TestClock clock) {
        try (OpenScope shared = scopes(harness).openShared("connections")) {
            Task<?> task = shared.spawn("serve", Blocking::forever);
            clock.advance(DEFAULT.multipliedBy(10));

            assertThat(shared.isCancelled()).isFalse();
            assertThat(shared.remaining()).isEmpty();
            assertThat(task.isDone()).isFalse();
        }
    }

    @EngineTest
    void openShared_asAChild_outlivesTheDefault(Harness harness, TestClock clock) {
        try (OpenScope shared = scopes(harness).openShared("connections");
                OpenScope child = shared.fork().openShared("child")) {
            clock.advance(DEFAULT.multipliedBy(10));

            assertThat(child.isCancelled()).isFalse();
            assertThat(child.remaining()).isEmpty();
        }
    }

    @EngineTest
    void openShared_withATimeoutOfItsOwn_timesOut(Harness harness, TestClock clock) {
        OpenScope shared = scopes(harness).openShared("connections", s -> s.withTimeout(DEFAULT.plusMillis(1)));
        clock.advance(DEFAULT.plusMillis(1));

        assertThat(catchThrowable(shared::awaitDone)).isInstanceOf(ScopeTimeoutException.class);
    }

    @EngineTest
    void openShared_withATimeoutOfItsOwnEqualToTheDefault_timesOut(Harness harness, TestClock clock) {
        OpenScope shared = scopes(harness).openShared("connections", s -> s.withTimeout(Duration.ofSeconds(1)));
        clock.advance(DEFAULT);

        assertThat(catchThrowable(shared::awaitDone)).isInstanceOf(ScopeTimeoutException.class);
    }

    @EngineTest
    void openShared_inABody_hasTheDeadlineOfThatBody(Harness harness, TestClock clock) {
        ScopeFactory scopes = scopes(harness);
        Throwable thrown = catchThrowable(() -> scopes.run("body", body -> {
            OpenScope shared = scopes.openShared("shared");
            assertThat(shared.remaining()).contains(DEFAULT);
            clock.advance(DEFAULT);
            Briefly.until("it was cancelled with the body", shared::isCancelled);
        }));

        timesOut(thrown);
    }

    @EngineTest
    void run_timesOutAndSaysThatThisIsTheDefault(Harness harness, TestClock clock) {
        timesOut(catchThrowable(() -> scopes(harness).run("run", scope -> {
            clock.advance(DEFAULT);
            Briefly.untilInterrupted();
        })));
    }

    @EngineTest
    void call_timesOutAndSaysThatThisIsTheDefault(Harness harness, TestClock clock) {
        timesOut(catchThrowable(() -> scopes(harness).call("call", scope -> {
            clock.advance(DEFAULT);
            return Briefly.untilInterrupted();
        })));
    }

    @EngineTest
    void open_timesOutAndSaysThatThisIsTheDefaultAndWhereItWasOpened(Harness harness, TestClock clock) {
        Throwable thrown = catchThrowable(() -> {
            try (OpenScope scope = scopes(harness).open("open")) {
                scope.spawn("task", Blocking::forever);
                clock.advance(DEFAULT);
                scope.join();
            }
        });

        timesOut(thrown);
        assertThat(thrown).hasMessageContaining("DefaultTimeoutTest.java:");
    }

    @EngineTest
    void run_withATimeoutOfItsOwn_doesNotSpeakOfTheDefault(Harness harness, TestClock clock) {
        Duration own = Duration.ofSeconds(2);
        Throwable thrown = catchThrowable(() -> scopes(harness).run("run", s -> s.withTimeout(own), scope -> {
            clock.advance(own);
            Briefly.untilInterrupted();
        }));

        assertThat(thrown).isInstanceOf(ScopeTimeoutException.class).message().doesNotContainIgnoringCase("default");
    }

    /** What is set while the scope lives is no default. */
    @EngineTest
    void timeoutSetAnew_doesNotSpeakOfTheDefault(Harness harness, TestClock clock) {
        Throwable thrown = catchThrowable(() -> scopes(harness).run("run", scope -> {
            scope.setTimeout(DEFAULT);
            clock.advance(DEFAULT);
            Briefly.untilInterrupted();
        }));

        assertThat(thrown).isInstanceOf(ScopeTimeoutException.class).message().doesNotContainIgnoringCase("default");
    }
}
