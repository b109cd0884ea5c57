// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** A scope as the resource of a try block (S1, S14). */
@Spec({"S1", "S14"})
class OpenScopeTest {

    @EngineTest
    void join_tasksSucceed_waitsForThem(ScopeFactory scopes) {
        try (OpenScope scope = scopes.open("open")) {
            Task<Integer> one = scope.spawn("one", () -> 1);
            Task<Integer> two = scope.spawn("two", () -> 2);
            scope.join();

            assertThat(one.isDone()).isTrue();
            assertThat(two.isDone()).isTrue();
            assertThat(one.join() + two.join()).isEqualTo(3);
        }
    }

    @EngineTest
    void join_taskFails_throwsItsFailureEachTime(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("task");
        try (OpenScope scope = scopes.open("open")) {
            scope.spawn("task", () -> {
                throw failure;
            });

            assertThatThrownBy(scope::join).isSameAs(failure);
            assertThatThrownBy(scope::join).isSameAs(failure);
        }
    }

    @EngineTest
    void join_taskFailsChecked_throwsWrapper(ScopeFactory scopes) {
        IOException failure = new IOException("task");
        try (OpenScope scope = scopes.open("mirror")) {
            scope.spawn("copy", () -> {
                throw failure;
            });

            assertThatThrownBy(scope::join)
                    .isExactlyInstanceOf(ScopeFailedException.class)
                    .hasMessageContaining("copy")
                    .hasCause(failure);
        }
    }

    @EngineTest
    void join_afterTryBlockThrew_closeCancelsSilently(ScopeFactory scopes) {
        IllegalArgumentException failure = new IllegalArgumentException("try block");

        Throwable thrown = catchThrowable(() -> {
            try (OpenScope scope = scopes.open("open")) {
                scope.spawn("task", Blocking::forever);
                throw failure;
            }
        });

        // Java itself keeps what close() throws as suppressed.
        assertThat(thrown).isSameAs(failure);
    }

    @EngineTest
    void taskFails_ownerBlocks_isInterrupted(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("task");
        AtomicReference<Throwable> met = new AtomicReference<>();
        try (OpenScope scope = scopes.open("open")) {
            scope.spawn("task", () -> {
                throw failure;
            });
            met.set(catchThrowable(Blocking::forever));
            assertThatThrownBy(scope::join).isSameAs(failure);
        }

        assertThat(met.get()).isInstanceOf(InterruptedException.class);
    }

    @EngineTest
    void cancel_joinReturnsSilently(ScopeFactory scopes) {
        try (OpenScope scope = scopes.open("open")) {
            scope.spawn("task", Blocking::forever);
            scope.cancel();
            scope.join();

            assertThat(scope.isCancelled()).isTrue();
        }
    }

    @EngineTest
    void fault14_closeWithoutJoin_tasksAreCancelledAndItThrows(ScopeFactory scopes) {
        AtomicBoolean cleaned = new AtomicBoolean();
        OpenScope scope = scopes.open("mirror");
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn("task", () -> {
            started.countDown();
            try {
                return Blocking.forever();
            } finally {
                cleaned.set(true);
            }
        });
        assertThat(catchThrowable(() -> Blocking.await(started))).isNull();

        assertThatIllegalStateException()
                .isThrownBy(scope::close)
                .withMessageContaining("mirror")
                .withMessageContainingAll("oin");

        assertThat(cleaned).isTrue();
        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
    }

    @EngineTest
    void fault14_closeWithoutJoinButTasksDone_isAllowed(ScopeFactory scopes) {
        for (int round = 0; round < 200; round++) {
            OpenScope scope = scopes.open("open");
            scope.spawn("task", () -> 1).join();

            scope.close();

            assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
        }
    }

    @EngineTest
    void fault14_closeOfEmptyScopeWithoutJoin_isAllowed(ScopeFactory scopes) {
        OpenScope scope = scopes.open("open");

        scope.close();

        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
    }

    @EngineTest
    void fault14_closeWithoutJoinAfterFailure_failureIsNotLost(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("task");
        OpenScope scope = scopes.open("open");
        scope.spawn("task", () -> {
            throw failure;
        });
        Blocking.until("the failure has bubbled", scope::isCancelled);
        Blocking.until("the task is gone", () -> scope.snapshot().tasks().isEmpty());

        Throwable thrown = catchThrowable(scope::close);

        assertThat(thrown)
                .isInstanceOf(ScopeFailedException.class)
                .hasCause(failure)
                .hasMessageContaining("'open'")
                .hasMessageContaining("without a join");
    }

    @EngineTest
    void fault14_closeTwice_secondDoesNothing(ScopeFactory scopes) {
        OpenScope scope = scopes.open("open");
        scope.spawn("task", Blocking::forever);

        assertThatIllegalStateException().isThrownBy(scope::close);
        scope.close();
        scope.close();
    }

    @EngineTest
    void fault14_closeTwiceAfterJoin_doesNothing(ScopeFactory scopes) {
        OpenScope scope = scopes.open("open");
        scope.join();
        scope.close();
        scope.close();

        assertThat(Scope.current()).isEmpty();
    }

    @EngineTest
    void fault14_closeAfterJoinThatThrew_doesNotThrow(ScopeFactory scopes) {
        OpenScope scope = scopes.open("open");
        scope.spawn("task", () -> {
            throw new IllegalStateException("task");
        });
        assertThatThrownBy(scope::join).hasMessage("task");

        scope.close();
    }

    @EngineTest
    void fault03_joinByAnotherThread_isRefused(Harness harness, ScopeFactory scopes) throws Exception {
        try (OpenScope scope = scopes.open("mirror")) {
            harness.helper(() -> assertThatIllegalStateException()
                            .isThrownBy(scope::join)
                            .withMessageContaining("mirror"))
                    .join();

            assertThat(scope.state()).isEqualTo(Scope.State.OPEN);
        }
    }

    @EngineTest
    void fault03_closeByAnotherThread_isRefused(Harness harness, ScopeFactory scopes) throws Exception {
        try (OpenScope scope = scopes.open("mirror")) {
            harness.helper(() -> assertThatIllegalStateException()
                            .isThrownBy(scope::close)
                            .withMessageContaining("mirror"))
                    .join();

            assertThat(scope.state()).isEqualTo(Scope.State.OPEN);
        }
    }

    @EngineTest
    void fault03_joinByItsOwnTask_isRefused(ScopeFactory scopes) {
        try (OpenScope scope = scopes.open("open")) {
            Task<?> task =
                    scope.spawn("task", () -> assertThatIllegalStateException().isThrownBy(scope::join));
            scope.join();
            assertThat(task.status()).isEqualTo(Task.Status.SUCCEEDED);
        }
    }

    @EngineTest
    void fault02_spawnAfterJoin_isRefusedWithItsName(ScopeFactory scopes) {
        try (OpenScope scope = scopes.open("mirror")) {
            scope.join();

            assertThatIllegalStateException()
                    .isThrownBy(() -> scope.spawn("late", () -> 1))
                    .withMessageContaining("mirror");
        }
    }

    @EngineTest
    void fault02_spawnAfterClose_isRefusedWithItsName(ScopeFactory scopes) {
        OpenScope scope = scopes.open("mirror");
        scope.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> scope.spawn("late", () -> 1))
                .withMessageContaining("mirror");
        assertThat(scope.trySpawn("late", () -> 1, t -> t)).isEmpty();
    }

    @EngineTest
    void complete_thenJoin_works(ScopeFactory scopes) {
        try (OpenScope scope = scopes.open("open")) {
            scope.spawn("task", () -> 1);
            scope.complete();
            scope.complete();
            scope.join();

            assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
        }
    }

    @EngineTest
    void nestedResources_closeInReverseOrder(ScopeFactory scopes) {
        try (OpenScope outer = scopes.open("outer")) {
            try (OpenScope inner = scopes.open("inner")) {
                assertThat(inner.parent()).contains(outer);
                inner.spawn("task", () -> 1);
                inner.join();
            }
            assertThat(Scope.current()).contains(outer);
            outer.spawn("task", () -> 1);
            outer.join();
        }
    }

    @EngineTest(on = EngineTest.Threads.DEFAULT)
    void fault20_neverClosed_factoryClosesAllTheSame(Harness harness) throws InterruptedException {
        ScopeFactory scopes = harness.scopes(f -> f.withDefaults(s -> s.withCancelTimeout(Duration.ofMillis(20))));
        CountDownLatch factoryClosed = new CountDownLatch(1);
        CountDownLatch opened = new CountDownLatch(1);
        harness.helper(() -> {
            OpenScope forgotten = scopes.open("forgotten");
            opened.countDown();
            Blocking.stubbornly(factoryClosed);
            assertThat(Scope.current()).isEmpty();
            forgotten.close();
        });
        Blocking.await(opened);

        scopes.close();

        assertThat(scopes.scopes()).isEmpty();
        factoryClosed.countDown();
    }

    @EngineTest
    void close_failureOfAJoinedTaskLeavesTheTryBlock_itIsNotThrownAgain(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("task");

        Throwable thrown = catchThrowable(() -> {
            try (OpenScope scope = scopes.open("open")) {
                Task<?> task = failed(scope, failure);
                task.join();
            }
        });

        assertThat(thrown).isSameAs(failure);
        assertThat(thrown.getSuppressed()).allMatch(mark -> mark.getMessage().startsWith("waited for "));
    }

    @EngineTest
    void close_failureOfAJoinedTaskWasCaught_isSilent(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("task");

        try (OpenScope scope = scopes.open("open")) {
            Task<?> task = failed(scope, failure);
            assertThatThrownBy(task::join).isSameAs(failure);
        }

        assertThat(Scope.current()).isEmpty();
    }

    /** A task that has failed, bubbled, and is gone. */
    private static Task<?> failed(Scope scope, RuntimeException failure) {
        Task<?> task = scope.spawn("task", () -> {
            throw failure;
        });
        Blocking.spinUntil(
                "the task is gone",
                () -> scope.isCancelled() && scope.snapshot().tasks().isEmpty());
        return task;
    }

    @EngineTest
    void fault03_joinAndCloseInACallbackOnTheOwnersThread_areRefused(ScopeFactory scopes) throws Exception {
        try (OpenScope scope = scopes.open("open", s -> s.withMaxConcurrency(1))) {
            CountDownLatch started = new CountDownLatch(1);
            CountDownLatch mayEnd = new CountDownLatch(1);
            scope.spawn("first", () -> {
                started.countDown();
                return Blocking.stubbornly(mayEnd);
            });
            Blocking.await(started);
            Task<?> queued = scope.spawn("queued", () -> 1);
            AtomicReference<Thread> calledOn = new AtomicReference<>();
            AtomicReference<Throwable> ofJoin = new AtomicReference<>();
            AtomicReference<Throwable> ofClose = new AtomicReference<>();
            queued.onDone(task -> {
                mayEnd.countDown();
                calledOn.set(Thread.currentThread());
                ofJoin.set(catchThrowable(scope::join));
                ofClose.set(catchThrowable(scope::close));
            });
            queued.cancel();

            assertThat(calledOn).hasValue(Thread.currentThread());
            assertThat(ofJoin.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("wait for itself");
            assertThat(ofClose.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("wait for itself");
            scope.join();
        }
    }

    @EngineTest
    void fault20_leftOpenInABody_messageNamesThePlaceThatOpenedIt(ScopeFactory scopes) {
        assertThatIllegalStateException()
                .isThrownBy(() -> scopes.run("outer", outer -> scopes.open("left")))
                .withMessageContaining("'left'")
                .withMessageMatching(
                        "(?s).*opened at io\\.traio\\.OpenScopeTest\\.\\S*\\(OpenScopeTest\\.java:\\d+\\).*");
    }
}
