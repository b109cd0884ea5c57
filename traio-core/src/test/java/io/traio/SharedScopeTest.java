// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.test.TestClock;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Long-lived scopes that any thread may use (S1, S3), their callbacks and those who await them (S15). */
@Spec({"S1", "S3", "S15"})
class SharedScopeTest {

    @EngineTest
    void openShared_doesNotBecomeCurrent(ScopeFactory scopes) {
        try (OpenScope scope = scopes.openShared("shared")) {
            assertThat(Scope.current()).isEmpty();
            assertThat(scope.state()).isEqualTo(Scope.State.OPEN);
            assertThat(scopes.scopes()).containsExactly(scope);
        }
    }

    @EngineTest
    void spawn_fromSeveralThreads_allRun(Harness harness, ScopeFactory scopes) throws Exception {
        OpenScope scope = scopes.openShared("shared");
        Queue<Task<?>> tasks = new ConcurrentLinkedQueue<>();
        Thread one = harness.helper(() -> spawnSome(scope, tasks));
        Thread two = harness.helper(() -> spawnSome(scope, tasks));
        one.join();
        two.join();

        scope.complete();
        scope.awaitDone();

        assertThat(tasks).hasSize(200).allMatch(task -> task.status() == Task.Status.SUCCEEDED);
        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
    }

    private static void spawnSome(Scope scope, Queue<Task<?>> tasks) {
        for (int i = 0; i < 100; i++) {
            tasks.add(scope.spawn(() -> 1));
        }
    }

    @EngineTest
    void awaitDone_inAnotherThread_returnsWhenLastTaskEnds(Harness harness, ScopeFactory scopes) throws Exception {
        OpenScope scope = scopes.openShared("shared");
        CountDownLatch mayEnd = new CountDownLatch(1);
        Task<?> task = scope.spawn("task", () -> Blocking.await(mayEnd));
        AtomicBoolean doneAtReturn = new AtomicBoolean();
        Thread waiter = harness.helper(() -> {
            scope.awaitDone();
            doneAtReturn.set(task.isDone());
        });
        Blocking.untilParked(waiter);

        scope.complete();
        assertThat(scope.state()).isEqualTo(Scope.State.COMPLETING);
        mayEnd.countDown();
        waiter.join();

        assertThat(doneAtReturn).isTrue();
    }

    @EngineTest
    void complete_withoutTasks_endsScope(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("shared");

        scope.complete();

        scope.awaitDone();
        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
        scope.complete();
    }

    @EngineTest
    void complete_lastTaskGone_endsScope(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("shared");
        scope.spawn("task", () -> 1).join();

        scope.complete();

        scope.awaitDone();
    }

    @EngineTest
    void complete_backgroundTaskRuns_cancelsItAndEnds(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("shared");
        Task<?> background = scope.spawn("background", Blocking::forever, t -> t.withAwaited(false));

        scope.complete();

        scope.awaitDone();
        assertThat(background.isCancelled()).isTrue();
    }

    @EngineTest
    void spawn_afterCompleteFromOutside_isRefused(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("mirror");
        scope.spawn("task", () -> Blocking.await(mayEnd));
        scope.complete();

        assertThatIllegalStateException()
                .isThrownBy(() -> scope.spawn("late", () -> 1))
                .withMessageContaining("mirror");
        assertThat(scope.trySpawn("late", () -> 1, t -> t)).isEmpty();

        mayEnd.countDown();
        scope.awaitDone();
    }

    @EngineTest
    void task_fails_scopeEndsAndEachWaiterGetsFailure(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("task");
        OpenScope scope = scopes.openShared("shared");
        scope.spawn("task", () -> {
            throw failure;
        });

        assertThatThrownBy(scope::awaitDone).isSameAs(failure);
        assertThatThrownBy(scope::awaitDone).isSameAs(failure);
        assertThatThrownBy(() -> scope.awaitDone(Duration.ZERO)).isSameAs(failure);
        assertThatThrownBy(scope::join).isSameAs(failure);
        scope.close();
    }

    @EngineTest
    void close_tasksRun_stopsThem(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("shared");
        Task<?> task = scope.spawn("task", Blocking::forever);

        scope.close();

        assertThat(task.isDone()).isTrue();
        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
        scope.close();
    }

    @EngineTest
    void close_byAnotherThread_isAllowed(Harness harness, ScopeFactory scopes) throws Exception {
        OpenScope scope = scopes.openShared("shared");
        scope.spawn("task", Blocking::forever);

        harness.helper(scope::close).join();

        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
    }

    @EngineTest
    void fault03_closeAndJoinFromInside_areRefused(ScopeFactory scopes) {
        try (OpenScope scope = scopes.openShared("mirror")) {
            scope.await("task", () -> {
                assertThatIllegalStateException().isThrownBy(scope::join).withMessageContaining("mirror");
                assertThatIllegalStateException().isThrownBy(scope::close).withMessageContaining("mirror");
                return null;
            });
            assertThat(scope.state()).isEqualTo(Scope.State.OPEN);
        }
    }

    @EngineTest
    void awaitDone_fromBody_isRefused(ScopeFactory scopes) {
        scopes.run("mirror", scope -> {
            assertThatIllegalStateException().isThrownBy(scope::awaitDone).withMessageContaining("mirror");
            assertThatIllegalStateException().isThrownBy(() -> scope.awaitDone(Duration.ofSeconds(1)));
        });
    }

    @EngineTest
    void awaitDone_fromTask_isRefused(ScopeFactory scopes) {
        scopes.run(
                "run",
                scope -> scope.spawn(
                        "task", () -> assertThatIllegalStateException().isThrownBy(scope::awaitDone)));
    }

    @EngineTest
    void awaitDone_fromScopeBelow_isRefused(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> scopes.run("inner", inner -> {
                    assertThatIllegalStateException().isThrownBy(outer::awaitDone);
                    inner.spawn("task", () -> assertThatIllegalStateException().isThrownBy(outer::awaitDone));
                }));
    }

    @EngineTest
    void awaitDone_ofChildFromParentsBody_isAllowed(ScopeFactory scopes) {
        scopes.run("parent", parent -> {
            OpenScope child = scopes.openShared("child");
            Task<Integer> task = child.spawn("task", () -> 1);
            child.complete();
            child.awaitDone();
            assertThat(task.isDone()).isTrue();
        });
    }

    @EngineTest
    void awaitDone_inCancelledBody_throwsAtOnce(ScopeFactory scopes) {
        try (OpenScope shared = scopes.openShared("shared")) {
            scopes.run("run", s -> s.withDetached(true), scope -> {
                scope.cancel();
                assertThatThrownBy(shared::awaitDone).isInstanceOf(ScopeCancelledException.class);
            });
        }
    }

    @EngineTest
    void awaitDone_timeOver_returnsFalseAndScopeGoesOn(ScopeFactory scopes) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("shared");
        scope.spawn("task", () -> Blocking.await(mayEnd));
        scope.complete();

        assertThat(scope.awaitDone(Duration.ofMillis(10))).isFalse();
        assertThat(scope.awaitDone(Duration.ZERO)).isFalse();
        assertThat(scope.awaitDone(Duration.ofSeconds(-1))).isFalse();
        assertThat(scope.isCancelled()).isFalse();

        mayEnd.countDown();
        assertThat(scope.awaitDone(Duration.ofSeconds(20))).isTrue();
    }

    @EngineTest
    void awaitDone_timeOverOnTestClock_returnsFalse(Harness harness, ScopeFactory scopes, TestClock clock)
            throws Exception {
        try (OpenScope scope = scopes.openShared("shared")) {
            AtomicReference<Boolean> ended = new AtomicReference<>();
            Thread waiter = harness.helper(() -> ended.set(scope.awaitDone(Duration.ofSeconds(1))));
            clock.awaitAlarms(1);

            clock.advance(Duration.ofSeconds(1));
            waiter.join();

            assertThat(ended.get()).isFalse();
            assertThat(clock.pendingAlarms()).isZero();
        }
    }

    @EngineTest
    void fault11_awaitDoneWithExtremeTimes_doesNotOverflow(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("shared");
        assertThat(scope.awaitDone(Duration.ofSeconds(Long.MIN_VALUE))).isFalse();
        scope.complete();
        assertThat(scope.awaitDone(Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
        assertThat(scope.awaitDone(ScopeOptions.FOREVER)).isTrue();
        assertThatNullPointerException().isThrownBy(() -> scope.awaitDone(null));
    }

    @EngineTest
    void awaitDone_ofBodyScopeFromAnotherThread_waits(Harness harness, ScopeFactory scopes) {
        AtomicBoolean returned = new AtomicBoolean();

        scopes.run("run", scope -> {
            Thread waiter = harness.helper(() -> {
                scope.awaitDone();
                returned.set(scope.state() == Scope.State.CLOSED);
            });
            Blocking.untilParked(waiter);
            assertThat(returned).isFalse();
        });

        Blocking.until("the other thread has seen the end", returned::get);
    }

    // ---- callbacks ----

    @EngineTest
    void onDone_beforeEnd_runsOnceWhenNoTaskRuns(ScopeFactory scopes) {
        Queue<Scope.State> seen = new ConcurrentLinkedQueue<>();
        AtomicReference<Task<?>> task = new AtomicReference<>();

        scopes.run("run", scope -> {
            scope.onDone(s -> {
                assertThat(task.get().isDone()).isTrue();
                seen.add(s.state());
            });
            task.set(scope.spawn("task", () -> 1));
        });

        Blocking.until("the callback has run", () -> !seen.isEmpty());
        assertThat(seen).containsExactly(Scope.State.CLOSED);
    }

    @EngineTest
    void onDone_afterEnd_runsHereAndNow(ScopeFactory scopes) {
        Scope dead = scopes.call("call", scope -> scope);
        AtomicReference<Thread> ran = new AtomicReference<>();

        dead.onDone(scope -> ran.set(Thread.currentThread()));

        assertThat(ran.get()).isSameAs(Thread.currentThread());
    }

    @EngineTest
    void onDone_callbackThrows_othersRunAndExitIsAsItWas(ScopeFactory scopes) {
        Queue<String> ran = new ConcurrentLinkedQueue<>();

        String value = scopes.call("call", scope -> {
            scope.onDone(s -> ran.add("first"));
            scope.onDone(s -> {
                throw new IllegalStateException("callback");
            });
            scope.onDone(s -> ran.add("third"));
            return "value";
        });

        assertThat(value).isEqualTo("value");
        Blocking.until("the callbacks have run", () -> ran.size() == 2);
        assertThat(ran).containsExactlyInAnyOrder("first", "third");
    }

    @EngineTest
    void onDone_ofSharedScope_runsAfterCancel(ScopeFactory scopes) {
        CountDownLatch ran = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("shared");
        scope.onDone(s -> ran.countDown());
        scope.spawn("task", Blocking::forever);

        scope.cancel();

        assertThat(catchThrowable(() -> Blocking.await(ran))).isNull();
    }

    @EngineTest
    void fault01_onDoneNull_isRefused(ScopeFactory scopes) {
        scopes.run("run", scope -> assertThatNullPointerException().isThrownBy(() -> scope.onDone(null)));
    }

    /** A scope with a straggler, which has been marked as one. */
    private static OpenScope straggling(ScopeFactory scopes, TestClock clock, CountDownLatch mayEnd)
            throws InterruptedException {
        OpenScope scope = scopes.openShared("shared");
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn(
                "stubborn",
                () -> {
                    started.countDown();
                    return Blocking.stubbornly(mayEnd);
                },
                t -> t.withCancelTimeout(Duration.ofSeconds(1)));
        Blocking.await(started);
        scope.cancel();
        clock.advance(Duration.ofSeconds(2));
        return scope;
    }

    @EngineTest
    void close_afterAJoinThatThrownAStraggler_doesNotThrowItAgain(ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);

        Throwable thrown = catchThrowable(() -> {
            try (OpenScope scope = straggling(scopes, clock, mayEnd)) {
                scope.join();
            }
        });

        assertThat(thrown).isInstanceOf(StragglerException.class);
        mayEnd.countDown();
    }

    @EngineTest
    void close_twiceWithAStraggler_secondDoesNothing(ScopeFactory scopes, TestClock clock) throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        OpenScope scope = straggling(scopes, clock, mayEnd);

        assertThatThrownBy(scope::close).isInstanceOf(StragglerException.class);
        scope.close();
        assertThat(scope.state()).isEqualTo(Scope.State.STRAGGLING);
        mayEnd.countDown();
    }

    @EngineTest
    void awaitDone_fromADetachedScopeInTheBody_isRefused(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> scopes.run(
                        "detached",
                        s -> s.withDetached(true),
                        detached -> assertThatIllegalStateException()
                                .isThrownBy(outer::awaitDone)
                                .withMessageContaining("'outer'")));
    }

    @EngineTest
    void complete_childOnABoundThread_isWaitedFor(Harness harness, ScopeFactory scopes) throws Exception {
        OpenScope parent = scopes.openShared("parent");
        AtomicReference<Scope> child = new AtomicReference<>();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Thread bound = harness.helper(() -> {
            try (Scope.Binding binding = parent.bind()) {
                scopes.run("child", scope -> {
                    child.set(scope);
                    inside.countDown();
                    Blocking.await(mayEnd);
                });
            }
        });
        Blocking.await(inside);
        parent.complete();

        assertThat(parent.state()).isEqualTo(Scope.State.COMPLETING);
        assertThat(child.get().isCancelled()).isFalse();
        mayEnd.countDown();
        parent.awaitDone();
        bound.join();
    }
}
