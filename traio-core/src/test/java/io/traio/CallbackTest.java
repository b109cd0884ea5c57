// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.test.TestClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Callbacks on tasks run inside the scope, since it waits for them, and hold nobody else up (T1, S10, S15). */
@Spec({"T1", "S10", "S15"})
class CallbackTest {

    @EngineTest
    void onDone_awaitsItsOwnScope_isRefused(ScopeFactory scopes) throws Exception {
        CompletableFuture<Throwable> refused = new CompletableFuture<>();
        scopes.run("run", scope -> {
            CountDownLatch mayEnd = new CountDownLatch(1);
            Task<?> task = scope.spawn("task", () -> Blocking.await(mayEnd));
            task.onDone(t -> refused.complete(catchThrowable(scope::awaitDone)));
            mayEnd.countDown();
        });

        assertThat(refused.get(20, TimeUnit.SECONDS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("it would wait for itself");
    }

    @EngineTest
    void onDone_ofTaskThatNeverRan_awaitsItsOwnScope_isRefused(ScopeFactory scopes) throws Exception {
        CompletableFuture<Throwable> refused = new CompletableFuture<>();
        scopes.run("run", s -> s.withMaxConcurrency(1), scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("first", () -> {
                started.countDown();
                return Blocking.forever();
            });
            Blocking.await(started);
            Task<?> queued = scope.spawn("queued", () -> 1);
            queued.onDone(t -> refused.complete(catchThrowable(() -> scope.awaitDone())));
            queued.cancel();
            scope.cancel();
        });

        assertThat(refused.get(20, TimeUnit.SECONDS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("it would wait for itself");
    }

    @EngineTest
    void onDone_currentScope_isThatOfTheTask(ScopeFactory scopes) throws Exception {
        CompletableFuture<Object> current = new CompletableFuture<>();
        Scope expected = scopes.call("run", scope -> {
            CountDownLatch mayEnd = new CountDownLatch(1);
            Task<?> task = scope.spawn("task", () -> Blocking.await(mayEnd));
            task.onDone(t -> current.complete(Scope.current().orElse(null)));
            mayEnd.countDown();
            return scope;
        });

        assertThat(current.get(20, TimeUnit.SECONDS)).isSameAs(expected);
    }

    @EngineTest
    void onDone_spawns_scopeWaitsForTheNewTask(ScopeFactory scopes) {
        Task<?>[] second = new Task<?>[1];
        scopes.run("run", scope -> {
            CountDownLatch mayEnd = new CountDownLatch(1);
            Task<?> first = scope.spawn("first", () -> Blocking.await(mayEnd));
            first.onDone(t -> second[0] = scope.spawn("second", () -> 2));
            mayEnd.countDown();
        });

        assertThat(second[0].join()).isEqualTo(2);
    }

    @EngineTest
    void onDone_leavesAScopeOpen_scopeIsClosedAndThreadClean(ScopeFactory scopes) throws Exception {
        CompletableFuture<Scope> left = new CompletableFuture<>();
        scopes.run("run", scope -> {
            CountDownLatch mayEnd = new CountDownLatch(1);
            Task<?> task = scope.spawn("task", () -> Blocking.await(mayEnd));
            task.onDone(t -> left.complete(scopes.open("left open")));
            mayEnd.countDown();
        });

        assertThat(left.get(20, TimeUnit.SECONDS).state()).isEqualTo(Scope.State.CLOSED);
    }

    @EngineTest
    void join_callbackThatCameBeforeBlocks_returnsAllTheSame(Harness harness, ScopeFactory scopes) throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch callbackMayEnd = new CountDownLatch(1);
        CountDownLatch joined = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("shared");
        Task<Integer> task = scope.spawn("task", () -> {
            started.countDown();
            Blocking.await(mayEnd);
            return 1;
        });
        task.onDone(t -> Blocking.stubbornly(callbackMayEnd));
        // Else the one who joins may help: the callback would run on its own thread.
        Blocking.await(started);
        Thread joiner = harness.helper(() -> {
            task.join();
            joined.countDown();
        });
        Blocking.untilParked(joiner);
        mayEnd.countDown();

        Blocking.await(joined);
        callbackMayEnd.countDown();
        scope.join();
    }

    @EngineTest
    void onDone_ofStraggler_thatIsStillRunning_keepsNoEndedScopeListed(ScopeFactory scopes, TestClock clock) {
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch callbackMayEnd = new CountDownLatch(1);
        Duration limit = Duration.ofSeconds(1);

        scopes.run("run", s -> s.withCancelTimeout(limit), scope -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = scope.spawn("stubborn", () -> {
                started.countDown();
                Blocking.stubbornly(mayEnd);
            });
            task.onDone(t -> Blocking.stubbornly(callbackMayEnd));
            Blocking.await(started);
            task.cancel();
            clock.advance(limit);
            assertThat(task.status()).isEqualTo(Task.Status.STRAGGLING);
            mayEnd.countDown();
            Blocking.until("the straggler is gone", task::isDone);
        });

        assertThat(scopes.scopes()).isEmpty();
        callbackMayEnd.countDown();
    }

    @EngineTest
    void onDone_ofScopeLeavesAScopeOpen_scopeIsClosedAndThreadClean(ScopeFactory scopes) throws Exception {
        OpenScope shared = scopes.openShared("shared");
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        CompletableFuture<Scope> left = new CompletableFuture<>();
        shared.onDone(scope -> left.complete(scopes.open("left", s -> s.withDetached(true))));
        shared.spawn("task", () -> {
            started.countDown();
            return Blocking.await(mayEnd);
        });
        Blocking.await(started);
        shared.complete();
        mayEnd.countDown();

        Scope open = left.get(20, TimeUnit.SECONDS);
        Blocking.until("the scope is closed", () -> open.state() == Scope.State.CLOSED);
    }
}
