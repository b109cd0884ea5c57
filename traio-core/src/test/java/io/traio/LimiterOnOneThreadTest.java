// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.EngineTest.Threads;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The only permit of a limiter is held by a task of another scope that the executor has not begun, and the thread that waits
 * for the next permit is all that the executor has.
 */
@Spec("Threads")
class LimiterOnOneThreadTest {

    private final Limiter limiter = Limiter.of("limiter", 1);

    /** A piece of a task that runs on the only thread, and waits for a task that waits for the permit. */
    @FunctionalInterface
    private interface Waiting {
        void in(ScopeFactory scopes, OpenScope limited) throws Exception;
    }

    private ScopeOptions limited(ScopeOptions options) {
        return options.withLimiter(limiter);
    }

    private void assertGoesOn(ScopeFactory scopes, Waiting waiting) {
        try (OpenScope around = scopes.openShared("around");
                OpenScope others = scopes.openShared("others", this::limited);
                OpenScope limited = scopes.openShared("limited", this::limited)) {
            Task<?> waiter = around.spawn("waiter", () -> {
                Task<?> first = others.spawn("first", () -> 1);
                waiting.in(scopes, limited);
                assertThat(first.join()).isEqualTo(1);
            });
            Blocking.until("the waiter has ended", waiter::isDone);
            waiter.join();
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void join_goesOn(ScopeFactory scopes) {
        assertGoesOn(
                scopes,
                (s, limited) ->
                        assertThat(limited.spawn("second", () -> 2).join()).isEqualTo(2));
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void timedGet_goesOn(ScopeFactory scopes) {
        assertGoesOn(
                scopes,
                (s, limited) -> assertThat(limited.spawn("second", () -> 2).get(10, TimeUnit.SECONDS))
                        .isEqualTo(2));
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void awaitEnd_goesOn(ScopeFactory scopes) {
        assertGoesOn(scopes, (s, limited) -> limited.spawn("second", () -> 2).awaitEnd());
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void awaitDone_goesOn(ScopeFactory scopes) {
        assertGoesOn(scopes, (s, limited) -> {
            limited.spawn("second", () -> 2);
            limited.complete();
            assertThat(limited.awaitDone(Duration.ofSeconds(10))).isTrue();
        });
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void exitOfAScope_goesOn(ScopeFactory scopes) {
        assertGoesOn(scopes, (s, limited) -> s.run("inner", this::limited, inner -> inner.spawn("second", () -> 2)));
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void exitOfAScopeWithAMaximum_goesOn(ScopeFactory scopes) {
        assertGoesOn(
                scopes,
                (s, limited) -> s.run("inner", o -> limited(o).withMaxConcurrency(1), inner -> {
                    inner.spawn("second", () -> 2);
                    inner.spawn("third", () -> 3);
                }));
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void exitOfAScopeAroundASharedOne_goesOn(ScopeFactory scopes) {
        assertGoesOn(
                scopes,
                (s, limited) -> s.run("inner", inner -> {
                    OpenScope below = inner.fork().openShared("below", this::limited);
                    below.spawn("second", () -> 2);
                    below.complete();
                }));
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.ONE})
    void manyBefore_goesOn(ScopeFactory scopes) {
        try (OpenScope others = scopes.openShared("others", this::limited);
                OpenScope around = scopes.openShared("around")) {
            int sum = around.await("waiter", () -> {
                for (int i = 0; i < 100; i++) {
                    others.spawn(() -> 1);
                }
                return scopes.call(
                        "inner",
                        this::limited,
                        inner -> inner.spawn("last", () -> 2).join());
            });
            assertThat(sum).isEqualTo(2);
        }
    }

    /** Its thread is another executor's, which is full as well. */
    @EngineTest(on = Threads.ONE)
    void permitHeldInAnotherFactory_goesOn(Harness harness, ScopeFactory scopes) {
        CountDownLatch free = new CountDownLatch(1);
        Executor full = harness.pool(1);
        ScopeFactory elsewhere = harness.scopes(f -> f.withExecutor(full));
        full.execute(() -> Blocking.stubbornly(free));
        try (OpenScope others = elsewhere.openShared("others", this::limited);
                OpenScope limited = scopes.openShared("limited", this::limited)) {
            Task<Integer> first = others.spawn("first", () -> 1);
            assertThat(limited.spawn("second", () -> 2).join()).isEqualTo(2);
            assertThat(first.join()).isEqualTo(1);
        } finally {
            free.countDown();
        }
    }

    // ---- a lent thread that is at another task ----

    /** The lent thread has taken the first ticket there was, as no permit was idle; then one is. */
    @Test
    @Timeout(40)
    void permitBecomesIdle_lentThreadIsAtAnotherTask_theTaskRuns() {
        CountDownLatch besideRuns = new CountDownLatch(1);
        CountDownLatch besideEnds = new CountDownLatch(1);
        CountDownLatch holderWaits = new CountDownLatch(1);
        AtomicBoolean begun = new AtomicBoolean();
        Executor beginsTheFirst = ticket -> {
            if (begun.compareAndSet(false, true)) {
                new Thread(ticket).start();
            }
        };
        try (ScopeFactory plain = ScopeFactory.create();
                ScopeFactory scopes = ScopeFactory.create(f -> f.withExecutor(beginsTheFirst));
                OpenScope outside = plain.openShared("outside");
                OpenScope two = scopes.openShared("two", s -> s.withMaxConcurrency(2))) {
            CountDownLatch end = new CountDownLatch(1);
            Task<?> waitedFor = outside.spawn("waited for", () -> Blocking.await(end));
            CountDownLatch holderRuns = new CountDownLatch(1);
            two.spawn("holder", () -> {
                holderRuns.countDown();
                Blocking.await(holderWaits);
                waitedFor.join();
            });
            Blocking.until("the executor has begun the holder", () -> holderRuns.getCount() == 0);
            two.spawn("beside", () -> {
                besideRuns.countDown();
                Blocking.await(besideEnds);
            });
            Task<Integer> borrower = two.spawn("borrower", () -> 7);
            Task<Integer> waiter = outside.spawn("waiter", () -> borrower.join());
            Blocking.until("the lent thread is at another task", () -> besideRuns.getCount() == 0);

            holderWaits.countDown();

            Blocking.until("the borrower has run", waiter::isDone);
            besideEnds.countDown();
            end.countDown();
            assertThat(waiter.join()).isEqualTo(7);
        }
    }
}
