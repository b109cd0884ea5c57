// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.EngineTest.Threads;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The life of a factory: which scopes live, and how all are brought to an end (S1, faults 20 and 24). */
@Spec({"S1", "Threads"})
class FactoryTest {

    @EngineTest
    void close_cancelsLiveScopesAndWaits(ScopeFactory scopes) {
        OpenScope one = scopes.openShared("one");
        OpenScope two = scopes.openShared("two");
        Task<?> task = one.spawn("task", Blocking::forever);

        scopes.close();

        assertThat(task.isDone()).isTrue();
        assertThat(one.state()).isEqualTo(Scope.State.CLOSED);
        assertThat(two.state()).isEqualTo(Scope.State.CLOSED);
        assertThat(scopes.scopes()).isEmpty();
        assertThatThrownBy(one::awaitDone).isInstanceOf(ScopeCancelledException.class);
    }

    @EngineTest
    void fault24_close_interruptsBodyOfAnotherThread(Harness harness, ScopeFactory scopes) throws Exception {
        CountDownLatch inBody = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread owner = harness.helper(() -> thrown.set(catchThrowable(() -> scopes.run("run", scope -> {
            scope.spawn("task", Blocking::forever);
            inBody.countDown();
            Blocking.forever();
        }))));
        Blocking.await(inBody);

        scopes.close();

        owner.join();
        assertThat(thrown.get()).isInstanceOf(ScopeCancelledException.class);
    }

    @EngineTest
    void close_newRoots_areRefused(ScopeFactory scopes) {
        scopes.close();
        scopes.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> scopes.run("late", scope -> {}))
                .withMessageContaining("late")
                .withMessageContaining("closed");
        assertThatIllegalStateException().isThrownBy(() -> scopes.call("late", scope -> 1));
        assertThatIllegalStateException().isThrownBy(() -> scopes.open("late"));
        assertThatIllegalStateException().isThrownBy(() -> scopes.openShared("late"));
        assertThat(Scope.current()).isEmpty();
    }

    @EngineTest
    void close_fromInsideAScope_doesNotWaitForItself(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("run", scope -> scopes.close()))
                .isInstanceOf(ScopeCancelledException.class);
        assertThat(scopes.scopes()).isEmpty();
    }

    @EngineTest
    void drain_noScopes_isTrueAndRefusesNewOnes(ScopeFactory scopes) {
        assertThat(scopes.drain(Duration.ofSeconds(20))).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> scopes.run("late", scope -> {}));
    }

    @EngineTest
    void drain_scopeEndsInTime_isTrue(Harness harness, ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("shared");
        Task<?> task = scope.spawn("task", () -> Blocking.await(mayEnd));
        scope.complete();
        Thread drainer = Thread.currentThread();
        harness.helper(() -> {
            Blocking.until("drain has begun", () -> {
                Throwable refused =
                        catchThrowable(() -> scopes.openShared("probe").close());
                return refused instanceof IllegalStateException;
            });
            Blocking.untilParked(drainer);
            mayEnd.countDown();
        });

        assertThat(scopes.drain(Duration.ofSeconds(20))).isTrue();
        assertThat(task.status()).isEqualTo(Task.Status.SUCCEEDED);
    }

    @EngineTest
    void drain_scopeRunsOn_isFalseAndLeavesItAlone(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("shared");

        assertThat(scopes.drain(Duration.ofMillis(20))).isFalse();
        assertThat(scopes.drain(Duration.ZERO)).isFalse();
        assertThat(scopes.drain(Duration.ofSeconds(-1))).isFalse();

        assertThat(scope.isCancelled()).isFalse();
        assertThat(scope.spawn("children and tasks are welcome", () -> 1).join())
                .isEqualTo(1);
        scope.close();
    }

    @EngineTest
    void drain_interrupted_throwsAndFlagIsSet(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("shared");
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> scopes.drain(Duration.ofSeconds(20))).isInstanceOf(ScopeInterruptedException.class);

        assertThat(Thread.interrupted()).isTrue();
        scope.close();
    }

    @EngineTest
    void drain_timeGoesByOnItsClock(Harness harness, ScopeFactory scopes, TestClock clock) throws Exception {
        OpenScope scope = scopes.openShared("shared");
        AtomicBoolean drained = new AtomicBoolean(true);
        Thread drainer = harness.helper(() -> drained.set(scopes.drain(Duration.ofSeconds(5))));
        clock.awaitAlarms(1);
        clock.advance(Duration.ofSeconds(5));
        drainer.join();

        assertThat(drained).isFalse();
        scope.close();
    }

    @Test
    void fault20_scopeNeverClosed_isListedUntilFactoryCloses() {
        ScopeFactory scopes = ScopeFactory.create();
        OpenScope forgotten = scopes.openShared("forgotten");
        Task<?> task = forgotten.spawn("task", Blocking::forever);

        assertThat(scopes.scopes()).containsExactly(forgotten);
        assertThat(scopes.find(forgotten.id())).contains(forgotten);
        assertThat(forgotten.snapshot().openedAt()).isNotNull();

        scopes.close();
        assertThat(task.isDone()).isTrue();
        assertThat(scopes.scopes()).isEmpty();
    }

    @EngineTest(on = Threads.DEFAULT)
    void threads_byDefault_areVirtualFromJdk21OnAndPooledDaemonsBefore(ScopeFactory scopes) throws Exception {
        AtomicReference<Thread> thread = new AtomicReference<>();
        scopes.run("run", scope -> scope.spawn("named", () -> thread.set(Thread.currentThread())));

        if (Runtime.version().feature() >= 21) {
            assertThat((boolean) Thread.class.getMethod("isVirtual").invoke(thread.get()))
                    .isTrue();
            assertThat(thread.get().getName()).isEqualTo("named");
        } else {
            assertThat(thread.get().getName()).startsWith("traio-");
        }
        assertThat(thread.get().isDaemon()).isTrue();
    }

    @EngineTest(on = Threads.FACTORY)
    void threads_ofAFactory_keepTheirNames(ScopeFactory scopes) {
        AtomicReference<String> name = new AtomicReference<>();
        scopes.run(
                "run",
                scope -> scope.spawn(
                        "named", () -> name.set(Thread.currentThread().getName())));

        assertThat(name.get()).startsWith("task-thread-");
    }

    @EngineTest(on = Threads.POOL)
    void executorThatWasGiven_isNotShutDownByClose(Harness harness) throws Exception {
        var pool = harness.pool(1);
        ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(pool));
        scopes.run("run", scope -> scope.spawn("task", () -> 1));
        scopes.close();
        CountDownLatch ran = new CountDownLatch(1);

        pool.execute(ran::countDown);

        Blocking.await(ran);
    }

    @EngineTest(on = Threads.POOL)
    void helpingOff_tasksRunOnTheExecutorOnly(Harness harness) {
        var pool = harness.pool(2);
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(pool).withCompensation(false))) {
            Thread owner = Thread.currentThread();
            scopes.run("run", s -> s.withMaxConcurrency(2), scope -> {
                for (int i = 0; i < 100; i++) {
                    Task<?> task = scope.spawn(() -> {
                        assertThat(Thread.currentThread()).isNotSameAs(owner);
                    });
                    task.join();
                }
            });
        }
    }

    @EngineTest
    void drain_fromInsideAScope_isRefused(ScopeFactory scopes) {
        scopes.run(
                "run",
                scope -> assertThatIllegalStateException()
                        .isThrownBy(() -> scopes.drain(Duration.ofSeconds(20)))
                        .withMessageContaining("run")
                        .withMessageContaining("it would wait for itself"));
    }

    @EngineTest
    void scopesWithoutAName_areNamedByDefault(ScopeFactory scopes) {
        scopes.run(scope -> assertThat(scope.name()).isEqualTo("scope"));
        assertThat(scopes.<String>call(Scope::name)).isEqualTo("scope");
        try (OpenScope open = scopes.open();
                OpenScope shared = open.fork().openShared()) {
            assertThat(open.name()).isEqualTo("scope");
            assertThat(shared.name()).isEqualTo("scope");
        }
    }

    @Test
    void fault20_sharedScopeNeverClosed_isReportedWithThePlaceThatOpenedIt() {
        LogCapture log = new LogCapture();
        ScopeFactory scopes =
                ScopeFactory.create(f -> f.withLogger(log.logger()).withLeakDetection(LeakDetection.ALL));
        scopes.openShared("forgotten");
        scopes.openShared("ends by itself", s -> s.withTimeout(Duration.ofHours(1)));
        scopes.openShared("completed").complete();
        scopes.close();

        assertThat(log.messages(Level.WARN))
                .singleElement()
                .asString()
                .contains("'forgotten'", "neither completed nor closed")
                .containsPattern(
                        "opened at io\\.traio\\.FactoryTest\\.fault20_sharedScopeNeverClosed\\w+\\(FactoryTest\\.java:\\d+\\)");
    }

    @Test
    void fault20_scopeOfADeadThread_isReportedWithThePlaceThatOpenedIt() throws InterruptedException {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = ScopeFactory.create(f -> f.withLogger(log.logger())
                .withLeakDetection(LeakDetection.ALL)
                .withDefaults(s -> s.withCancelTimeout(Duration.ofMillis(1))));
        Thread owner = new Thread(() -> scopes.open("forgotten"));
        owner.start();
        owner.join();
        scopes.close();

        assertThat(log.messages(Level.ERROR))
                .singleElement()
                .asString()
                .contains("'forgotten'", "left open", "FactoryTest.java:", "its owner is");
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void fault20_childBelowASharedRootOfADeadThread_isReportedAndCloseReturns() throws InterruptedException {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = ScopeFactory.create(f -> f.withLogger(log.logger())
                .withLeakDetection(LeakDetection.ALL)
                .withDefaults(s -> s.withCancelTimeout(Duration.ofMillis(1))));
        OpenScope root = scopes.openShared("root");
        Thread owner = new Thread(() -> root.fork().open("forgotten"));
        owner.start();
        owner.join();
        scopes.close();

        assertThat(log.messages(Level.ERROR))
                .singleElement()
                .asString()
                .contains("'forgotten'", "left open", "FactoryTest.java:", "its owner is");
    }
}
