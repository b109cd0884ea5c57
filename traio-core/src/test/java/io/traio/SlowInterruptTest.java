// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.EngineTest.Threads;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An interrupt that takes long to deliver, because of a hook of a selector or a channel, holds up nobody else. */
@Spec({"S6", "T7"})
class SlowInterruptTest {

    private static final long LIMIT_SECONDS = 10;

    private final CountDownLatch hookMayEnd = new CountDownLatch(1);
    private final CountDownLatch inHook = new CountDownLatch(1);

    private SlowChannel slowChannel() {
        return new SlowChannel(() -> {
            inHook.countDown();
            Blocking.stubbornly(hookMayEnd);
        });
    }

    private Task<?> spawnSlow(Scope scope) throws InterruptedException {
        return slowChannel().spawnIn(scope);
    }

    /** Spawns a task that blocks until it is interrupted, and then counts down. */
    private static void spawnOther(Scope scope, CountDownLatch ended) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn("other", () -> {
            started.countDown();
            try {
                return Blocking.forever();
            } finally {
                ended.countDown();
            }
        });
        Blocking.await(started);
    }

    private void assertEnd(CountDownLatch ended, String what) throws InterruptedException {
        try {
            assertThat(ended.await(LIMIT_SECONDS, TimeUnit.SECONDS)).as(what).isTrue();
            assertThat(hookMayEnd.getCount()).isOne();
        } finally {
            hookMayEnd.countDown();
        }
    }

    @EngineTest(pool = 3)
    void cancelOfAScope_otherTasksAreInterrupted(Harness harness) throws Exception {
        OpenScope scope = harness.scopes().openShared("scope");
        CountDownLatch ended = new CountDownLatch(2);
        spawnOther(scope, ended);
        spawnSlow(scope);
        spawnOther(scope, ended);
        harness.helper(scope::cancel);

        assertEnd(ended, "the tasks before and after it are interrupted");
        scope.awaitDone();
    }

    @EngineTest(pool = 3)
    void cancelOfAScope_tasksOfScopesBelowAreInterrupted(Harness harness) throws Exception {
        OpenScope scope = harness.scopes().openShared("scope");
        CountDownLatch ended = new CountDownLatch(2);
        OpenScope first = scope.fork().openShared("first");
        spawnOther(first, ended);
        spawnSlow(scope);
        OpenScope second = scope.fork().openShared("second");
        spawnOther(second, ended);
        harness.helper(scope::cancel);

        assertEnd(ended, "the tasks of both scopes below are interrupted");
        scope.awaitDone();
    }

    @EngineTest(pool = 3)
    void cancelOfATask_scopeCanBeCancelledMeanwhile(Harness harness) throws Exception {
        OpenScope scope = harness.scopes().openShared("scope");
        CountDownLatch ended = new CountDownLatch(1);
        Task<?> slow = spawnSlow(scope);
        spawnOther(scope, ended);
        harness.helper(slow::cancel);
        Blocking.await(inHook);
        harness.helper(scope::cancel);

        assertEnd(ended, "the other task is interrupted");
        scope.awaitDone();
    }

    @EngineTest(pool = 3)
    void cancelOfTwoScopes_neitherWaitsForTheOther(Harness harness) throws Exception {
        OpenScope scope = harness.scopes().openShared("scope");
        OpenScope another = harness.scopes().openShared("another");
        CountDownLatch ended = new CountDownLatch(1);
        spawnSlow(scope);
        spawnOther(another, ended);
        harness.helper(scope::cancel);
        Blocking.await(inHook);
        harness.helper(another::cancel);

        assertEnd(ended, "the task of the other scope is interrupted");
        scope.awaitDone();
        another.awaitDone();
    }

    @EngineTest(pool = 3)
    void timeout_otherTasksAreInterrupted(Harness harness) throws Exception {
        OpenScope scope = harness.scopes().openShared("scope");
        CountDownLatch ended = new CountDownLatch(2);
        spawnOther(scope, ended);
        spawnSlow(scope);
        spawnOther(scope, ended);
        scope.setTimeout(Duration.ofMillis(1));

        assertEnd(ended, "the tasks before and after it are interrupted");
        Blocking.until("it has ended", () -> scope.state() == Scope.State.CLOSED);
    }

    @EngineTest(pool = 3)
    void failureOfATask_otherTasksAreInterrupted(Harness harness) throws Exception {
        OpenScope scope = harness.scopes().openShared("scope", s -> s.withMaxConcurrency(3));
        CountDownLatch ended = new CountDownLatch(1);
        spawnSlow(scope);
        spawnOther(scope, ended);
        scope.spawn("failing", () -> {
            throw new IllegalStateException("boom");
        });

        assertEnd(ended, "the other task is interrupted");
        Blocking.until("it has ended", () -> scope.state() == Scope.State.CLOSED);
    }

    /** The owner is notified first, and is the one that takes long. */
    @EngineTest(pool = 3)
    void owner_isSlow_itsTasksAreInterrupted(Harness harness) throws Exception {
        for (OwnerThread owner : OwnerThread.all()) {
            SlowInterruptTest round = new SlowInterruptTest();
            owner.run(() -> harness.scopes().run("scope", scope -> {
                CountDownLatch ended = new CountDownLatch(1);
                CountDownLatch blocked = new CountDownLatch(1);
                spawnOther(scope, ended);
                harness.helper(() -> {
                    Blocking.await(blocked);
                    harness.helper(scope::cancel);
                    round.assertEnd(ended, "the task is interrupted, owner on " + owner);
                });
                Thread.interrupted();
                try {
                    round.slowChannel().block(blocked);
                } catch (java.nio.channels.ClosedByInterruptException e) {
                    // As it should be.
                }
            }));
        }
    }

    /** A thread whose own method takes long. */
    @EngineTest(on = Threads.FACTORY)
    void threadOfTheUsers_isSlow_otherTasksAreInterrupted(Harness harness) throws Exception {
        ScopeFactory scopes = harness.scopes(f -> f.withThreadFactory(command -> new Thread(command, "slow one") {
            @Override
            public void interrupt() {
                if (inHook.getCount() > 0) {
                    inHook.countDown();
                    Blocking.stubbornly(hookMayEnd);
                }
                super.interrupt();
            }
        }));
        OpenScope scope = scopes.openShared("scope");
        CountDownLatch ended = new CountDownLatch(2);
        for (int i = 0; i < 3; i++) {
            spawnOther(scope, ended);
        }
        harness.helper(scope::cancel);

        assertEnd(ended, "the two others are interrupted");
        scope.awaitDone();
    }

    /** The alarm of another scope must not wait for the interrupt of this one. */
    @EngineTest(pool = 3)
    void timeoutsOfTwoScopes_neitherWaitsForTheOther(Harness harness) throws Exception {
        OpenScope scope = harness.scopes().openShared("scope");
        spawnSlow(scope);
        scope.setTimeout(Duration.ofMillis(1));
        Blocking.await(inHook);
        CountDownLatch ended = new CountDownLatch(1);
        OpenScope another = harness.scopes().openShared("another");
        spawnOther(another, ended);
        another.setTimeout(Duration.ofMillis(1));

        assertEnd(ended, "the task of the other scope is interrupted");
        Blocking.until(
                "both have ended", () -> scope.state() == Scope.State.CLOSED && another.state() == Scope.State.CLOSED);
    }
}
