// SPDX-License-Identifier: Apache-2.0
package io.traio.docs;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import io.traio.ScopeFailedException;
import io.traio.ScopePolicy;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import io.traio.Task;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Code of the pages in docs/guide that no other test has; it does what the pages say. */
@Timeout(60)
class GuideTest {

    private final ScopeFactory scopes = ScopeFactory.create();
    private final Queue<String> done = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        scopes.close();
    }

    private void step(String what) {
        done.add(what);
    }

    // ---- errors ----

    private String bookTrip() {
        try {
            return scopes.call("trip", scope -> {
                Task<String> flight = scope.spawn("flight", () -> bookFlight());
                Task<String> hotel = scope.spawn("hotel", () -> bookHotel());
                return flight.join() + " and " + hotel.join();
            });
        } catch (ScopeFailedException e) {
            return "no trip: " + e.getCause().getMessage();
        }
    }

    private String bookFlight() throws IOException {
        throw new IOException("sold out");
    }

    private String bookHotel() throws InterruptedException {
        Thread.sleep(60_000);
        return "hotel";
    }

    @Test
    void checkedFailure_comesInAScopeFailedException() {
        assertThat(bookTrip()).isEqualTo("no trip: sold out");
    }

    private void supervise(List<String> ids) {
        scopes.run("imports", s -> s.withTaskDefaults(t -> t.withBubble(false)), scope -> {
            for (String id : ids) {
                scope.spawn(id, () -> importOne(id));
            }
        });
    }

    private void importOne(String id) throws IOException {
        if (id.equals("2")) {
            throw new IOException("no such file");
        }
        step(id);
    }

    @Test
    void supervisor_oneFails_othersGoOn() {
        supervise(List.of("1", "2", "3"));
        assertThat(done).containsExactlyInAnyOrder("1", "3");
    }

    @Test
    void policy_anySuccessful_endsTheScope() {
        AtomicInteger answers = new AtomicInteger();
        scopes.run("lookup", s -> s.withPolicy(ScopePolicy.anySuccessfulOrThrow()), scope -> {
            scope.spawn("cache", () -> answers.incrementAndGet());
            scope.spawn("database", () -> bookHotel());
        });
        assertThat(answers).hasValue(1);
    }

    // ---- timeouts ----

    @Test
    void timeout_ofAnOuterScope_isTheOuterOnes() {
        assertThatThrownBy(() -> {
                    scopes.run("outer", s -> s.withTimeout(ofMillis(50)), outer -> {
                        scopes.run("inner", s -> s.withTimeout(ofSeconds(30)), inner -> {
                            inner.spawn("slow", () -> bookHotel());
                        });
                    });
                })
                .isInstanceOfSatisfying(
                        ScopeTimeoutException.class,
                        e -> assertThat(e.scopeName()).isEqualTo("outer"));
    }

    private void budget() {
        scopes.run("batch", s -> s.withTimeout(ofSeconds(5)), scope -> {
            List<String> pages = scope.await("pages", () -> List.of("1", "2"));
            scope.setTimeout(ofSeconds(1).plus(ofMillis(200).multipliedBy(pages.size())));
            for (String page : pages) {
                scope.spawn(page, () -> step(page));
            }
        });
    }

    @Test
    void setTimeout_countsFromTheCall() {
        budget();
        assertThat(done).containsExactlyInAnyOrder("1", "2");
    }

    private long sum(long[] numbers) {
        long sum = 0;
        for (int i = 0; i < numbers.length; i++) {
            if (i % 1_000 == 0) {
                Scope.checkCancelled();
            }
            sum += numbers[i];
        }
        return sum;
    }

    @Test
    void checkCancelled_inCancelledScope_throws() {
        assertThat(sum(new long[] {1, 2})).isEqualTo(3);
        scopes.run("sums", scope -> {
            scope.cancel("not needed any more");
            assertThatThrownBy(() -> sum(new long[] {1, 2}))
                    .isInstanceOf(ScopeCancelledException.class)
                    .hasMessageContaining("not needed any more");
        });
    }

    // ---- background and master ----

    private void untilTheGameIsOver(CountDownLatch over) {
        scopes.run("game", scope -> {
            scope.spawn("clock", () -> tick(), t -> t.withAwaited(false));
            scope.spawn("board", () -> tick());
            scope.spawn("referee", () -> over.await(), t -> t.withMaster(true));
        });
    }

    private void tick() throws InterruptedException {
        while (true) {
            Thread.sleep(1);
        }
    }

    @Test
    void master_ends_scopeEndsSilently() {
        untilTheGameIsOver(new CountDownLatch(0));
    }

    // ---- nesting ----

    private void nested() {
        scopes.run("import", outer -> {
            outer.spawn("log", () -> step("log"));
            scopes.run("files", inner -> {
                inner.spawn("a.csv", () -> step("a.csv"));
                inner.spawn("b.csv", () -> step("b.csv"));
            });
            step("both files are done");
        });
    }

    @Test
    void child_hasEndedBeforeTheBodyGoesOn() {
        nested();
        assertThat(done).containsExactlyInAnyOrder("log", "a.csv", "b.csv", "both files are done");
    }

    private void detached() {
        scopes.run("request", s -> s.withTimeout(ofSeconds(1)), request -> {
            scopes.run("audit", s -> s.withDetached(true).withTimeout(ofSeconds(5)), audit -> {
                audit.spawn("write", () -> step("audit"));
            });
        });
    }

    @Test
    void detached_hasNoParent() {
        detached();
        assertThat(done).containsExactly("audit");
    }

    // ---- long-lived scopes ----

    @Test
    void drain_waitsForWhatIsCompleted() {
        OpenScope mails = scopes.openShared("mails");
        mails.spawn("welcome", () -> step("welcome"));
        mails.complete();
        boolean allEnded = scopes.drain(ofSeconds(10));
        assertThat(allEnded).isTrue();
        assertThat(done).containsExactly("welcome");
    }

    // ---- stragglers ----

    @Test
    void straggler_isReported_andTheExitGoesOn() {
        CountDownLatch end = new CountDownLatch(1);
        assertThatThrownBy(() -> scopes.run("legacy", s -> s.withCancelTimeout(ofMillis(50)), scope -> {
                    CountDownLatch started = new CountDownLatch(1);
                    scope.spawn("deaf", () -> {
                        started.countDown();
                        while (end.getCount() > 0) {
                            Thread.interrupted(); // code that swallows interrupts
                            LockSupport.parkNanos(1_000_000);
                        }
                    });
                    started.await();
                    scope.cancel();
                }))
                .isInstanceOf(StragglerException.class)
                .hasMessageContaining("'deaf'");
        end.countDown();
        assertThat(scopes.drain(ofSeconds(10))).isTrue();
    }

    @Test
    void abandonOnCancel_exitDoesNotWait() {
        CountDownLatch end = new CountDownLatch(1);
        scopes.run("legacy", scope -> {
            scope.spawn("native call", () -> callThatNothingInterrupts(end), t -> t.withAbandonOnCancel(true));
            scope.cancel();
        });
        end.countDown();
    }

    private void callThatNothingInterrupts(CountDownLatch end) {
        while (end.getCount() > 0) {
            Thread.interrupted();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
