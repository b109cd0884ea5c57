// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.spi.ScopeListener;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Scopes below scopes (S9), and which one is current (S10). */
@Spec({"S9", "S10"})
class NestingTest {

    // ---- parents and children ----

    @EngineTest
    void open_inBody_makesChild(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> scopes.run("inner", inner -> {
                    assertThat(inner.parent()).contains(outer);
                    assertThat(scopes.scopes()).containsExactly(outer);
                    assertThat(outer.snapshot().children())
                            .extracting(ScopeSnapshot::id)
                            .containsExactly(inner.id());
                }));
    }

    @EngineTest
    void open_inTask_makesChildOfItsScope(ScopeFactory scopes) {
        AtomicReference<Scope> parent = new AtomicReference<>();

        scopes.run("outer", outer -> {
            outer.spawn(
                    "task",
                    () -> scopes.run("inner", inner -> parent.set(inner.parent().orElseThrow())));
            outer.spawn("other", () -> assertThat(Scope.current()).contains(outer));
        });

        assertThat(parent.get().name()).isEqualTo("outer");
    }

    @EngineTest
    void open_outsideOfAnyScope_makesRoot(ScopeFactory scopes) {
        scopes.run("root", root -> assertThat(root.parent()).isEmpty());
    }

    @EngineTest
    void open_detached_makesRootThatItsSurroundingsDoNotCancel(ScopeFactory scopes) {
        AtomicBoolean detachedIsCancelled = new AtomicBoolean(true);

        scopes.run(
                "outer",
                outer -> scopes.run("detached", s -> s.withDetached(true), detached -> {
                    assertThat(detached.parent()).isEmpty();
                    assertThat(Scope.current()).contains(detached);
                    assertThat(scopes.scopes()).containsExactly(outer, detached);
                    outer.spawn("canceller", () -> outer.cancel());
                    Blocking.until("the outer scope is cancelled", outer::isCancelled);
                    detachedIsCancelled.set(detached.isCancelled());
                }));

        assertThat(detachedIsCancelled).isFalse();
    }

    @EngineTest
    void fork_fromOutside_makesChildThatTheParentWaitsFor(Harness harness, ScopeFactory scopes) {
        CountDownLatch opened = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();

        scopes.run("parent", parent -> {
            harness.helper(() -> parent.fork().run("child", child -> {
                assertThat(child.parent()).contains(parent);
                opened.countDown();
                Blocking.until("the parent's body has ended", () -> parent.state() == Scope.State.COMPLETING);
                ended.set(true);
            }));
            Blocking.await(opened);
        });

        assertThat(ended).isTrue();
    }

    @EngineTest
    void fork_whereAnotherScopeIsCurrent_makesChildOfTheForked(ScopeFactory scopes) {
        try (OpenScope shared = scopes.openShared("shared")) {
            scopes.run(
                    "other",
                    other -> shared.fork().run("child", child -> {
                        assertThat(child.parent()).contains(shared);
                        assertThat(Scope.current()).contains(child);
                    }));
        }
    }

    @EngineTest
    void fork_ofDeadScope_isRefusedWithItsName(ScopeFactory scopes) {
        Scope dead = scopes.call("mirror", scope -> scope);

        assertThatIllegalStateException().isThrownBy(dead::fork).withMessageContaining("mirror");
    }

    @EngineTest
    void fork_ofDyingScope_isRefused(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            ScopeOpener before = scope.fork();
            scope.cancel();
            assertThatIllegalStateException().isThrownBy(scope::fork);
            assertThatIllegalStateException().isThrownBy(() -> before.run("child", child -> {}));
            assertThatIllegalStateException().isThrownBy(() -> before.openShared("child"));
        });
    }

    @EngineTest
    void fork_whoseScopeEndsMeanwhile_isRefused(ScopeFactory scopes) {
        ScopeOpener late = scopes.call("mirror", Scope::fork);

        assertThatIllegalStateException().isThrownBy(() -> late.open("child")).withMessageContaining("mirror");
    }

    @EngineTest
    void sharedChild_completed_isWaitedForByParent(ScopeFactory scopes) {
        AtomicReference<Task<?>> task = new AtomicReference<>();

        scopes.run("parent", parent -> {
            OpenScope child = scopes.openShared("child");
            assertThat(child.parent()).contains(parent);
            task.set(child.spawn("task", () -> {
                Blocking.until("the parent's body has ended", () -> parent.state() == Scope.State.COMPLETING);
                return "value";
            }));
            child.complete();
        });

        assertThat(task.get().status()).isEqualTo(Task.Status.SUCCEEDED);
    }

    @EngineTest
    void sharedChild_neverCompleted_isCancelledWhenNothingElseIsLeft(ScopeFactory scopes) {
        AtomicReference<Task<?>> task = new AtomicReference<>();
        AtomicReference<Scope> child = new AtomicReference<>();

        scopes.run("parent", parent -> {
            OpenScope shared = scopes.openShared("child");
            child.set(shared);
            task.set(shared.spawn("task", Blocking::forever));
        });

        assertThat(child.get().state()).isEqualTo(Scope.State.CLOSED);
        assertThat(child.get().isCancelled()).isTrue();
        assertThat(task.get().status()).isEqualTo(Task.Status.CANCELLED);
    }

    @EngineTest
    void parent_cancelled_childDies(ScopeFactory scopes) {
        try (OpenScope parent = scopes.openShared("parent");
                OpenScope child = parent.fork().openShared("child")) {
            Task<?> task = child.spawn("task", Blocking::forever);
            parent.cancel();

            assertThatThrownBy(child::awaitDone).isInstanceOf(ScopeCancelledException.class);
            parent.awaitDone();
            assertThat(task.isCancelled()).isTrue();
        }
    }

    @EngineTest
    void parent_cancelled_exitOfChildThrowsFromRunToo(ScopeFactory scopes) {
        AtomicReference<Throwable> ofChild = new AtomicReference<>();

        scopes.run("parent", parent -> {
            ofChild.set(catchThrowable(() -> scopes.run("child", child -> parent.cancel())));
        });

        assertThat(ofChild.get()).isInstanceOf(ScopeCancelledException.class).hasMessageContaining("child");
    }

    @EngineTest
    void taskWithScopes_cancelled_scopesOpenedInItDie(ScopeFactory scopes) {
        AtomicReference<Task<?>> deep = new AtomicReference<>();

        scopes.run("outer", outer -> {
            CountDownLatch started = new CountDownLatch(1);
            Task<?> task = outer.spawn(
                    "task",
                    () -> scopes.run("inner", inner -> {
                        deep.set(inner.spawn("deep", () -> {
                            started.countDown();
                            return Blocking.forever();
                        }));
                    }));
            Blocking.await(started);
            task.cancel();
            Blocking.until("the task has ended", task::isDone);
            assertThat(task.isCancelled()).isTrue();
            assertThat(outer.isCancelled()).isFalse();
        });

        assertThat(deep.get().isCancelled()).isTrue();
    }

    // ---- failures of children ----

    @EngineTest
    void child_failsInTaskOfParent_failureGoesTheWayOfTheTask(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("deep");

        assertThatThrownBy(() -> scopes.run(
                        "outer",
                        outer -> outer.spawn(
                                "task",
                                () -> scopes.run(
                                        "inner",
                                        inner -> inner.spawn("deep", () -> {
                                            throw failure;
                                        })))))
                .isSameAs(failure);
    }

    @EngineTest
    void child_failsAndIsCaught_parentGoesOn(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("deep");

        String value = scopes.call("outer", outer -> {
            assertThatThrownBy(() -> scopes.run(
                            "inner",
                            inner -> inner.spawn("deep", () -> {
                                throw failure;
                            })))
                    .isSameAs(failure);
            assertThat(outer.isCancelled()).isFalse();
            return outer.spawn("still works", () -> "value").join();
        });

        assertThat(value).isEqualTo("value");
    }

    @EngineTest
    void sharedChild_failsAndIsAwaited_failureIsThrownThereOnly(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("deep");

        scopes.run("parent", parent -> {
            OpenScope child = scopes.openShared("child");
            child.spawn("deep", () -> {
                throw failure;
            });
            assertThatThrownBy(child::join).isSameAs(failure);
            assertThat(parent.isCancelled()).isFalse();
        });
    }

    @EngineTest
    void sharedChild_failsAndNobodyAwaits_listenersAreNotifiedAndParentGoesOn(Harness harness) {
        IllegalStateException failure = new IllegalStateException("deep");
        Queue<Throwable> unobserved = new ConcurrentLinkedQueue<>();
        ScopeFactory scopes = harness.scopes(f -> f.withListener(new ScopeListener() {
            @Override
            public void scopeFailureUnobserved(Scope scope, Throwable thrown) {
                assertThat(scope.name()).isEqualTo("child");
                unobserved.add(thrown);
            }
        }));

        String value = scopes.call("parent", parent -> {
            OpenScope child = scopes.openShared("child");
            child.spawn("deep", () -> {
                throw failure;
            });
            Blocking.until("the child is closed", () -> child.state() == Scope.State.CLOSED);
            assertThat(parent.isCancelled()).isFalse();
            return parent.spawn("still works", () -> "value").join();
        });

        assertThat(value).isEqualTo("value");
        Blocking.until("the listener is notified", () -> !unobserved.isEmpty());
        assertThat(unobserved).containsExactly(failure);
    }

    @EngineTest
    void sharedChild_cancelledWithParent_isNoUnobservedFailure(Harness harness) {
        Queue<Throwable> unobserved = new ConcurrentLinkedQueue<>();
        ScopeFactory scopes = harness.scopes(f -> f.withListener(new ScopeListener() {
            @Override
            public void scopeFailureUnobserved(Scope scope, Throwable thrown) {
                unobserved.add(thrown);
            }
        }));

        scopes.run("parent", parent -> {
            OpenScope child = scopes.openShared("child");
            child.spawn("deep", Blocking::forever);
            parent.cancel();
        });

        assertThat(unobserved).isEmpty();
    }

    // ---- wrong order ----

    @EngineTest
    void fault13_outerClosedBeforeInner_innerIsCancelledAndErrorSaysSo(ScopeFactory scopes) {
        OpenScope outer = scopes.open("outer");
        OpenScope inner = scopes.open("inner");
        Task<?> task = inner.spawn("task", Blocking::forever);

        assertThatIllegalStateException()
                .isThrownBy(outer::close)
                .withMessageContaining("inner")
                .withMessageContaining("outer");

        assertThat(task.isDone()).isTrue();
        assertThat(inner.isCancelled()).isTrue();
        assertThat(inner.state()).isEqualTo(Scope.State.CLOSED);
        assertThat(outer.state()).isEqualTo(Scope.State.CLOSED);
        assertThat(Scope.current()).isEmpty();
        inner.close();
        outer.close();
    }

    @EngineTest
    void fault13_outerJoinedBeforeInnerIsClosed_errorSaysSo(ScopeFactory scopes) {
        OpenScope outer = scopes.open("outer");
        OpenScope inner = scopes.open("inner");

        assertThatIllegalStateException().isThrownBy(outer::join).withMessageContaining("inner");

        inner.close();
        outer.close();
        assertThat(Scope.current()).isEmpty();
    }

    @EngineTest
    void fault13_threeOpenOutermostClosed_allAreClosed(ScopeFactory scopes) {
        OpenScope outer = scopes.open("outer");
        OpenScope middle = scopes.open("middle");
        OpenScope inner = scopes.open("inner");

        assertThatIllegalStateException().isThrownBy(outer::close).withMessageContaining("inner");

        assertThat(List.of(outer.state(), middle.state(), inner.state())).containsOnly(Scope.State.CLOSED);
    }

    @EngineTest
    void fault13_bodyLeavesScopeOpen_errorSaysSo(ScopeFactory scopes) {
        AtomicReference<OpenScope> left = new AtomicReference<>();

        assertThatIllegalStateException()
                .isThrownBy(() -> scopes.run("outer", outer -> left.set(scopes.open("left open"))))
                .withMessageContaining("left open");

        assertThat(left.get().state()).isEqualTo(Scope.State.CLOSED);
        assertThat(Scope.current()).isEmpty();
    }

    @EngineTest
    void fault13_bodyThrowsAndLeavesScopeOpen_failureComesOutWithErrorSuppressed(ScopeFactory scopes) {
        IllegalArgumentException failure = new IllegalArgumentException("body");

        Throwable thrown = catchThrowable(() -> scopes.run("outer", outer -> {
            scopes.open("left open");
            throw failure;
        }));

        assertThat(thrown).isSameAs(failure);
        assertThat(thrown.getSuppressed())
                .anySatisfy(s ->
                        assertThat(s).isInstanceOf(IllegalStateException.class).hasMessageContaining("left open"));
    }

    @EngineTest
    void fault13_taskLeavesScopeOpen_taskFailsAndItsThreadIsClean(ScopeFactory scopes) {
        AtomicReference<OpenScope> left = new AtomicReference<>();

        assertThatIllegalStateException()
                .isThrownBy(() -> scopes.run(
                        "outer",
                        outer -> outer.spawn("task", () -> {
                            left.set(scopes.open("left open"));
                        })))
                .withMessageContaining("left open");

        assertThat(left.get().state()).isEqualTo(Scope.State.CLOSED);
    }

    // ---- the current scope ----

    @EngineTest
    void current_outside_isEmpty(ScopeFactory scopes) {
        assertThat(Scope.current()).isEmpty();
        scopes.run("run", scope -> {});
        assertThat(Scope.current()).isEmpty();
    }

    @EngineTest
    void current_inBody_isTheInnermost(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            assertThat(Scope.current()).contains(outer);
            scopes.run("inner", inner -> assertThat(Scope.current()).contains(inner));
            assertThat(Scope.current()).contains(outer);
        });
    }

    @EngineTest
    void current_afterBodyThrows_isRestored(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            catchThrowable(() -> scopes.run("inner", inner -> {
                throw new IllegalStateException("inner");
            }));
            assertThat(Scope.current()).contains(outer);
        });
        assertThat(Scope.current()).isEmpty();
    }

    @EngineTest
    void current_inTask_isTheScopeItWasSpawnedIn(ScopeFactory scopes) {
        scopes.run(
                "outer",
                outer -> scopes.run("inner", inner -> {
                    Task<Scope> inOuter = outer.spawn("a", () -> Scope.current().orElseThrow());
                    Task<Scope> inInner = inner.spawn("b", () -> Scope.current().orElseThrow());
                    assertThat(inOuter.join()).isSameAs(outer);
                    assertThat(inInner.join()).isSameAs(inner);
                    assertThat(Scope.current()).contains(inner);
                }));
    }

    @EngineTest
    void current_inTaskOfSharedScope_isTheSharedScope(ScopeFactory scopes) {
        try (OpenScope shared = scopes.openShared("shared")) {
            assertThat(Scope.current()).isEmpty();
            assertThat(shared.spawn("task", () -> Scope.current().orElseThrow()).join())
                    .isSameAs(shared);
        }
    }

    @EngineTest
    void current_betweenOpenAndClose_isTheOpenScope(ScopeFactory scopes) {
        try (OpenScope scope = scopes.open("open")) {
            assertThat(Scope.current()).contains(scope);
            scope.join();
        }
        assertThat(Scope.current()).isEmpty();
    }

    @EngineTest
    void current_onPooledThreadAfterTasks_isEmpty(Harness harness) throws Exception {
        Queue<Object> seen = new ConcurrentLinkedQueue<>();
        var pool = harness.pool(1);
        ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(pool));
        scopes.run("run", scope -> scope.spawn("task", () -> Scope.current().orElseThrow()));
        CountDownLatch looked = new CountDownLatch(1);

        pool.execute(() -> {
            seen.add(Scope.current().isPresent());
            looked.countDown();
        });

        Blocking.await(looked);
        assertThat(seen).containsExactly(false);
    }

    @Test
    void current_ofTwoFactories_nestsAcrossThem() {
        try (ScopeFactory one = ScopeFactory.create();
                ScopeFactory two = ScopeFactory.create()) {
            one.run(
                    "one",
                    outer -> two.run("two", inner -> {
                        assertThat(inner.parent()).contains(outer);
                        assertThat(Scope.current()).contains(inner);
                        assertThat(inner.spawn("task", () -> Scope.current().orElseThrow())
                                        .join())
                                .isSameAs(inner);
                    }));
        }
    }

    @EngineTest
    void fault19_thousandNestedScopes_end(ScopeFactory scopes) throws InterruptedException {
        AtomicReference<Object> result = new AtomicReference<>();
        // A thousand levels of calls, interpreted and instrumented, need more stack than a thread has by default.
        Thread deep = new Thread(null, () -> result.set(nest(scopes, 1_000)), "deep", 16L << 20);
        deep.start();
        deep.join();

        assertThat(result).hasValue(1_000);
    }

    private static int nest(ScopeFactory scopes, int depth) {
        return depth == 0 ? 0 : scopes.call("level " + depth, scope -> 1 + nest(scopes, depth - 1));
    }

    @EngineTest(on = EngineTest.Threads.DEFAULT)
    void fault19_thousandNestedScopesCancelledFromOutside_end(Harness harness, ScopeFactory scopes) {
        AtomicReference<Scope> outermost = new AtomicReference<>();
        AtomicBoolean deep = new AtomicBoolean();
        harness.helper(() -> {
            Blocking.until("all scopes are open", deep::get);
            outermost.get().cancel();
        });

        scopes.run("outermost", scope -> {
            outermost.set(scope);
            nestAndWait(scopes, deep, 1_000);
        });

        assertThat(outermost.get().isCancelled()).isTrue();
    }

    private static void nestAndWait(ScopeFactory scopes, AtomicBoolean deep, int depth) throws InterruptedException {
        if (depth == 0) {
            deep.set(true);
            Blocking.forever();
        } else {
            scopes.run("level " + depth, scope -> nestAndWait(scopes, deep, depth - 1));
        }
    }

    @EngineTest(on = EngineTest.Threads.DEFAULT)
    void fault19_thousandNestedScopesCancelled_end(ScopeFactory scopes) {
        AtomicReference<Scope> outermost = new AtomicReference<>();

        scopes.run("outermost", scope -> {
            outermost.set(scope);
            nestAndCancel(scopes, outermost, 1_000);
        });

        assertThat(outermost.get().isCancelled()).isTrue();
    }

    private static void nestAndCancel(ScopeFactory scopes, AtomicReference<Scope> outermost, int depth) {
        if (depth == 0) {
            outermost.get().cancel();
        } else {
            scopes.run("level " + depth, scope -> nestAndCancel(scopes, outermost, depth - 1));
        }
    }

    @EngineTest
    void complete_childWithBodyInBackgroundTask_parentDoesNotWaitForIt(ScopeFactory scopes) {
        CountDownLatch completed = new CountDownLatch(1);
        scopes.run("parent", parent -> {
            parent.spawn(
                    "background",
                    () -> scopes.run("child", child -> {
                        child.complete();
                        completed.countDown();
                        Blocking.forever();
                    }),
                    t -> t.withAwaited(false));
            Blocking.await(completed);
        });

        assertThat(scopes.scopes()).isEmpty();
    }

    @EngineTest
    void fault20_sharedChildNeverCompleted_isReportedWhenItsParentEndsByItself(Harness harness) {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));

        scopes.run("parent", parent -> {
            scopes.openShared("completed").complete();
            scopes.openShared("forgotten").spawn("task", Blocking::forever);
        });

        assertThat(log.messages(Level.WARN))
                .singleElement()
                .asString()
                .contains("'forgotten'", "neither completed nor closed", "before its parent ended")
                .contains("opened at io.traio.NestingTest", "NestingTest.java:");
    }

    @EngineTest
    void fault20_sharedChildOfACancelledParent_isNotReported(Harness harness) {
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));

        scopes.run("parent", parent -> {
            scopes.openShared("child").spawn("task", Blocking::forever);
            parent.cancel();
        });

        assertThat(log.messages(Level.WARN)).isEmpty();
    }
}
