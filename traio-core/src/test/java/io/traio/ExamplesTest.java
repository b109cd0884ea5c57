// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.traio.EngineTest.Threads;
import io.traio.test.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** What the README of the ancestor, the Python library, shows: the same, with the same outcome. */
class ExamplesTest {

    private static final Duration TIMEOUT = Duration.ofMillis(200);

    private final Queue<String> done = new ConcurrentLinkedQueue<>();

    /** A page that comes when its turn is there. */
    private Void fetch(String page) {
        done.add(page);
        return null;
    }

    /** A page that never comes. */
    private Object fetchSlowly(CountDownLatch started) throws InterruptedException {
        started.countDown();
        try {
            return Blocking.forever();
        } finally {
            done.add("slow page given up");
        }
    }

    @EngineTest
    void simpleScope_withBlock_waitsForAll(ScopeFactory scopes) {
        scopes.run("fetch", scope -> {
            scope.spawn(() -> fetch("a"));
            scope.spawn(() -> fetch("b"));
            scope.spawn(() -> fetch("c"));
        });

        assertThat(done).containsExactlyInAnyOrder("a", "b", "c");
    }

    @EngineTest
    void simpleScope_withTimeout_cancelsWhatIsLeft(ScopeFactory scopes, TestClock clock) {
        assertThatThrownBy(() -> scopes.run("fetch", s -> s.withTimeout(TIMEOUT), scope -> {
                    CountDownLatch started = new CountDownLatch(1);
                    scope.spawn(() -> fetchSlowly(started));
                    Blocking.await(started);
                    clock.advance(TIMEOUT);
                }))
                .isInstanceOf(ScopeTimeoutException.class);

        assertThat(done).containsExactly("slow page given up");
    }

    @EngineTest
    void simpleScope_withoutBlock_isFinalizedAndAwaited(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("fetch");
        scope.spawn(() -> fetch("a"));
        scope.spawn(() -> fetch("b"));
        scope.complete();
        scope.awaitDone();

        assertThat(done).containsExactlyInAnyOrder("a", "b");
        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
    }

    @EngineTest
    void namesAndLogger_areSeenInTheLog(ScopeFactory scopes) {
        LogCapture log = new LogCapture();

        scopes.run("fetch", s -> s.withLogger(log.logger()), scope -> scope.spawn("page-1", () -> fetch("a")));

        assertThat(log.messages(Level.DEBUG))
                .anyMatch(message -> message.contains("'fetch'"))
                .anyMatch(message -> message.contains("'page-1'"));
    }

    @EngineTest
    void bubbleFalse_failureStaysInTheTask(ScopeFactory scopes) {
        scopes.run("fetch", scope -> {
            scope.spawn(
                    "failing",
                    () -> {
                        throw new IOException("no such page");
                    },
                    t -> t.withBubble(false));
            scope.spawn("good", () -> fetch("a"));
        });

        assertThat(done).containsExactly("a");
    }

    @EngineTest
    void master_ends_cancelsTheOthers(ScopeFactory scopes) {
        scopes.run("fetch", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("slow", () -> fetchSlowly(started));
            Blocking.await(started);
            scope.spawn("master", () -> fetch("master page"), t -> t.withMaster(true));
        });

        assertThat(done).containsExactlyInAnyOrder("master page", "slow page given up");
    }

    @EngineTest
    void notAwaited_isCancelledWhenTheOthersAreDone(ScopeFactory scopes) {
        scopes.run("fetch", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("background", () -> fetchSlowly(started), t -> t.withAwaited(false));
            Blocking.await(started);
            scope.spawn("page", () -> fetch("a"));
        });

        assertThat(done).containsExactly("a", "slow page given up");
    }

    @EngineTest
    void allFlags_backgroundMasterThatDoesNotBubbleFails_scopeEndsSilently(ScopeFactory scopes) {
        scopes.run("fetch", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("slow", () -> fetchSlowly(started));
            Blocking.await(started);
            scope.spawn(
                    "watchdog",
                    () -> {
                        throw new IOException("lost the connection");
                    },
                    t -> t.withMaster(true).withBubble(false).withAwaited(false));
        });

        assertThat(done).containsExactly("slow page given up");
    }

    @EngineTest
    void nestedScope_timeoutOfTheParent_cancelsTheChild(ScopeFactory scopes, TestClock clock) {
        assertThatThrownBy(() -> scopes.run(
                        "outer",
                        o -> o.withTimeout(TIMEOUT),
                        outer -> scopes.run("inner", i -> i.withTimeout(TIMEOUT.multipliedBy(2)), inner -> {
                            CountDownLatch started = new CountDownLatch(1);
                            inner.spawn(() -> fetchSlowly(started));
                            Blocking.await(started);
                            clock.advance(TIMEOUT);
                        })))
                .isInstanceOfSatisfying(
                        ScopeTimeoutException.class,
                        e -> assertThat(e.scopeName()).isEqualTo("outer"));

        assertThat(done).containsExactly("slow page given up");
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY})
    void blockingCode_thatNoInterruptReaches_isLeftBehind(ScopeFactory scopes) {
        CountDownLatch end = new CountDownLatch(1);
        scopes.run("fetch", scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn(
                    "blocking",
                    () -> {
                        started.countDown();
                        return Blocking.stubbornly(end);
                    },
                    t -> t.withAbandonOnCancel(true).withAwaited(false));
            Blocking.await(started);
        });

        assertThat(scopes.abandoned()).isEqualTo(1);
        end.countDown();
    }

    @EngineTest
    void currentScope_isThatOfTheBodyAndOfItsTasks(ScopeFactory scopes) {
        assertThat(Scope.current()).isEmpty();
        scopes.run("fetch", scope -> {
            assertThat(Scope.current()).contains(scope);
            scope.spawn(() -> {
                        Scope.current().orElseThrow().spawn(() -> fetch("from a task"));
                        assertThat(Scope.current()).contains(scope);
                    })
                    .join();
        });

        assertThat(Scope.current()).isEmpty();
        assertThat(done).containsExactly("from a task");
    }
}
