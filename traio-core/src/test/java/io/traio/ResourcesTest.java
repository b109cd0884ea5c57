// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.spi.ContextPropagator;
import io.traio.test.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Resources are bound to a scope and released when it has ended (B4). The names carry the numbers of the cases. */
@Spec("B4")
class ResourcesTest {

    private final List<String> events = new CopyOnWriteArrayList<>();
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    private AutoCloseable resource(String name) {
        return () -> {
            // Cancelled code would meet an interrupt here.
            Thread.sleep(1);
            events.add(name + " closed");
        };
    }

    private static AutoCloseable broken(Exception failure) {
        return () -> {
            throw failure;
        };
    }

    /** Two resources and a task, which ends after the body. */
    private void fill(Scope scope) {
        scope.use(resource("a"));
        scope.use(resource("b"));
        scope.spawn("task", () -> {
            try {
                Thread.sleep(30);
            } finally {
                events.add("task ended");
            }
        });
    }

    private void assertReleased() {
        assertThat(events).containsExactly("task ended", "b closed", "a closed");
        events.clear();
    }

    // ---- 1, 2 ----

    @EngineTest
    void release_onEveryExit_isInReverseAfterAllTasks_case01(ScopeFactory scopes) {
        scopes.run("run", this::fill);
        assertReleased();

        scopes.run("cancelled", scope -> {
            fill(scope);
            scope.spawn("canceller", () -> scope.cancel());
        });
        events.remove("task ended");
        assertThat(events).containsExactly("b closed", "a closed");
        events.clear();

        try (OpenScope open = scopes.open("open")) {
            fill(open);
            open.join();
            assertReleased();
        }
        AtomicReference<List<String>> seen = new AtomicReference<>();
        Throwable thrown = catchThrowable(() -> scopes.run("fails", scope -> {
            scope.onDone(s -> seen.set(List.copyOf(events)));
            fill(scope);
            Thread.sleep(60);
            throw new IOException("body");
        }));
        assertThat(thrown).isInstanceOf(ScopeFailedException.class).hasRootCauseMessage("body");
        assertThat(seen.get()).containsExactly("task ended", "b closed", "a closed");
    }

    @EngineTest
    void release_onTimeout_isBeforeTheExceptionLeaves_case01(TestClock clock, ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("timed", s -> s.withTimeout(Duration.ofSeconds(1)), scope -> {
                    scope.use(resource("a"));
                    clock.advance(Duration.ofSeconds(1));
                    Blocking.forever();
                }))
                .isInstanceOf(ScopeTimeoutException.class);

        assertThat(events).containsExactly("a closed");
    }

    @EngineTest
    void release_closedWithoutJoin_isDone_case01(ScopeFactory scopes) {
        OpenScope open = scopes.open("open");
        open.use(resource("a"));
        open.close();

        assertThat(events).containsExactly("a closed");
    }

    @EngineTest
    void release_someFailAfterNormalResult_allRunAndTheFirstIsThrown_case02(ScopeFactory scopes) {
        IllegalStateException first = new IllegalStateException("first");
        IllegalStateException second = new IllegalStateException("second");

        assertThatThrownBy(() -> scopes.call("run", scope -> {
                    scope.use(resource("a"));
                    scope.use(broken(second));
                    scope.use(resource("b"));
                    scope.use(broken(first));
                    return "value";
                }))
                .isSameAs(first)
                .hasSuppressedException(second);
        assertThat(events).containsExactly("b closed", "a closed");
    }

    @EngineTest
    void release_failsAfterFailedBody_isSuppressed_case02(ScopeFactory scopes) {
        IllegalStateException body = new IllegalStateException("body");
        IllegalStateException ofRelease = new IllegalStateException("release");

        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.use(broken(ofRelease));
                    throw body;
                }))
                .isSameAs(body)
                .hasSuppressedException(ofRelease);
    }

    @EngineTest
    void release_failsWhereTheScopeIsClosedWithoutJoin_isThrown_case02(ScopeFactory scopes) {
        for (Exception failure : List.of(new IllegalStateException("release"), new IOException("disk full"))) {
            OpenScope open = scopes.open("open");
            open.use(broken(failure));

            assertThatThrownBy(open::close)
                    .isInstanceOf(ScopeFailedException.class)
                    .hasRootCause(failure);
        }
    }

    @EngineTest
    void release_failsWhereTheScopeIsJoined_isThrownThere_case02(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("release");
        try (OpenScope open = scopes.open("open")) {
            open.use(broken(failure));

            assertThatThrownBy(open::join).isSameAs(failure);
        }
    }

    @EngineTest
    void release_failsWithCheckedException_isWrapped_case02(ScopeFactory scopes) {
        IOException failure = new IOException("disk full");

        assertThatThrownBy(() -> scopes.run("run", scope -> scope.use(broken(failure))))
                .isInstanceOf(ScopeFailedException.class)
                .hasRootCause(failure);
    }

    // ---- 3 to 5 ----

    @EngineTest
    void acquire_fails_registersNothing_case03(ScopeFactory scopes) {
        IOException checked = new IOException("no connection");
        IllegalStateException unchecked = new IllegalStateException("exhausted");
        scopes.run("run", scope -> {
            assertThatThrownBy(() -> scope.use(
                            () -> {
                                throw checked;
                            },
                            r -> events.add("released")))
                    .isInstanceOf(ScopeFailedException.class)
                    .hasCause(checked)
                    .hasMessageContaining("scope 'run'");
            assertThatThrownBy(() -> scope.use(
                            () -> {
                                throw unchecked;
                            },
                            r -> events.add("released")))
                    .isSameAs(unchecked);
        });

        assertThat(events).isEmpty();
    }

    @EngineTest
    void acquire_cancelled_isTheNewsAndRegistersNothing_case03(ScopeFactory scopes) {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        scopes.run("run", scope -> {
            scope.cancel();
            thrown.set(catchThrowable(() -> scope.use(Blocking::forever, r -> events.add("released"))));
        });

        assertThat(thrown.get()).isInstanceOf(ScopeCancelledException.class);
        assertThat(events).isEmpty();
    }

    @EngineTest
    void acquire_interruptedFromOutside_keepsTheInterrupt_case03(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> scope.use(Blocking::forever, r -> events.add("released")))
                    .isInstanceOf(ScopeInterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
        });

        assertThat(events).isEmpty();
    }

    @EngineTest
    void use_nearestScope_ownsTheResource_case04(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            Scope.requireCurrent().use(resource("outer's"));
            scopes.run("inner", inner -> Scope.requireCurrent().use(resource("inner's")));
            events.add("inner has ended");
        });

        assertThat(events).containsExactly("inner's closed", "inner has ended", "outer's closed");
    }

    @EngineTest
    void use_afterTheEnd_isAnErrorAndReleasesAtOnce_case05(ScopeFactory scopes) {
        AtomicReference<Scope> ended = new AtomicReference<>();
        scopes.run("ended", ended::set);

        assertThatThrownBy(() -> ended.get().use(resource("late")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("scope 'ended'");
        assertThat(events).containsExactly("late closed");
        assertThatThrownBy(() -> ended.get().use(() -> events.add("acquired"), r -> events.add("released")))
                .isInstanceOf(IllegalStateException.class);
        assertThat(events).containsExactly("late closed");
    }

    // ---- 6, 7 ----

    @EngineTest
    void release_inCancelledCode_isShielded_case06(ScopeFactory scopes) {
        for (CancelledCode kind : CancelledCode.values()) {
            kind.run(
                    scopes,
                    cancel -> scopes.run("owner", scope -> {
                        scope.defer(() -> {
                            Thread.sleep(5);
                            String waited = Scope.requireCurrent().await("a wait", () -> "waited");
                            events.add(waited + ", shielded: "
                                    + Scope.requireCurrent().snapshot().shielded());
                        });
                        cancel.run();
                        Blocking.forever();
                    }));
            assertThat(events).as(kind.name()).containsExactly("waited, shielded: true");
            events.clear();
        }
    }

    @EngineTest
    void release_interruptedFromOutside_othersAreNot_case06(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("run", scope -> {
                    scope.use(resource("a"));
                    scope.defer(() -> {
                        Thread.currentThread().interrupt();
                        Blocking.forever();
                    });
                }))
                .isInstanceOf(ScopeInterruptedException.class);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(events).containsExactly("a closed");
    }

    @EngineTest
    void release_runsInTheContextOfWhoRegistered_case06(Harness harness) {
        ThreadLocal<String> user = new ThreadLocal<>();
        ContextPropagator propagator = () -> {
            String captured = user.get();
            return captured == null
                    ? null
                    : () -> {
                        String before = user.get();
                        user.set(captured);
                        return () -> user.set(before);
                    };
        };
        ScopeFactory scopes = harness.scopes(f -> f.withPropagator(propagator));
        user.set("ada");
        scopes.run("run", scope -> {
            scope.spawn("task", () -> {
                user.set("bob");
                scope.defer(() -> events.add("released for " + user.get()));
                user.set("ada");
            });
            scope.defer(() -> events.add("released for " + user.get()));
        });

        assertThat(events).containsExactlyInAnyOrder("released for bob", "released for ada");
        assertThat(user.get()).isEqualTo("ada");
        user.remove();
    }

    @EngineTest
    void use_allThreeForms_case07(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            AutoCloseable closeable = resource("closeable");
            assertThat(scope.use(closeable)).isSameAs(closeable);
            assertThat(scope.use(() -> "handle", handle -> events.add(handle + " released")))
                    .isEqualTo("handle");
            scope.defer(() -> events.add("deferred"));
            assertThatThrownBy(() -> scope.use((AutoCloseable) null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> scope.use(null, r -> {})).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> scope.use(() -> events.add("acquired"), null))
                    .isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> scope.defer(null)).isInstanceOf(NullPointerException.class);
        });

        assertThat(events).containsExactly("deferred", "handle released", "closeable closed");
    }

    // ---- 8, 9 ----

    @EngineTest
    void use_fromTasks_isReleasedByTheScope_case08(ScopeFactory scopes) {
        AtomicInteger released = new AtomicInteger();
        scopes.run("run", scope -> {
            for (int i = 0; i < 100; i++) {
                scope.spawn(() -> scope.defer(released::incrementAndGet));
            }
        });

        assertThat(released).hasValue(100);
    }

    @EngineTest
    void use_racesTheEnd_isReleasedOnce_case08(Harness harness, ScopeFactory scopes) throws Exception {
        int rounds = 300;
        AtomicReference<Scope> scope = new AtomicReference<>();
        AtomicInteger released = new AtomicInteger();
        var barrier = harness.eachRound(
                rounds,
                () -> catchThrowable(() -> {
                    for (int i = 0; i < 3; i++) {
                        scope.get().defer(released::incrementAndGet);
                    }
                }));
        AtomicInteger before = new AtomicInteger();
        for (int round = 0; round < rounds; round++) {
            int expected = released.get();
            scopes.run("run", s -> {
                s.defer(released::incrementAndGet);
                scope.set(s);
                Blocking.await(barrier);
            });
            before.set(released.get() - expected);
            Blocking.await(barrier);
            assertThat(released.get() - expected).isBetween(2, 4);
        }
    }

    @EngineTest
    void release_ofSharedScope_isOnAThreadOfItsOwn_case09(ScopeFactory scopes) {
        AtomicReference<Thread> releasedOn = new AtomicReference<>();
        OpenScope shared = scopes.openShared("shared");
        shared.defer(() -> {
            Blocking.await(release);
            releasedOn.set(Thread.currentThread());
            assertThat(Scope.current()).isPresent();
        });
        shared.cancel();
        assertThat(shared.state()).isEqualTo(Scope.State.ENDING);
        release.countDown();
        shared.awaitDone();

        assertThat(releasedOn.get()).isNotNull().isNotSameAs(Thread.currentThread());
    }

    @EngineTest
    void release_ofSharedChild_isBeforeTheParentEnds_case09(ScopeFactory scopes) {
        scopes.run("parent", parent -> {
            OpenScope shared = scopes.openShared("shared");
            shared.use(resource("a"));
            shared.spawn("task", () -> events.add("task ended"));
            shared.complete();
        });

        assertThat(events).containsExactly("task ended", "a closed");
    }

    @EngineTest
    void release_failsInSharedScope_isThrownWhereItIsAwaited_case09(ScopeFactory scopes) {
        IllegalStateException failure = new IllegalStateException("release");
        OpenScope shared = scopes.openShared("shared");
        shared.use(broken(failure));
        shared.complete();

        assertThatThrownBy(shared::awaitDone).isSameAs(failure);
    }

    @EngineTest
    void release_stragglerStillUsesIt_isReleasedAllTheSame_case09(ScopeFactory scopes) {
        AtomicBoolean open = new AtomicBoolean(true);
        AtomicReference<@Nullable Boolean> seen = new AtomicReference<>();
        assertThatThrownBy(() -> scopes.run("run", s -> s.withCancelTimeout(Duration.ofMillis(50)), scope -> {
                    scope.defer(() -> open.set(false));
                    scope.spawn("stubborn", () -> {
                        running.countDown();
                        Blocking.stubbornly(release);
                        seen.set(open.get());
                        scope.defer(() -> events.add("late released"));
                    });
                    Blocking.await(running);
                    scope.cancel();
                }))
                .isInstanceOf(StragglerException.class);

        assertThat(open).isFalse();
        release.countDown();
        Blocking.until("the straggler's is released, too", () -> events.contains("late released"));
        assertThat(seen.get()).isFalse();
    }

    @EngineTest
    void release_factoryCloses_isDone_case09(Harness harness) {
        ScopeFactory closing = harness.scopes();
        OpenScope shared = closing.openShared("shared", s -> s.withEndless(true));
        shared.use(resource("a"));
        closing.close();

        assertThat(events).containsExactly("a closed");
    }
}
