// SPDX-License-Identifier: Apache-2.0
package io.traio.docs;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.OpenScope;
import io.traio.Operators;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeOptions.Overflow;
import io.traio.ScopePolicy;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code of docs/guide/recipes.md, which does what the page says. */
@Timeout(60)
class RecipesTest {

    record Quote(String supplier, int price) {}

    record Supplier(String name, Callable<Quote> answer) {

        Quote quote() throws Exception {
            return answer.call();
        }
    }

    private final ScopeFactory scopes = ScopeFactory.create();
    private final Queue<String> done = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        scopes.close();
    }

    // ---- partial results ----

    private List<Quote> quotes(List<Supplier> suppliers) {
        List<Task<Quote>> asked = new ArrayList<>();
        scopes.tryRun("quotes", s -> s.withTimeout(ofMillis(800)).withPolicy(ScopePolicy.awaitAll()), scope -> {
            for (Supplier supplier : suppliers) {
                asked.add(scope.spawn(supplier.name(), supplier::quote));
            }
        });
        return asked.stream()
                .filter(task -> task.status() == Task.Status.SUCCEEDED)
                .map(Task::join)
                .toList();
    }

    @Test
    void partialResults_oneFailsAndOneIsLate_othersAreThere() {
        Quote alpha = new Quote("alpha", 700);
        assertThat(quotes(List.of(
                        new Supplier("alpha", () -> alpha),
                        new Supplier("down", () -> {
                            throw new IOException("down");
                        }),
                        new Supplier("late", () -> {
                            Thread.sleep(60_000);
                            return alpha;
                        }))))
                .containsExactly(alpha);
    }

    // ---- first of several, and a hedged request ----

    private String fromFastestMirror() {
        return Operators.on(scopes)
                .withOptions(s -> s.withTimeout(ofSeconds(2)))
                .race(() -> download("europe"), () -> download("asia"));
    }

    private String hedged() {
        return Operators.on(scopes).hedge(ofMillis(50), () -> download("asia"), () -> download("europe"));
    }

    private String download(String mirror) throws InterruptedException {
        if (mirror.equals("asia")) {
            Thread.sleep(1_500);
        }
        return mirror;
    }

    @Test
    void race_takesTheFirstSuccess() {
        assertThat(fromFastestMirror()).isEqualTo("europe");
    }

    @Test
    void hedge_secondAttemptHelps() {
        assertThat(hedged()).isEqualTo("europe");
    }

    // ---- retry inside a deadline ----

    private static <T> T retry(Duration pause, Callable<T> work) throws Exception {
        while (true) {
            try {
                return work.call();
            } catch (IOException e) {
                Duration left = Scope.requireCurrent().remaining().orElse(pause);
                if (left.compareTo(pause) < 0) {
                    throw e;
                }
                Thread.sleep(pause.toMillis());
            }
        }
    }

    private String order(String id) {
        return scopes.call("order", s -> s.withTimeout(ofSeconds(2)), scope -> retry(ofMillis(100), () -> fetch(id)));
    }

    private final AtomicInteger attempts = new AtomicInteger();

    private String fetch(String id) throws IOException {
        if (attempts.incrementAndGet() < 3) {
            throw new IOException("unavailable");
        }
        return id;
    }

    @Test
    void retry_thirdAttemptSucceeds() {
        assertThat(order("7")).isEqualTo("7");
        assertThat(attempts).hasValue(3);
    }

    @Test
    void retry_noTimeForAnotherPause_throwsTheFailure() {
        assertThatThrownBy(() -> scopes.call(
                        "order", s -> s.withTimeout(ofSeconds(30)), scope -> retry(ofSeconds(60), () -> fetch("7"))))
                .hasRootCauseMessage("unavailable");
        assertThat(attempts).hasValue(1);
    }

    // ---- rate limit ----

    private void sendAll(List<String> mails, Duration pause) {
        scopes.run("mails", s -> s.withMaxConcurrency(8).withOverflow(Overflow.BLOCK), scope -> {
            for (String mail : mails) {
                scope.spawn(mail, () -> send(mail));
                Thread.sleep(pause.toMillis());
            }
        });
    }

    private void send(String mail) {
        done.add(mail);
    }

    @Test
    void rate_isLimited() {
        long start = System.nanoTime();
        sendAll(List.of("a", "b", "c"), ofMillis(20));
        assertThat(done).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(System.nanoTime() - start)
                .isGreaterThanOrEqualTo(ofMillis(60).toNanos());
    }

    // ---- periodic job ----

    private OpenScope startJobs(Duration period) {
        OpenScope jobs = scopes.openShared("jobs", s -> s.withEndless(true));
        jobs.spawn("refresh", () -> {
            while (true) {
                try {
                    scopes.run("refresh", s -> s.withTimeout(ofSeconds(30)), round -> reload());
                } catch (ScopeTimeoutException | IllegalStateException e) {
                    log("The refresh failed", e);
                }
                Thread.sleep(period.toMillis());
            }
        });
        return jobs;
    }

    private final CountDownLatch rounds = new CountDownLatch(3);

    private void reload() {
        rounds.countDown();
        if (rounds.getCount() == 2) {
            throw new IllegalStateException("no such table");
        }
    }

    private void log(String message, Exception e) {
        done.add(message + ": " + e.getMessage());
    }

    @Test
    void periodicJob_failsOnceAndGoesOn_untilItIsCancelled() throws InterruptedException {
        OpenScope jobs = startJobs(ofMillis(5));
        assertThat(rounds.await(30, TimeUnit.SECONDS)).isTrue();
        jobs.cancel();
        jobs.awaitDone();
        assertThat(done).containsExactly("The refresh failed: no such table");
    }

    // ---- consumer loop ----

    private final BlockingQueue<String> orders = new LinkedBlockingQueue<>();

    private OpenScope startConsumers(int count) {
        OpenScope consumers = scopes.openShared("consumers", s -> s.withEndless(true));
        for (int i = 1; i <= count; i++) {
            consumers.spawn("consumer-" + i, this::consume);
        }
        return consumers;
    }

    private void consume() throws InterruptedException {
        while (true) {
            String order = orders.take();
            scopes.run("order", s -> s.withShielded(true).withTimeout(ofSeconds(10)), scope -> handle(order));
        }
    }

    private final CountDownLatch handling = new CountDownLatch(1);
    private final CountDownLatch cancelled = new CountDownLatch(1);

    private void handle(String order) throws InterruptedException {
        handling.countDown();
        cancelled.await();
        done.add(order);
    }

    @Test
    void consumers_cancelled_finishTheOrderInWork() throws InterruptedException {
        OpenScope consumers = startConsumers(2);
        orders.add("7");
        assertThat(handling.await(30, TimeUnit.SECONDS)).isTrue();
        consumers.cancel();
        cancelled.countDown();
        consumers.awaitDone();
        assertThat(done).containsExactly("7");
    }
}
