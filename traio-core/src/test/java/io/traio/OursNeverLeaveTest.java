// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.EngineTest.Threads;
import io.traio.OwnerThread.Left;
import io.traio.ScopeOpener.VoidBody;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** No interrupt of ours is left after the outermost exit, and none is taken for one from outside. */
@Spec("S13")
class OursNeverLeaveTest {

    private static final IllegalArgumentException BOOM = new IllegalArgumentException("boom");

    private static void assertNotFromOutside(Left left) {
        assertThat(left.interrupted())
                .as("interrupt flag, thrown %s", left.thrown())
                .isFalse();
        assertNotFromOutside(left.thrown(), "out of the exit");
    }

    private static void assertNotFromOutside(@Nullable Throwable thrown, String what) {
        assertThat(thrown instanceof ScopeInterruptedException)
                .as("interrupted from outside: %s, %s", what, thrown)
                .isFalse();
    }

    // ---- each scope on the way is cancelled by code that has met the interrupt of the outermost ----

    @EngineTest
    void interruptOfTheOutermost_cancelsEachScopeOnItsWay(Harness harness) {
        for (OwnerThread owner : OwnerThread.all()) {
            assertNotFromOutside(owner.run(() -> harness.scopes().run("outer", outer -> {
                outer.cancel();
                harness.scopes().run("inner", s -> s.withDetached(true), inner -> {
                    try (OpenScope resource = harness.scopes().open("resource")) {
                        resource.spawn("task", Blocking::forever);
                        try {
                            Blocking.forever();
                        } catch (InterruptedException e) {
                            resource.cancel();
                            throw e;
                        }
                    } catch (InterruptedException e) {
                        inner.cancel();
                        throw e;
                    }
                });
            })));
        }
    }

    // ---- closed in the wrong order ----

    @EngineTest
    void scopesAreClosedInAnyOrder(Harness harness) {
        closeInAnyOrder(harness, OpenScope::close);
    }

    @EngineTest
    void scopesAreJoinedInAnyOrder(Harness harness) {
        closeInAnyOrder(harness, OpenScope::join);
    }

    /** What ends a scope. */
    @FunctionalInterface
    private interface End {
        void of(OpenScope scope);
    }

    /** Any of the scopes may have been cancelled before, from the innermost to the outermost or the other way round. */
    private static void closeInAnyOrder(Harness harness, End end) {
        for (OwnerThread owner : OwnerThread.all()) {
            for (int depth = 2; depth <= 3; depth++) {
                for (List<Integer> order : orders(depth)) {
                    for (int cancelled = 0; cancelled < 1 << depth; cancelled++) {
                        for (int variant = 0; variant < 8; variant++) {
                            closeInOrder(harness, owner, end, order, cancelled, variant);
                        }
                    }
                }
            }
        }
    }

    private static void closeInOrder(
            Harness harness, OwnerThread owner, End end, List<Integer> order, int cancelled, int variant) {
        boolean outermostFirst = (variant & 1) != 0;
        boolean hasTask = (variant & 2) != 0;
        boolean detached = (variant & 4) != 0;
        int depth = order.size();
        Left left = owner.run(() -> {
            List<OpenScope> open = new ArrayList<>();
            for (int i = 0; i < depth; i++) {
                boolean innermost = i == depth - 1;
                OpenScope scope = harness.scopes().open("depth " + i, s -> s.withDetached(detached && innermost));
                open.add(scope);
                if (hasTask) {
                    Task<?> task = scope.spawn("task", Blocking::forever);
                    task.cancel();
                }
            }
            for (int i = 0; i < depth; i++) {
                int which = outermostFirst ? i : depth - 1 - i;
                if ((cancelled & 1 << which) != 0) {
                    open.get(which).cancel();
                }
            }
            order.forEach(i -> catchThrowable(() -> end.of(open.get(i))));
            open.forEach(scope -> catchThrowable(scope::close));
        });
        assertThat(left.interrupted())
                .as(
                        "flag on %s, closed in the order %s, cancelled %s, outermost first: %s, tasks: %s, detached: %s",
                        owner, order, Integer.toBinaryString(cancelled), outermostFirst, hasTask, detached)
                .isFalse();
    }

    private static List<List<Integer>> orders(int depth) {
        List<List<Integer>> orders = new ArrayList<>(List.of(List.of()));
        for (int next = 0; next < depth; next++) {
            List<List<Integer>> longer = new ArrayList<>();
            for (List<Integer> order : orders) {
                for (int place = 0; place <= order.size(); place++) {
                    List<Integer> with = new ArrayList<>(order);
                    with.add(place, next);
                    longer.add(Collections.unmodifiableList(with));
                }
            }
            orders = longer;
        }
        return orders;
    }

    @EngineTest
    void outerIsClosedInTheBodyOfInner(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = setting.owner().run(() -> {
                OpenScope outer = setting.scopes().open("outer");
                setting.in("inner", inner -> {
                    inner.spawn("task", Blocking::forever);
                    outer.close();
                });
            });
            assertThat(left.interrupted()).isFalse();
        });
    }

    @EngineTest
    void outerIsCancelledAndLeftWithInnerOpen(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = setting.left("outer", outer -> {
                OpenScope inner = setting.scopes().open("inner");
                inner.spawn("task", Blocking::forever);
                outer.cancel();
            });
            assertNotFromOutside(left);
        });
    }

    // ---- waits in a detached scope of cancelled code ----

    /** A wait for a task that does not end. */
    @FunctionalInterface
    private interface Wait {
        void on(Task<?> task, Scope scope) throws Exception;
    }

    @EngineTest(pool = 3)
    void join_inADetachedScopeOfCancelledCode_throwsTheNews(Harness harness) throws Exception {
        assertNewsInDetached(harness, (task, scope) -> task.join());
    }

    @EngineTest(pool = 3)
    void get_inADetachedScopeOfCancelledCode_throwsTheNews(Harness harness) throws Exception {
        assertNewsInDetached(harness, (task, scope) -> task.get());
    }

    @EngineTest(pool = 3)
    void timedGet_inADetachedScopeOfCancelledCode_throwsTheNews(Harness harness) throws Exception {
        assertNewsInDetached(harness, (task, scope) -> task.get(10, TimeUnit.SECONDS));
    }

    @EngineTest(pool = 3)
    void await_inADetachedScopeOfCancelledCode_throwsTheNews(Harness harness) throws Exception {
        assertNewsInDetached(harness, (task, scope) -> scope.await("awaited", Blocking::forever));
    }

    @EngineTest(pool = 3)
    void awaitDone_inADetachedScopeOfCancelledCode_throwsTheNews(Harness harness) throws Exception {
        try (OpenScope other = harness.scopes().openShared("other")) {
            assertNewsInDetached(harness, (task, scope) -> other.awaitDone());
        }
    }

    @EngineTest(pool = 3)
    void timedAwaitDone_inADetachedScopeOfCancelledCode_throwsTheNews(Harness harness) throws Exception {
        try (OpenScope other = harness.scopes().openShared("other")) {
            assertNewsInDetached(harness, (task, scope) -> other.awaitDone(Duration.ofSeconds(10)));
        }
    }

    @EngineTest(pool = 3)
    void spawnIntoAFullScope_inADetachedScopeOfCancelledCode_throwsTheNews(Harness harness) throws Exception {
        try (OpenScope full = harness.scopes()
                .openShared("full", s -> s.withMaxConcurrency(1).withOverflow(ScopeOptions.Overflow.BLOCK))) {
            full.spawn("takes the place", Blocking::forever);
            assertNewsInDetached(harness, (task, scope) -> full.spawn("next", () -> 1));
        } catch (IllegalStateException tasksWereLeft) {
            // By intent.
        }
    }

    private static void assertNewsInDetached(Harness harness, Wait wait) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            for (CancelledCode kind : CancelledCode.values()) {
                AtomicReference<@Nullable Throwable> ofWait = new AtomicReference<>();
                AtomicReference<@Nullable Throwable> ofExit = new AtomicReference<>();
                Left left = setting.owner()
                        .run(() -> kind.run(setting.scopes(), cancel -> {
                            Thread waiter = Thread.currentThread();
                            ofExit.set(catchThrowable(() ->
                                    setting.in("detached", s -> s.withDetached(true), detached -> {
                                        CountDownLatch started = new CountDownLatch(1);
                                        Task<?> task = detached.spawn("slow", () -> {
                                            started.countDown();
                                            return Blocking.forever();
                                        });
                                        Blocking.await(started);
                                        harness.helper(() -> {
                                            Blocking.untilParked(waiter);
                                            cancel.run();
                                        });
                                        Throwable thrown = catchThrowable(() -> wait.on(task, detached));
                                        ofWait.set(thrown);
                                        detached.cancel();
                                    })));
                        }));
                assertThat(ofWait.get()).as("out of the wait in %s", kind).isInstanceOf(ScopeCancelledException.class);
                assertNotFromOutside(ofExit.get(), "out of the inner exit in " + kind);
                assertNotFromOutside(left);
            }
        });
    }

    /** The exit of the detached scope is what waits. */
    @EngineTest(pool = 3)
    void exitOfADetachedScope_ofCancelledCode_isNotInterruptedFromOutside(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            for (CancelledCode kind : CancelledCode.values()) {
                AtomicReference<@Nullable Throwable> ofExit = new AtomicReference<>();
                Left left = setting.owner()
                        .run(() -> kind.run(setting.scopes(), cancel -> {
                            Thread waiter = Thread.currentThread();
                            ofExit.set(catchThrowable(() ->
                                    setting.in("detached", s -> s.withDetached(true), detached -> {
                                        CountDownLatch mayEnd = new CountDownLatch(1);
                                        CountDownLatch started = new CountDownLatch(1);
                                        CountDownLatch leaving = new CountDownLatch(1);
                                        detached.spawn("stubborn", () -> {
                                            started.countDown();
                                            return Blocking.stubbornly(mayEnd);
                                        });
                                        Blocking.await(started);
                                        harness.helper(() -> {
                                            Blocking.await(leaving);
                                            Blocking.untilParked(waiter);
                                            cancel.run();
                                            mayEnd.countDown();
                                        });
                                        leaving.countDown();
                                    })));
                        }));
                assertNotFromOutside(ofExit.get(), "out of the inner exit in " + kind);
                assertNotFromOutside(left);
            }
        });
    }

    /** The body of the outer one goes on with the flag set: what meets it next is not interrupted from outside. */
    @EngineTest
    void secondDetachedScope_ofCancelledCode_isNotInterruptedFromOutside(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            Left left = setting.left("outer", outer -> {
                outer.cancel();
                setting.in("first", s -> s.withDetached(true), first -> {});
                setting.in("second", s -> s.withDetached(true), second -> Blocking.forever());
            });
            assertNotFromOutside(left);
        });
    }

    @EngineTest
    void secondDetachedScope_ofCancelledCodeThatHasMetIt_isInterruptedFromOutside(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            Left left = setting.left("outer", outer -> {
                Thread owner = Thread.currentThread();
                outer.cancel();
                assertThat(catchThrowable(Blocking::forever)).isInstanceOf(InterruptedException.class);
                setting.in("first", s -> s.withDetached(true), first -> {});
                setting.in("second", s -> s.withDetached(true), second -> {
                    harness.helper(() -> {
                        Blocking.untilParked(owner);
                        owner.interrupt();
                    });
                    Blocking.forever();
                });
            });
            // As it is from a try block, which leaves by it.
            assertThat(left.thrown()).isInstanceOfAny(ScopeInterruptedException.class, InterruptedException.class);
        });
    }

    // ---- a failure in an inner scope ----

    @EngineTest
    void taskOfInnerFails_whileTheBodyBlocks_outerIsNotInterruptedFromOutside(Harness harness) throws Exception {
        assertBoomComesOut(harness, (setting, body) -> setting.in("outer", outer -> innerByHand(setting, body)));
    }

    @EngineTest
    void taskOfInnerFails_twoDeep_outerIsNotInterruptedFromOutside(Harness harness) throws Exception {
        assertBoomComesOut(
                harness,
                (setting, body) ->
                        setting.in("outer", outer -> setting.in("middle", middle -> innerByHand(setting, body))));
    }

    @EngineTest
    void taskOfInnerFails_inADetachedInner_outerIsNotInterruptedFromOutside(Harness harness) throws Exception {
        assertBoomComesOut(
                harness,
                (setting, body) -> setting.in("outer", outer -> setting.in("inner", s -> s.withDetached(true), body)));
    }

    @EngineTest
    void taskOfInnerFails_twoDeepByHand_outerIsNotInterruptedFromOutside(Harness harness) throws Exception {
        assertBoomComesOut(harness, (setting, body) -> setting.in("outer", outer -> middleByHand(setting, body)));
    }

    /** On the thread of an executor that runs a task where it is spawned. */
    @EngineTest(on = Threads.DEFAULT)
    void taskOfInnerFails_byHandInATaskOfTheCaller_spawnerIsNotInterruptedFromOutside(Harness harness)
            throws Exception {
        ScopeFactory direct = harness.scopes(f -> f.withExecutor(Runnable::run));
        assertBoomComesOut(
                harness,
                (setting, body) ->
                        direct.run("outer", outer -> outer.spawn("task", () -> middleByHand(setting, body))));
    }

    /** The inner one is not cancelled: the interruption that leaves it is that of the middle one. */
    @EngineTest
    void middleIsCancelled_whileABlockInsideWaits_outerIsNotInterruptedFromOutside(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            Left left = setting.left("outer", outer -> {
                Thread owner = Thread.currentThread();
                try (OpenScope middle = setting.scopes().open("middle");
                        OpenScope inner = setting.scopes().open("inner", s -> s.withDetached(true))) {
                    harness.helper(() -> {
                        Blocking.untilParked(owner);
                        middle.cancel();
                    });
                    Blocking.forever();
                }
            });
            assertNotFromOutside(left);
        });
    }

    /** The interruption that leaves the block is not one from outside beside the flag, which is that of the outer one. */
    @EngineTest
    void outerIsCancelled_asTheInterruptionOfABlockInsideLeavesIt_leavesNoInterrupt(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            Left left = setting.left("outer", outer -> {
                Thread owner = Thread.currentThread();
                try (OpenScope inner = setting.scopes().open("inner")) {
                    harness.helper(() -> {
                        Blocking.untilParked(owner);
                        inner.cancel();
                    });
                    Blocking.forever();
                } finally {
                    outer.cancel();
                }
            });
            assertNotFromOutside(left);
        });
    }

    private static void middleByHand(Setting setting, VoidBody body) throws Exception {
        try (OpenScope middle = setting.scopes().open("middle")) {
            innerByHand(setting, body);
            middle.join();
        }
    }

    private static void innerByHand(Setting setting, VoidBody body) throws Exception {
        try (OpenScope inner = setting.scopes().open("inner")) {
            body.run(inner);
            inner.join();
        }
    }

    /** Scopes around a body. */
    @FunctionalInterface
    private interface Nest {
        void run(Setting setting, VoidBody body) throws Exception;
    }

    private static void assertBoomComesOut(Harness harness, Nest nest) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            IllegalStateException boom = new IllegalStateException("boom");
            Left left = setting.owner()
                    .run(() -> nest.run(setting, inner -> {
                        Thread owner = Thread.currentThread();
                        inner.spawn("failing", () -> {
                            Blocking.untilParked(owner);
                            throw boom;
                        });
                        Blocking.forever();
                    }));
            assertNotFromOutside(left);
            assertThat(FailureGraph.holds(left.thrown(), boom))
                    .as("the failure hangs on %s", left.thrown())
                    .isTrue();
        });
    }

    // ---- every reason to cancel, at every place ----

    /** Why a scope is cancelled. */
    private enum Reason {
        CANCEL,
        CAUSE,
        FAILURE,
        MASTER,
        TIMEOUT,
        PARENT,
        SHUTDOWN
    }

    /** What the owner does meanwhile. */
    private enum Place {
        BLOCKED {
            @Override
            void until(Scope scope, Task<?> task) throws InterruptedException {
                Blocking.forever();
            }
        },
        COMPUTES {
            @Override
            void until(Scope scope, Task<?> task) {
                Blocking.spinUntil("it is cancelled", scope::isCancelled);
            }
        },
        JOINS {
            @Override
            void until(Scope scope, Task<?> task) {
                task.join();
            }
        },
        EXITS {
            @Override
            void until(Scope scope, Task<?> task) {}
        };

        abstract void until(Scope scope, Task<?> task) throws InterruptedException;
    }

    @EngineTest(pool = 3)
    void scopeIsCancelled_forAnyReasonAndAtAnyPlace(Harness harness) throws Exception {
        Setting.eachWithTwoThreads(harness, setting -> {
            for (Reason reason : Reason.values()) {
                for (Place place : Place.values()) {
                    ScopeFactory scopes = reason == Reason.SHUTDOWN ? harness.scopes(f -> f) : setting.scopes();
                    Left left = setting.owner().run(() -> cancelled(harness, setting.way(), scopes, reason, place));
                    assertThat(left.interrupted()).as("%s, %s", reason, place).isFalse();
                    assertNotFromOutside(left.thrown(), reason + ", " + place);
                }
            }
        });
    }

    private static void cancelled(Harness harness, Way way, ScopeFactory scopes, Reason reason, Place place)
            throws Exception {
        Thread owner = Thread.currentThread();
        scopes.run(
                "outer",
                outer -> way.in(scopes, "scope", scope -> {
                    Task<?> task = scope.spawn("other", Blocking::forever);
                    CountDownLatch go = new CountDownLatch(1);
                    if (reason == Reason.FAILURE || reason == Reason.MASTER) {
                        scope.spawn("trigger", () -> trigger(reason, go), t -> t.withMaster(reason == Reason.MASTER));
                    }
                    harness.helper(() -> {
                        if (place != Place.COMPUTES) {
                            Blocking.untilParked(owner);
                        }
                        switch (reason) {
                            case CANCEL -> scope.cancel();
                            case CAUSE -> scope.cancel(BOOM);
                            case FAILURE, MASTER -> go.countDown();
                            case TIMEOUT -> scope.setTimeout(Duration.ofMillis(1));
                            case PARENT -> outer.cancel();
                            case SHUTDOWN -> scopes.close();
                        }
                    });
                    place.until(scope, task);
                }));
    }

    private static Object trigger(Reason reason, CountDownLatch go) throws InterruptedException {
        Blocking.await(go);
        if (reason == Reason.FAILURE) {
            throw BOOM;
        }
        return "the end";
    }
}
