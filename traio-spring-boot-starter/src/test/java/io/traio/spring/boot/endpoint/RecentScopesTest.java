// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.OpenScope;
import io.traio.Operators;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.TaskOptions;
import io.traio.spring.boot.endpoint.RecentScopesDescriptor.NameDescriptor;
import io.traio.spring.boot.endpoint.RecentScopesDescriptor.RecentScopeDescriptor;
import io.traio.spring.boot.endpoint.ScopesDescriptor.TaskDescriptor;
import io.traio.test.TestClock;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.Show;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class RecentScopesTest {

    private static final Duration SLOW = Duration.ofSeconds(5);

    private final TestClock clock = new TestClock();
    private final RecentScopes recent = new RecentScopes(SLOW, clock, () -> List.of(scopes()), null);
    private final ScopeFactory scopes =
            ScopeFactory.create(options -> options.withTimeSource(clock).withListener(recent));
    private final ScopesEndpoint endpoint = new ScopesEndpoint(List.of(scopes), Show.NEVER, recent, null);
    private final CountDownLatch end = new CountDownLatch(1);

    private ScopeFactory scopes() {
        return scopes;
    }

    @AfterEach
    void closeAll() {
        end.countDown();
        scopes.close();
        recent.close();
    }

    @Test
    void timeout_twoLevels_hasWhatWasUnfinishedAndForHowLong() {
        Throwable thrown =
                catchThrowable(() -> scopes.run("quotes", s -> s.withTimeout(Duration.ofSeconds(2)), quotes -> {
                    start(quotes, "alpha");
                    quotes.spawn("done", () -> "value").join();
                    clock.advance(Duration.ofMillis(500));
                    scopes.run("suppliers", suppliers -> {
                        start(suppliers, "beta");
                        clock.advance(Duration.ofMillis(1_500));
                    });
                }));
        assertThat(thrown).isNotNull();
        RecentScopeDescriptor scope = only();
        assertThat(scope.outcome()).isEqualTo("timeout");
        assertThat(scope.duration()).hasToString("PT2S");
        assertThat(scope.exceptions()).containsExactly("io.traio.ScopeTimeoutException");
        assertThat(scope.root()).isNull();
        assertThat(scope.scope().cancelled()).isEqualTo("timeout");
        assertThat(tasks(scope)).containsExactly("alpha running PT2S");
        assertThat(scope.scope().children()).singleElement().satisfies(child -> {
            assertThat(child.name()).isEqualTo("suppliers");
            assertThat(child.tasks()).extracting(TaskDescriptor::name).containsExactly("beta");
        });
    }

    @Test
    void failure_ofATask_namesItWithTheClassesOfTheFailureAndNoMessage() {
        catchThrowable(() -> scopes.run("quotes", quotes -> {
            start(quotes, "alpha");
            quotes.spawn("beta", () -> {
                throw new IllegalStateException("for customer 4711", new ConnectException("4711 refused"));
            });
        }));
        RecentScopeDescriptor scope = only();
        assertThat(scope.outcome()).isEqualTo("failure");
        assertThat(scope.exceptions()).containsExactly("java.lang.IllegalStateException", "java.net.ConnectException");
        assertThat(scope.failed()).startsWith("task 'beta'");
        assertThat(tasks(scope)).containsExactly("alpha running PT0S");
        assertThat(JsonMapper.shared().writeValueAsString(scope)).doesNotContain("4711");
        assertThat(endpoint.text(null, null, "recent")).doesNotContain("4711");
    }

    @Test
    void failure_ofAChild_saysInWhichRoot() {
        OpenScope root = scopes.openShared("http.request");
        catchThrowable(() -> root.fork().run("quotes", quotes -> {
            throw new IllegalStateException("bad");
        }));
        RecentScopeDescriptor scope = only();
        assertThat(scope.scope().name()).isEqualTo("quotes");
        assertThat(scope.root()).isEqualTo("http.request");
        assertThat(scope.rootId()).isEqualTo(Long.toString(root.id()));
        assertThat(scope.failed()).isNull();
        assertThat(endpoint.recent("REQUEST", null).scopes()).hasSize(1);
        assertThat(endpoint.recent("nothing", null).scopes()).isEmpty();
    }

    @Test
    void success_notSlow_isCountedOnly() {
        scopes.run("quotes", quotes -> quotes.spawn("alpha", () -> "value"));
        assertThat(endpoint.recent(null, null).scopes()).isEmpty();
        assertThat(counts("quotes").count()).isEqualTo(1);
    }

    @Test
    void cancelled_withAReason_isThereOnceForTheWholeTree() throws Exception {
        OpenScope quotes = scopes.openShared("quotes");
        start(quotes.fork().openShared("suppliers"), "alpha");
        quotes.cancel("client went away");
        quotes.awaitDone();
        RecentScopeDescriptor scope = only();
        assertThat(scope.outcome()).isEqualTo("cancelled");
        assertThat(scope.scope().cancelled()).isEqualTo("explicit: client went away");
        assertThat(scope.scope().children()).hasSize(1);
        assertThat(counts("quotes").cancelled()).isEqualTo(1);
    }

    @Test
    void cancelled_withoutAReason_isAsItShouldBe() throws Exception {
        OpenScope quotes = scopes.openShared("quotes");
        start(quotes, "alpha");
        quotes.cancel();
        quotes.awaitDone();
        assertThat(endpoint.recent(null, null).scopes()).isEmpty();
        assertThat(counts("quotes").cancelled()).isEqualTo(1);
    }

    @Test
    void race_withLosers_isAsItShouldBe() {
        assertThat(Operators.on(scopes).<String>race(() -> "fast", () -> {
                    end.await();
                    return "slow";
                }))
                .isEqualTo("fast");
        assertThat(endpoint.recent(null, null).scopes()).isEmpty();
    }

    @Test
    void straggler_ofAChild_isNamedInTheScopeThatWasCancelled() throws Exception {
        OpenScope quotes = scopes.openShared("quotes");
        start(quotes.fork().openShared("suppliers"), "deaf", t -> t.withInterruptOnCancel(false));
        quotes.cancel("test");
        clock.advance(Duration.ofSeconds(2));
        catchThrowable(quotes::awaitDone);
        assertThat(endpoint.recent(null, null).scopes()).first().satisfies(scope -> {
            assertThat(scope.scope().name()).isEqualTo("quotes");
            assertThat(scope.stragglers()).singleElement().asString().startsWith("task 'deaf'");
        });
        assertThat(counts("quotes").straggling()).isEqualTo(1);
    }

    @Test
    void slow_root_hasWhatWasUnfinishedWhenItHadBecomeSo() throws Exception {
        OpenScope quotes = scopes.openShared("quotes");
        CountDownLatch answer = new CountDownLatch(1);
        start(quotes, "alpha", answer);
        advanceBySteps(SLOW);
        answer.countDown();
        quotes.complete();
        quotes.awaitDone();
        RecentScopeDescriptor scope = only();
        assertThat(scope.outcome()).isEqualTo("success");
        assertThat(scope.slow()).isTrue();
        assertThat(tasks(scope)).containsExactly("alpha running PT5S");
    }

    @Test
    void slow_endedBetweenTwoLooks_isThere() {
        scopes.run("quotes", quotes -> clock.advance(SLOW.plusMillis(1)));
        assertThat(only().slow()).isTrue();
        scopes.run("quotes", quotes -> clock.advance(SLOW.minusMillis(1)));
        assertThat(endpoint.recent(null, null).total()).isEqualTo(1);
    }

    @Test
    void slow_endless_isNot() {
        OpenScope server = scopes.openShared("server", s -> s.withEndless(true));
        advanceBySteps(SLOW.multipliedBy(2));
        server.close();
        assertThat(endpoint.recent(null, null).scopes()).isEmpty();
    }

    @Test
    void slow_noneIsOpen_nothingIsLookedAtAnyMore() {
        scopes.openShared("quotes").close();
        advanceBySteps(SLOW);
        OpenScope later = scopes.openShared("later");
        advanceBySteps(SLOW.multipliedBy(2));
        later.close();
        assertThat(only().scope().name()).isEqualTo("later");
    }

    @Test
    void scopes_moreThan100_theLastAreKept() {
        for (int i = 0; i < 101; i++) {
            scopes.openShared("scope" + i).cancel("test");
        }
        RecentScopesDescriptor answer = endpoint.recent(null, 100);
        assertThat(answer.total()).isEqualTo(100);
        assertThat(answer.scopes().get(0).scope().name()).isEqualTo("scope100");
        assertThat(answer.scopes().get(99).scope().name()).isEqualTo("scope1");
        assertThat(endpoint.recent(null, null)).satisfies(first -> {
            assertThat(first.scopes()).hasSize(20);
            assertThat(first.truncated()).isTrue();
        });
    }

    @Test
    void trees_large_areCutAndLimitedInAll() {
        for (int i = 0; i < 13; i++) {
            OpenScope wide = scopes.openShared("wide", s -> s.withMaxConcurrency(1));
            for (int task = 0; task < 1_000; task++) {
                wide.spawn(() -> end.await());
            }
            wide.cancel("test");
        }
        RecentScopesDescriptor answer = endpoint.recent(null, 100);
        assertThat(answer.scopes()).allSatisfy(scope -> {
            assertThat(scope.truncated()).isTrue();
            assertThat(scope.scope().tasks()).hasSize(800);
        });
        assertThat(answer.total()).isEqualTo(RecentScopes.MAX_NODES / 801);
    }

    @Test
    void names_moreThan100_countAsOther() {
        for (int i = 0; i < 150; i++) {
            scopes.openShared("scope" + i).close();
        }
        scopes.openShared("x".repeat(1_000)).close();
        List<NameDescriptor> names = endpoint.recent(null, null).names();
        assertThat(names).hasSize(101);
        assertThat(counts("other").count()).isEqualTo(51);
    }

    @Test
    void names_withTimes_haveMeanAndPercentiles() {
        for (int millis = 1; millis <= 100; millis++) {
            int time = millis;
            scopes.run("quotes", quotes -> clock.advance(Duration.ofMillis(time)));
        }
        NameDescriptor quotes = counts("quotes");
        assertThat(quotes.count()).isEqualTo(100);
        assertThat(quotes.mean()).isEqualTo(Duration.ofNanos(50_500_000));
        assertThat(quotes.p50()).isBetween(Duration.ofMillis(50), Duration.ofMillis(63));
        assertThat(quotes.p99()).isBetween(Duration.ofMillis(99), Duration.ofMillis(100));
        assertThat(quotes.max()).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void text_ofATimeout_isATreeAndATable() {
        catchThrowable(() -> scopes.run("quotes", s -> s.withTimeout(Duration.ofSeconds(2)), quotes -> {
            start(quotes, "alpha");
            clock.advance(Duration.ofSeconds(2));
        }));
        assertThat(endpoint.text(null, null, "recent")
                        .replaceAll("#?\\d+\\)", "N)")
                        .replaceAll("thread \\S+", "thread T"))
                .contains(
                        " timeout after 2.0 s, unwound in 0 ms\n  io.traio.ScopeTimeoutException\n  quotes (scope N) open 2.0 s")
                .contains("  └── alpha (task N) running 2.0 s, thread T")
                .contains("1 scope failed, timed out, straggled, cancelled with a reason or slow, of the last 100\n")
                .contains("name    ended  failed  timed out  cancelled  straggling   mean    p50    p99    max\n")
                .contains("quotes      1       0          1          0           0  2.0 s  2.0 s  2.0 s  2.0 s\n");
    }

    @Test
    void view_unknownOrSwitchedOff_isRefused() {
        assertThatExceptionOfType(InvalidEndpointRequestException.class)
                .isThrownBy(() -> endpoint.scopes(null, null, "past"))
                .satisfies(e -> assertThat(e.getReason()).isEqualTo("view must be live or recent"));
        assertThatExceptionOfType(InvalidEndpointRequestException.class)
                .isThrownBy(() -> endpoint.scopes(null, 101, "recent"))
                .satisfies(e -> assertThat(e.getReason()).isEqualTo("limit must be from 1 to 100"));
        assertThatExceptionOfType(InvalidEndpointRequestException.class)
                .isThrownBy(() -> new ScopesEndpoint(List.of(scopes), Show.NEVER).scopes(null, null, "recent"))
                .satisfies(e -> assertThat(e.getReason()).contains("recent.enabled is false"));
    }

    /** As time goes by: what looks at scopes every now and then has its turns. */
    private void advanceBySteps(Duration time) {
        for (int i = 0; i < 100; i++) {
            clock.advance(time.dividedBy(100));
        }
    }

    private RecentScopeDescriptor only() {
        List<RecentScopeDescriptor> found = endpoint.recent(null, null).scopes();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private NameDescriptor counts(String name) {
        return endpoint.recent(null, null).names().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> tasks(RecentScopeDescriptor scope) {
        return scope.scope().tasks().stream()
                .map(task -> task.name() + " " + task.state() + " " + task.age())
                .toList();
    }

    private void start(Scope scope, String name) throws InterruptedException {
        start(scope, name, end);
    }

    private void start(Scope scope, String name, UnaryOperator<TaskOptions> options) throws InterruptedException {
        start(scope, name, end, options);
    }

    private static void start(Scope scope, String name, CountDownLatch until) throws InterruptedException {
        start(scope, name, until, t -> t);
    }

    private static void start(Scope scope, String name, CountDownLatch until, UnaryOperator<TaskOptions> options)
            throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn(
                name,
                () -> {
                    started.countDown();
                    until.await();
                    return null;
                },
                options);
        started.await();
    }
}
