// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeOptions;
import io.traio.Task;
import io.traio.spring.boot.endpoint.ScopesEndpoint;
import io.traio.test.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.actuate.endpoint.Show;

class ScopeMetricsTest {

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final ScopeMetrics metrics = new ScopeMetrics(3);
    private final TestClock clock = new TestClock();
    private final ScopeFactory scopes =
            ScopeFactory.create(f -> f.withTimeSource(clock).withListener(metrics));
    private final ScopesEndpoint endpoint = new ScopesEndpoint(List.of(scopes), Show.NEVER);

    ScopeMetricsTest() {
        metrics.bindTo(registry);
    }

    // ---- scopes ----

    @Test
    void scope_endsByItself_isTimedAsSuccess() {
        scopes.run("quotes", scope -> clock.advance(Duration.ofMillis(300)));
        Timer timer = timer("traio.scope", "quotes", "success", "none");
        assertThat(timer.count()).isEqualTo(1);
        assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(300);
        assertThat(registry.find("traio.scope.cancellations").counters())
                .as("there, so that a rate sees the first")
                .isNotEmpty()
                .allMatch(counter -> counter.count() == 0);
        assertThat(registry.find("traio.scope.unwind").timers()).isEmpty();
    }

    @Test
    void scope_bodyFails_isTimedAsFailureWithItsClass() {
        catchThrowable(() -> scopes.run("quotes", scope -> {
            throw new IllegalStateException("no");
        }));
        assertThat(timer("traio.scope", "quotes", "failure", "IllegalStateException")
                        .count())
                .isEqualTo(1);
        assertThat(cancellations("quotes", "failure")).isEqualTo(1);
    }

    @Test
    void scope_checkedExceptionIsWrapped_hasTheClassOfTheCause() {
        catchThrowable(() -> scopes.run("quotes", scope -> {
            throw new IOException("no");
        }));
        assertThat(timer("traio.scope", "quotes", "failure", "IOException").count())
                .isEqualTo(1);
    }

    @Test
    void scope_exceptionOfAnonymousClass_hasItsFullName() {
        RuntimeException anonymous = new RuntimeException() {};
        catchThrowable(() -> scopes.run("quotes", scope -> {
            throw anonymous;
        }));
        assertThat(timer(
                                "traio.scope",
                                "quotes",
                                "failure",
                                anonymous.getClass().getName())
                        .count())
                .isEqualTo(1);
    }

    @Test
    void scope_timesOut_isTimedAsTimeout() {
        catchThrowable(() -> scopes.run("quotes", s -> s.withTimeout(Duration.ofSeconds(1)), scope -> {
            clock.advance(Duration.ofSeconds(1));
        }));
        assertThat(timer("traio.scope", "quotes", "timeout", "ScopeTimeoutException")
                        .count())
                .isEqualTo(1);
        assertThat(cancellations("quotes", "timeout")).isEqualTo(1);
    }

    @Test
    void scope_cancelled_isTimedAsCancelledWithItsUnwinding() {
        scopes.run("quotes", scope -> {
            scope.cancel();
            clock.advance(Duration.ofMillis(70));
        });
        assertThat(timer("traio.scope", "quotes", "cancelled", "none").count()).isEqualTo(1);
        assertThat(cancellations("quotes", "explicit")).isEqualTo(1);
        Timer unwind =
                registry.get("traio.scope.unwind").tag("scope.name", "quotes").timer();
        assertThat(unwind.count()).isEqualTo(1);
        assertThat(unwind.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(70);
    }

    @Test
    void scope_masterEnds_isTimedAsSuccess() {
        scopes.run("quotes", scope -> scope.spawn("master", () -> {}, t -> t.withMaster(true)));
        assertThat(timer("traio.scope", "quotes", "success", "none").count()).isEqualTo(1);
        assertThat(cancellations("quotes", "master")).isEqualTo(1);
    }

    @Test
    void scope_cancelledWithItsParent_hasThatReason() {
        OpenScope parent = scopes.openShared("parent");
        parent.fork().openShared("child");
        parent.close();
        assertThat(cancellations("parent", "close")).isEqualTo(1);
        assertThat(cancellations("child", "parent")).isEqualTo(1);
        assertThat(timer("traio.scope", "child", "cancelled", "ScopeCancelledException")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void scope_ownerInterrupted_hasThatReason() {
        catchThrowable(() -> scopes.run("quotes", scope -> {
            throw new InterruptedException();
        }));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(cancellations("quotes", "interrupt")).isEqualTo(1);
        assertThat(timer("traio.scope", "quotes", "cancelled", "ScopeInterruptedException")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void scope_factoryClosed_hasTheReasonShutdown() {
        scopes.openShared("quotes");
        scopes.close();
        assertThat(cancellations("quotes", "shutdown")).isEqualTo(1);
    }

    @Test
    void scope_cancelledOverTheEndpoint_hasThatReason() {
        OpenScope scope = scopes.openShared("quotes");
        endpoint.cancel(Long.toString(scope.id()), null);
        assertThat(cancellations("quotes", "endpoint")).isEqualTo(1);
        assertThat(registry.find("traio.scope.cancellations").counters())
                .filteredOn(counter -> counter.count() > 0)
                .hasSize(1);
    }

    @Test
    void scope_aroundOneThatTheEndpointCancelled_hasTheReasonFailure() {
        catchThrowable(() -> scopes.run(
                "outer",
                outer -> scopes.run("inner", inner -> {
                    endpoint.cancel(Long.toString(inner.id()), null);
                })));
        assertThat(cancellations("inner", "endpoint")).isEqualTo(1);
        assertThat(cancellations("outer", "failure")).isEqualTo(1);
    }

    @Test
    void unobserved_childFailsAndNobodyAwaitsIt_isCounted() {
        try (OpenScope parent = scopes.openShared("parent")) {
            OpenScope child = parent.fork().openShared("child");
            child.spawn("deep", () -> {
                throw new IllegalStateException("no");
            });
            await().until(() -> child.state() == Scope.State.CLOSED);
        }
        assertThat(registry.get("traio.scope.unobserved")
                        .tag("scope.name", "child")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("traio.scope.unobserved")
                        .tag("scope.name", "parent")
                        .counter()
                        .count())
                .as("is there from the start")
                .isZero();
    }

    @Test
    void scopeActive_whileItLives_isOne() {
        OpenScope scope = scopes.openShared("quotes");
        assertThat(gauge("traio.scope.active", "quotes")).isEqualTo(1);
        scope.close();
        assertThat(gauge("traio.scope.active", "quotes")).isZero();
    }

    // ---- tasks ----

    @Test
    void task_succeeds_isTimed() {
        scopes.run("quotes", scope -> scope.spawn("alpha", () -> clock.advance(Duration.ofMillis(20))));
        Timer timer = timer("traio.task", "quotes", "success", "none");
        assertThat(timer.count()).isEqualTo(1);
        assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(20);
    }

    @Test
    void task_fails_isTimedAsFailureWithItsClass() {
        scopes.run(
                "quotes",
                scope -> scope.spawn(
                        "alpha",
                        () -> {
                            throw new IOException("no");
                        },
                        t -> t.withBubble(false)));
        assertThat(timer("traio.task", "quotes", "failure", "IOException").count())
                .isEqualTo(1);
    }

    @Test
    void task_cancelledWhileItRuns_isTimedAsCancelled() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        try (OpenScope scope = scopes.openShared("quotes")) {
            Task<?> task = scope.spawn("alpha", () -> {
                started.countDown();
                new CountDownLatch(1).await();
                return null;
            });
            started.await();
            assertThat(gauge("traio.task.active", "quotes")).isEqualTo(1);
            task.cancel();
            scope.join();
        }
        assertThat(gauge("traio.task.active", "quotes")).isZero();
        assertThat(timer("traio.task", "quotes", "cancelled", "none").count()).isEqualTo(1);
    }

    @Test
    void taskQueued_waitsForAPermit_isOneUntilItStartsOrIsCancelled() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        try (OpenScope scope = scopes.openShared("quotes", s -> s.withMaxConcurrency(1))) {
            scope.spawn("first", () -> {
                started.countDown();
                free.await();
                return null;
            });
            started.await();
            scope.spawn("second", () -> {});
            Task<?> third = scope.spawn("third", () -> {});
            assertThat(gauge("traio.task.queued", "quotes")).isEqualTo(2);
            third.cancel();
            assertThat(gauge("traio.task.queued", "quotes")).isEqualTo(1);
            clock.advance(Duration.ofMillis(40));
            free.countDown();
            scope.join();
        }
        assertThat(gauge("traio.task.queued", "quotes")).isZero();
        assertThat(gauge("traio.task.active", "quotes")).isZero();
        Timer wait = registry.get("traio.task.wait").tag("scope.name", "quotes").timer();
        assertThat(wait.count()).isEqualTo(2);
        assertThat(wait.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(40);
        assertThat(timer("traio.task", "quotes", "cancelled", "none").totalTime(TimeUnit.NANOSECONDS))
                .isZero();
    }

    @Test
    void taskStragglers_whileOneRunsOn_isOne() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("quotes");
        Task<?> task = scope.spawn("stubborn", () -> {
            started.countDown();
            awaitIgnoringInterrupts(free);
        });
        started.await();
        scope.cancel();
        clock.advance(ScopeOptions.DEFAULT.cancelTimeout());
        assertThat(gauge("traio.task.stragglers", "quotes")).isEqualTo(1);
        assertThat(gauge("traio.task.active", "quotes")).isEqualTo(1);
        CountDownLatch ended = new CountDownLatch(1);
        task.onDone(t -> ended.countDown());
        free.countDown();
        ended.await();
        while (scope.state() != Scope.State.CLOSED) {
            Thread.onSpinWait();
        }
        assertThat(gauge("traio.task.stragglers", "quotes")).isZero();
        assertThat(gauge("traio.task.active", "quotes")).isZero();
    }

    @Test
    void scopeStragglers_bodyThatRunsOn_countsOnce() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        Thread owner = new Thread(() -> scopes.run("quotes", scope -> {
            started.countDown();
            awaitIgnoringInterrupts(free);
        }));
        owner.start();
        started.await();
        assertThat(registry.get("traio.scope.stragglers").counter().count()).isZero();
        scopes.scopes().get(0).cancel();
        clock.advance(ScopeOptions.DEFAULT.cancelTimeout());
        assertThat(registry.get("traio.scope.stragglers").counter().count()).isEqualTo(1);
        free.countDown();
        owner.join();
    }

    @Test
    void task_executorRefuses_countsAsFailureAndIsNotQueued() {
        ScopeFactory refusing = ScopeFactory.create(f -> f.withListener(metrics).withThreadFactory(r -> null));
        catchThrowable(() -> refusing.run("quotes", scope -> scope.spawn("alpha", () -> {})));
        assertThat(gauge("traio.task.queued", "quotes")).isZero();
        assertThat(gauge("traio.task.active", "quotes")).isZero();
        assertThat(registry.get("traio.task")
                        .tags("scope.name", "quotes", "outcome", "failure")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    // ---- names ----

    @Test
    void names_moreThanTheLimit_countAsOther() {
        for (String name : new String[] {"a", "b", "c", "d", "e", "a"}) {
            scopes.run(name, scope -> scope.spawn("task-of-" + name, () -> {}));
        }
        assertThat(tagValues("scope.name")).containsExactly("a", "b", "c", "other");
        assertThat(timer("traio.scope", "a", "success", "none").count()).isEqualTo(2);
        assertThat(timer("traio.scope", "other", "success", "none").count()).isEqualTo(2);
        assertThat(timer("traio.task", "other", "success", "none").count()).isEqualTo(2);
    }

    @Test
    void names_manyThousands_leaveTheNumberOfMetersAsItIs() {
        scopes.run("a", scope -> scope.spawn(() -> {}));
        scopes.run("b", scope -> {});
        scopes.run("c", scope -> {});
        scopes.run("d", scope -> scope.spawn(() -> {}));
        int before = registry.getMeters().size();
        for (int i = 0; i < 50_000; i++) {
            scopes.run("user-" + i, scope -> {});
        }
        assertThat(registry.getMeters()).hasSize(before);
        assertThat(timer("traio.scope", "other", "success", "none").count()).isEqualTo(50_001);
        assertThat(gauge("traio.scope.active", "other")).isZero();
    }

    @ParameterizedTest
    @CsvSource({"name, task-name", "id, x"})
    void tags_ofTasks_haveNeitherNameNorId(String key, String ignored) {
        scopes.run("quotes", scope -> scope.spawn("task-name", () -> {}));
        assertThat(registry.getMeters())
                .flatExtracting(m -> m.getId().getTags())
                .extracting(Tag::getKey)
                .doesNotContain("task." + key)
                .containsOnly("scope.name", "outcome", "exception", "reason");
        assertThat(registry.getMeters())
                .flatExtracting(m -> m.getId().getTags())
                .extracting(Tag::getValue)
                .doesNotContain("task-name");
    }

    @Test
    void name_withControlCharacters_isEscaped() {
        scopes.run("a\r\nb\u001b[31m\u202e", scope -> {});
        assertThat(tagValues("scope.name")).containsExactly("a\\u000D\\u000Ab\\u001B[31m\\u202E");
    }

    @Test
    void names_theSameOnceEscaped_shareTheirMeters() {
        OpenScope raw = scopes.openShared("a\n");
        OpenScope escaped = scopes.openShared("a\\u000A");
        assertThat(gauge("traio.scope.active", "a\\u000A")).isEqualTo(2);
        raw.close();
        escaped.close();
        assertThat(gauge("traio.scope.active", "a\\u000A")).isZero();
    }

    @Test
    void name_ofAMegabyte_countsAsOther() {
        scopes.run("x".repeat(1 << 20), scope -> {});
        assertThat(tagValues("scope.name")).containsExactly("other");
    }

    @Test
    void name_thatIsOther_sharesTheMetersOfTheRest() {
        ScopeMetrics one = new ScopeMetrics(1);
        one.bindTo(registry);
        ScopeFactory factory = ScopeFactory.create(f -> f.withListener(one));
        factory.run("other", scope -> factory.run("b", below -> {}));
        assertThat(timer("traio.scope", "other", "success", "none").count()).isEqualTo(2);
    }

    @Test
    void maxNames_zero_countsAllAsOther() {
        ScopeMetrics none = new ScopeMetrics(0);
        none.bindTo(registry);
        ScopeFactory.create(f -> f.withListener(none)).run("quotes", scope -> {});
        assertThat(tagValues("scope.name")).containsExactly("other");
    }

    @Test
    void maxNames_negative_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ScopeMetrics(-1))
                .withMessageContaining("maxNames")
                .withMessageContaining("-1");
    }

    @Test
    void meters_ofANameThatIsKnown_areNotLookedUpAgain() {
        failWithTasks();
        Set<String> before = names();
        // A look-up would make it anew.
        registry.clear();
        failWithTasks();
        assertThat(names()).isEmpty();
        assertThat(before)
                .contains(
                        "traio.scope",
                        "traio.scope.cancellations",
                        "traio.scope.unobserved",
                        "traio.scope.unwind",
                        "traio.task",
                        "traio.task.wait");
    }

    private void failWithTasks() {
        OpenScope scope = scopes.openShared("quotes");
        scope.spawn("alpha", () -> {
            throw new IllegalStateException("no");
        });
        await().until(() -> scope.state() == Scope.State.CLOSED);
    }

    // ---- binding ----

    @Test
    void events_beforeTheBinding_areRecordedWithIt() {
        ScopeMetrics late = new ScopeMetrics(10);
        ScopeFactory factory = ScopeFactory.create(f -> f.withTimeSource(clock).withListener(late));
        factory.run("early", scope -> scope.spawn(() -> clock.advance(Duration.ofMillis(5))));
        OpenScope live = factory.openShared("live");
        late.bindTo(registry);
        assertThat(timer("traio.scope", "early", "success", "none").totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(5);
        assertThat(timer("traio.task", "early", "success", "none").count()).isEqualTo(1);
        assertThat(gauge("traio.scope.active", "live")).isEqualTo(1);
        live.close();
    }

    @Test
    void events_registryIsAComposite_areRecordedOnceInEach() {
        MeterRegistry first = new SimpleMeterRegistry();
        MeterRegistry second = new SimpleMeterRegistry();
        CompositeMeterRegistry composite = new CompositeMeterRegistry();
        composite.add(first).add(second);
        ScopeMetrics both = new ScopeMetrics(10);
        both.bindTo(composite);
        ScopeFactory.create(f -> f.withListener(both)).run("quotes", scope -> {});
        assertThat(first.get("traio.scope").timer().count()).isEqualTo(1);
        assertThat(second.get("traio.scope").timer().count()).isEqualTo(1);
    }

    @Test
    void binding_sameRegistryTwice_recordsOnce() {
        metrics.bindTo(registry);
        scopes.run("quotes", scope -> {});
        assertThat(timer("traio.scope", "quotes", "success", "none").count()).isEqualTo(1);
    }

    @Test
    void binding_secondRegistry_recordsInBoth() {
        OpenScope live = scopes.openShared("live");
        MeterRegistry second = new SimpleMeterRegistry();
        metrics.bindTo(second);
        scopes.run("quotes", scope -> {});
        assertThat(timer("traio.scope", "quotes", "success", "none").count()).isEqualTo(1);
        assertThat(second.get("traio.scope").timer().count()).isEqualTo(1);
        assertThat(second.get("traio.scope.active")
                        .tag("scope.name", "live")
                        .gauge()
                        .value())
                .isEqualTo(1);
        live.close();
    }

    // ---- what the tests ask ----

    private Timer timer(String name, String scope, String outcome, String exception) {
        return registry.get(name)
                .tags("scope.name", scope, "outcome", outcome, "exception", exception)
                .timer();
    }

    private double gauge(String name, String scope) {
        return registry.get(name).tag("scope.name", scope).gauge().value();
    }

    private double cancellations(String scope, String reason) {
        return registry.get("traio.scope.cancellations")
                .tags("scope.name", scope, "reason", reason)
                .counter()
                .count();
    }

    private Set<String> names() {
        return registry.getMeters().stream()
                .map(meter -> meter.getId().getName())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> tagValues(String key) {
        return registry.getMeters().stream()
                .map(Meter::getId)
                .map(id -> id.getTag(key))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void awaitIgnoringInterrupts(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // As a stubborn task does.
            }
        }
    }

    @Test
    void names_many_neverMakeThoseOfRequestsOther() {
        for (String name : List.of("a", "b", "c", "d", "http.request")) {
            scopes.run(name, scope -> {});
        }
        assertThat(tagValues("scope.name")).containsExactly("a", "b", "c", "http.request", "other");
    }
}
