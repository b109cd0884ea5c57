// SPDX-License-Identifier: Apache-2.0
package io.traio.test.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** Runs tests with the extension, as JUnit does, and looks at what becomes of them. */
class ScopesExtensionTest {

    private static final Duration SHORT = Duration.ofMillis(50);

    /** What a scope forgets to end. */
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    private static volatile boolean stubborn;

    private static Events run(Class<?> tests) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(tests))
                .execute()
                .testEvents();
    }

    private static Throwable failureOf(Class<?> tests) {
        Events events = run(tests);
        events.assertStatistics(counts -> counts.failed(1));
        return events.failed().stream()
                .map(event -> event.getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class))
                .map(result -> result.getThrowable().orElseThrow())
                .findFirst()
                .orElseThrow();
    }

    private static void assertSucceeds(Class<?> tests, int count) {
        run(tests).assertStatistics(counts -> counts.succeeded(count).failed(0));
    }

    // ---- live scopes ----

    @ExtendWith(ScopesExtension.class)
    static class Tidy {

        private final ScopeFactory own = ScopeFactory.create();

        @Test
        void closed(ScopeFactory scopes) {
            scopes.run("quotes", scope -> scope.spawn("alpha", () -> "a"));
            own.run("quotes", scope -> scope.spawn("alpha", () -> "a"));
        }

        @Test
        void endsByItself(ScopeFactory scopes) {
            OpenScope scope = scopes.openShared("quotes");
            scope.spawn("alpha", () -> Thread.sleep(100));
            scope.complete();
        }
    }

    @Test
    void scopes_ended_areFine() {
        assertSucceeds(Tidy.class, 2);
    }

    static class Leaky {

        static Scope left;

        @RegisterExtension
        ScopesExtension extension = new ScopesExtension(SHORT);

        private final ScopeFactory scopes = ScopeFactory.create();

        @Test
        void leaves() throws InterruptedException {
            left = scopes.openShared("connections");
            CountDownLatch running = new CountDownLatch(1);
            left.spawn("client", () -> {
                running.countDown();
                NEVER.await();
            });
            running.await();
        }
    }

    @Test
    void scope_ofAFactoryInAField_isShownWithItsTreeAndCancelled() {
        assertThat(failureOf(Leaky.class))
                .isInstanceOf(AssertionError.class)
                .message()
                .startsWith("The test left behind a scope that lives (join or close each, or")
                .contains("\nconnections (scope ")
                .contains("\n└── client (task ")
                .contains("      at ", "CountDownLatch.await");
        assertThat(Leaky.left.isCancelled()).isTrue();
    }

    static class LeakyParameter {

        @RegisterExtension
        ScopesExtension extension = new ScopesExtension(SHORT);

        @Test
        void leaves(ScopeFactory scopes) {
            Leaky.left = scopes.openShared("connections");
        }
    }

    @Test
    void scope_ofAFactoryOfTheExtension_isShownAndEnded() {
        assertThat(failureOf(LeakyParameter.class)).hasMessageContaining("\nconnections (scope ");
        assertThat(Leaky.left.state()).isEqualTo(Scope.State.CLOSED);
    }

    static class Failing {

        @RegisterExtension
        ScopesExtension extension = new ScopesExtension(SHORT);

        @Test
        void fails(ScopeFactory scopes) {
            scopes.openShared("connections");
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the test's own failure");
        }
    }

    @Test
    void test_failsAnyway_hasTheReportsSuppressed() {
        Throwable failure = failureOf(Failing.class);
        assertThat(failure).hasMessage("the test's own failure");
        assertThat(failure.getSuppressed()).hasSize(2).allMatch(AssertionError.class::isInstance);
    }

    static class Older {

        private static final ScopeFactory SCOPES = ScopeFactory.create();
        private static final OpenScope APPLICATION = SCOPES.openShared("application");

        @RegisterExtension
        ScopesExtension extension = new ScopesExtension(SHORT);

        @Test
        void usesIt() {
            APPLICATION.spawn("periodic", () -> NEVER.await());
        }

        @Test
        void leavesAChildOfIt() {
            APPLICATION.fork().openShared("child");
        }

        @AfterAll
        static void close() {
            SCOPES.close();
        }
    }

    @Test
    void scope_thatLivedBefore_isNotTheTestsButItsNewChildIs() {
        assertThat(failureOf(Older.class))
                .hasMessageContaining("a scope that lives")
                .hasMessageContaining("── child (");
    }

    static class ClosedAfterwards {

        @RegisterExtension
        ScopesExtension extension = new ScopesExtension(SHORT);

        private ScopeFactory scopes;

        @BeforeEach
        void create() {
            scopes = ScopeFactory.create();
        }

        @Test
        void leaves() {
            scopes.openShared("connections");
        }

        @AfterEach
        void close() {
            scopes.close();
        }

        @Nested
        class Inner {

            @Test
            void leaves() {
                scopes.openShared("connections");
            }
        }
    }

    @Test
    void scope_closedAfterTheTest_isFine() {
        assertSucceeds(ClosedAfterwards.class, 2);
    }

    // ---- stragglers ----

    static class Straggling {

        @RegisterExtension
        ScopesExtension extension = new ScopesExtension(SHORT);

        @Test
        void leaves(ScopeFactory scopes, TestClock clock) throws InterruptedException {
            OpenScope scope = scopes.openShared("quotes");
            CountDownLatch running = new CountDownLatch(1);
            scope.spawn("stubborn", () -> {
                running.countDown();
                while (stubborn) {
                    Thread.onSpinWait();
                }
            });
            running.await();
            scope.cancel();
            clock.advance(Duration.ofDays(1));
            Assertions.assertThrows(io.traio.StragglerException.class, scope::awaitDone);
        }
    }

    @Test
    void straggler_left_isShownWithItsStack() {
        stubborn = true;
        try {
            assertThat(failureOf(Straggling.class))
                    .message()
                    .startsWith("The test left behind a straggler (")
                    .contains("── stubborn (task ", ") straggling ", "  at " + Straggling.class.getName());
        } finally {
            stubborn = false;
        }
    }

    // ---- the thread ----

    @ExtendWith(ScopesExtension.class)
    static class Interrupted {

        @Test
        void leaves() {
            Thread.currentThread().interrupt();
        }
    }

    @ExtendWith(ScopesExtension.class)
    static class InterruptedRepeatedly {

        @RepeatedTest(1)
        @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
        void leaves() {
            Thread.currentThread().interrupt();
        }
    }

    @ExtendWith(ScopesExtension.class)
    static class InterruptedDynamically {

        @TestFactory
        Stream<DynamicTest> leave() {
            return Stream.of(DynamicTest.dynamicTest(
                    "leaves", () -> Thread.currentThread().interrupt()));
        }
    }

    @Test
    void interruptFlag_left_isReportedAndCleared() {
        for (Class<?> tests :
                new Class<?>[] {Interrupted.class, InterruptedRepeatedly.class, InterruptedDynamically.class}) {
            assertThat(failureOf(tests)).hasMessageStartingWith("The test left the interrupt flag of its thread set");
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    @ExtendWith(ScopesExtension.class)
    static class Confined {

        @Test
        void leaves(ScopeFactory scopes) {
            Leaky.left = scopes.open("mirror");
            scopes.open("inner");
        }
    }

    @Test
    void currentScope_left_isReportedAndClosed() {
        assertThat(failureOf(Confined.class))
                .message()
                .contains("inner", "as the current scope of its thread")
                .contains("mirror");
        assertThat(Scope.peek()).isEmpty();
        assertThat(Leaky.left.state()).isEqualTo(Scope.State.CLOSED);
    }

    @ExtendWith(ScopesExtension.class)
    static class Bound {

        static Scope.Binding binding;

        @Test
        void leaves(ScopeFactory scopes) {
            OpenScope shared = scopes.openShared("connections");
            binding = shared.bind();
            shared.spawn("task", () -> "done");
            shared.complete();
        }
    }

    @Test
    void binding_left_isReported() {
        try {
            assertThat(failureOf(Bound.class)).hasMessageContaining("as the current scope of its thread");
        } finally {
            Bound.binding.close();
        }
    }

    // ---- parameters ----

    @ExtendWith(ScopesExtension.class)
    static class Clocked {

        private ScopeFactory before;

        @BeforeEach
        void before(ScopeFactory scopes) {
            before = scopes;
        }

        @Test
        void clockIsTheFactorys(ScopeFactory scopes, TestClock clock) {
            Assertions.assertSame(before, scopes);
            OpenScope scope = scopes.openShared("quotes", s -> s.withTimeout(Duration.ofSeconds(10)));
            clock.advance(Duration.ofSeconds(10));
            Assertions.assertThrows(ScopeTimeoutException.class, scope::awaitDone);
        }
    }

    @Test
    void factory_ofATestWithAClock_goesByIt() {
        assertSucceeds(Clocked.class, 1);
    }

    @Test
    void autodetection_on_findsTheExtension() {
        EngineTestKit.engine("junit-jupiter")
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
                .selectors(selectClass(Detected.class))
                .execute()
                .testEvents()
                .assertStatistics(counts -> counts.failed(1));
    }

    static class Detected {

        @Test
        void leaves() {
            Thread.currentThread().interrupt();
        }
    }
}
