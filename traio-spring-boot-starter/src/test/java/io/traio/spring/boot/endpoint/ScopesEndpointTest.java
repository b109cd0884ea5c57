// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import io.traio.spring.boot.endpoint.ScopesDescriptor.ScopeDescriptor;
import io.traio.spring.boot.endpoint.ScopesDescriptor.TaskDescriptor;
import io.traio.spring.boot.factory.OperatorCancelledException;
import io.traio.test.TestClock;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

class ScopesEndpointTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final TestClock clock = new TestClock();
    private final ScopeFactory scopes = ScopeFactory.create(options -> options.withTimeSource(clock));
    private final ScopesEndpoint endpoint = new ScopesEndpoint(List.of(scopes), Show.NEVER);
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void closeAll() {
        scopes.scopes().forEach(Scope::cancel);
        end.countDown();
        scopes.close();
    }

    @Test
    void scopes_noneLive_isEmpty() {
        assertThat(endpoint.scopes(null, null)).isEqualTo(new ScopesDescriptor(0, false, List.of()));
    }

    @Test
    void scopes_ofABody_namesItsThread() {
        String thread =
                scopes.call("body", scope -> only(endpoint.scopes(null, null)).thread());
        assertThat(thread).isEqualTo(Thread.currentThread().getName());
    }

    @Test
    void scopes_withDeadline_showTimes() {
        scopes.openShared("quotes", s -> s.withTimeout(Duration.ofSeconds(2)));
        clock.advance(Duration.ofNanos(1_200_000_001));
        ScopeDescriptor scope = only(endpoint.scopes(null, null));
        assertThat(scope.age()).hasToString("PT1.2S");
        assertThat(scope.remaining()).hasToString("PT0.799S");
        assertThat(scope.thread()).isNull();
        assertThat(scope.state()).isEqualTo("open");
    }

    @Test
    void tasks_withFlags_showThem() throws Exception {
        OpenScope scope = scopes.openShared("flags");
        start(scope, "plain");
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn(
                "special",
                () -> block(started),
                t -> t.withMaster(true).withBubble(false).withAwaited(false));
        started.await();
        clock.advance(Duration.ofSeconds(3));
        List<TaskDescriptor> tasks = only(endpoint.scopes(null, null)).tasks();
        assertThat(tasks).extracting(TaskDescriptor::name).containsExactly("plain", "special");
        assertThat(tasks.get(0)).satisfies(task -> {
            assertThat(task.state()).isEqualTo("running");
            assertThat(task.age()).hasToString("PT3S");
            assertThat(task.thread()).isNotNull();
            assertThat(List.of(task.master(), task.bubble(), task.awaited())).containsExactly(false, true, true);
        });
        assertThat(tasks.get(1))
                .satisfies(task -> assertThat(List.of(task.master(), task.bubble(), task.awaited()))
                        .containsExactly(true, false, false));
    }

    @Test
    void tasks_notStarted_haveNoThread() throws Exception {
        OpenScope scope = scopes.openShared("narrow", s -> s.withMaxConcurrency(1));
        start(scope, "first");
        scope.spawn("second", () -> {});
        TaskDescriptor second = only(endpoint.scopes(null, null)).tasks().get(1);
        assertThat(second.state()).isEqualTo("queued");
        assertThat(second.thread()).isNull();
        assertThat(second.age()).isZero();
    }

    @Test
    void names_withControlCharacters_areEscapedAndCut() {
        scopes.openShared("a\r\n\u001b[31mb\u202e" + "x".repeat(1_000_000));
        String name = only(endpoint.scopes(null, null)).name();
        assertThat(name)
                .startsWith("a")
                .doesNotContain("\r", "\n", "\u001b", "\u202e")
                .hasSizeLessThan(2_000);
    }

    @Test
    void limit_moreScopesThanThat_keepsTheFirst() {
        for (int i = 0; i < 3; i++) {
            openLater("scope" + i);
        }
        ScopesDescriptor answer = endpoint.scopes(null, 2);
        assertThat(answer.scopes()).extracting(ScopeDescriptor::name).containsExactly("scope0", "scope1");
        assertThat(answer.total()).isEqualTo(3);
        assertThat(answer.truncated()).isTrue();
    }

    @Test
    void limit_asManyScopesAsThat_truncatesNothing() {
        scopes.openShared("one").fork().openShared("child");
        assertThat(endpoint.scopes(null, 2).truncated()).isFalse();
    }

    @Test
    void limit_oneLargeTree_stillShowsTheOtherRoots() {
        OpenScope large = scopes.openShared("large");
        for (int i = 0; i < 10; i++) {
            large.fork().openShared("child" + i);
        }
        openLater("small");
        ScopesDescriptor answer = endpoint.scopes(null, 4);
        assertThat(answer.scopes()).extracting(ScopeDescriptor::name).containsExactly("large", "small");
        assertThat(answer.scopes().get(0).children()).hasSize(2);
        assertThat(answer.truncated()).isTrue();
    }

    @Test
    void limit_moreTasksThanFiveAScope_keepsTheFirst() {
        OpenScope scope = scopes.openShared("narrow", s -> s.withMaxConcurrency(1));
        for (int i = 0; i < 6; i++) {
            scope.spawn("task" + i, () -> block(new CountDownLatch(1)));
        }
        ScopesDescriptor answer = endpoint.scopes(null, 1);
        assertThat(only(answer).tasks())
                .hasSize(5)
                .extracting(TaskDescriptor::name)
                .startsWith("task0", "task1");
        assertThat(answer.total()).isEqualTo(1);
        assertThat(answer.truncated()).isTrue();
    }

    @Test
    void limit_notGiven_isTwoHundredScopesAndAThousandTasks() {
        OpenScope narrow = scopes.openShared("narrow", s -> s.withMaxConcurrency(1));
        for (int i = 0; i < 1_001; i++) {
            narrow.spawn(() -> block(new CountDownLatch(1)));
        }
        for (int i = 0; i < 200; i++) {
            openLater("scope" + i);
        }
        ScopesDescriptor answer = endpoint.scopes(null, null);
        assertThat(answer.total()).isEqualTo(201);
        assertThat(answer.scopes()).hasSize(200);
        assertThat(answer.scopes().get(0).tasks()).hasSize(1_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 10_001, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void limit_outOfRange_isRefused(int limit) {
        assertThatExceptionOfType(InvalidEndpointRequestException.class)
                .isThrownBy(() -> endpoint.scopes(null, limit))
                .satisfies(e -> assertThat(e.getReason()).contains("limit"));
    }

    @Test
    void children_nestedDeeperThanALevelCap_areCut() {
        ScopesDescriptor answer = nested(150, () -> endpoint.scopes(null, null));
        ScopeDescriptor deepest = only(answer);
        int depth = 1;
        for (; !deepest.children().isEmpty(); depth++) {
            deepest = deepest.children().get(0);
        }
        assertThat(depth).isEqualTo(100);
        assertThat(answer.truncated()).isTrue();
    }

    @Test
    void name_given_keepsMatchesWithAllBelowAndThoseAbove() {
        OpenScope search = scopes.openShared("Search");
        search.fork().openShared("quotes").fork().openShared("detail");
        search.fork().openShared("log");
        scopes.openShared("other");
        ScopesDescriptor answer = endpoint.scopes("QUOTE", null);
        assertThat(answer.total()).isEqualTo(1);
        assertThat(answer.truncated()).isFalse();
        ScopeDescriptor root = only(answer);
        assertThat(root.name()).isEqualTo("Search");
        assertThat(root.children()).extracting(ScopeDescriptor::name).containsExactly("quotes");
        assertThat(root.children().get(0).children())
                .extracting(ScopeDescriptor::name)
                .containsExactly("detail");
    }

    @Test
    void name_ofARoot_keepsAllOfIt() {
        scopes.openShared("search").fork().openShared("log");
        assertThat(only(endpoint.scopes("sea", null)).children()).hasSize(1);
    }

    @Test
    void name_ofNoScope_givesNothing() {
        scopes.openShared("search");
        assertThat(endpoint.scopes("nothing", null)).isEqualTo(new ScopesDescriptor(0, false, List.of()));
    }

    @Test
    void name_ofATaskBehindMoreThanIsSearched_saysSo() {
        OpenScope scope = many(ScopeSearch.MAX_SEARCHED);
        scope.spawn("wanted", () -> {});
        assertThat(endpoint.scopes("wanted", null)).isEqualTo(new ScopesDescriptor(0, true, List.of()));
        assertThat(text("wanted", null))
                .isEqualTo("No live scopes; not all is shown, only 20000 scopes and tasks were searched\n");
    }

    @Test
    void name_ofARootBesideALargeOne_isFound() {
        many(ScopeSearch.MAX_SEARCHED);
        scopes.openShared("small").spawn("wanted", () -> block(new CountDownLatch(1)));
        scopes.openShared("wanted too");
        ScopesDescriptor answer = endpoint.scopes("wanted", null);
        assertThat(answer.scopes()).extracting(ScopeDescriptor::name).containsExactly("small", "wanted too");
        assertThat(answer.truncated()).isTrue();
    }

    /** The bytes that this thread allocates tell how much is copied; a snapshot of all would have some 100 MB. */
    @ParameterizedTest
    @ValueSource(strings = {"live", "name", "detail", "dump"})
    void scopes_hugeRoot_copyNoMoreThanIsShown(String what) {
        OpenScope huge = many(200_000);
        String id = Long.toString(huge.id());
        Supplier<Object> request = switch (what) {
            case "live" -> () -> endpoint.scopes(null, null);
            case "name" -> () -> endpoint.scopes("wanted", null);
            case "detail" -> () -> endpoint.scope(id, /* stacks= */ false, /* values= */ false);
            default -> () -> endpoint.scope(id, /* stacks= */ true, /* values= */ false);
        };
        request.get();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        request.get();
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).isLessThan(what.equals("name") ? 20_000_000 : 3_000_000);
    }

    @Test
    void omitted_ofAHugeRoot_countsAll() {
        many(50_000);
        assertThat(only(endpoint.scopes(null, null)).omitted()).isEqualTo(49_000);
    }

    /** Opens a scope with so many tasks, of which one runs. */
    private OpenScope many(int tasks) {
        OpenScope scope = scopes.openShared("huge", s -> s.withMaxConcurrency(1));
        for (int i = 0; i < tasks; i++) {
            scope.spawn("task", () -> block(new CountDownLatch(1)));
        }
        return scope;
    }

    @Test
    void cancel_liveScope_throwsAtItsExit() {
        Throwable thrown = catchThrowable(() -> scopes.run("victim", scope -> {
            endpoint.cancel(Long.toString(scope.id()), null);
            new CountDownLatch(1).await();
        }));
        assertThat(thrown)
                .isInstanceOf(OperatorCancelledException.class)
                .isInstanceOf(ScopeCancelledException.class)
                .hasMessageMatching(
                        "scope 'victim' \\(#\\d+\\) was cancelled by an operator, over the scopes endpoint");
    }

    @Test
    void scopes_ofSeveralFactories_areInTheOrderOfTheirOpening() {
        try (ScopeFactory others = ScopeFactory.create(f -> f.withTimeSource(clock))) {
            ScopesEndpoint both = new ScopesEndpoint(List.of(scopes, others), Show.NEVER);
            openLater("first");
            clock.advance(Duration.ofMillis(1));
            OpenScope second = others.openShared("second");
            openLater("third");
            assertThat(both.scopes(null, null).scopes())
                    .extracting(ScopeDescriptor::name)
                    .containsExactly("first", "second", "third");
            assertThat(both.scopes("ir", null).scopes())
                    .extracting(ScopeDescriptor::name)
                    .containsExactly("first", "third");
            ScopesDescriptor cut = both.scopes(null, 2);
            assertThat(cut.scopes()).extracting(ScopeDescriptor::name).containsExactly("first", "second");
            assertThat(cut.total()).isEqualTo(3);
            assertThat(cut.truncated()).isTrue();
            second.close();
        }
    }

    @Test
    void text_onlyLevelsWereLeftOut_doesNotSpeakOfTheLimit() {
        assertThat(nested(150, () -> text(null))).endsWith("\n1 root scope; not all is shown, only 100 levels\n");
        assertThat(nested(150, () -> text(10))).endsWith("\n1 root scope; not all is shown, ?limit= shows more\n");
        assertThat(nested(100, () -> text(null))).endsWith("\n1 root scope\n");
    }

    private String text(Integer limit) {
        return text(null, limit);
    }

    private String text(String name, Integer limit) {
        return new ScopesEndpointWebExtension(endpoint, Show.NEVER, Set.of(), /* cancellable= */ false, null)
                .text(name, limit, null);
    }

    @Test
    void cancel_ofAChild_leavesItsParent() {
        OpenScope parent = scopes.openShared("parent");
        OpenScope child = parent.fork().openShared("child");
        endpoint.cancel(Long.toString(child.id()), null);
        assertThat(child.isCancelled()).isTrue();
        assertThat(parent.isCancelled()).isFalse();
    }

    @Test
    void cancel_twice_addsNothing() throws Exception {
        OpenScope scope = scopes.openShared("victim", s -> s.withCancelTimeout(Duration.ofHours(1)));
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn("deaf", () -> block(started), t -> t.withInterruptOnCancel(false));
        started.await();
        String id = Long.toString(scope.id());
        endpoint.cancel(id, null);
        assertThatNoException().isThrownBy(() -> endpoint.cancel(id, null));
        assertThat(only(endpoint.scopes(null, null)).state()).isEqualTo("ending");
        end.countDown();
        Throwable thrown = catchThrowable(scope::awaitDone);
        assertThat(thrown).isInstanceOf(OperatorCancelledException.class);
        assertThat(thrown.getSuppressed()).noneMatch(OperatorCancelledException.class::isInstance);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "9223372036854775807", "9223372036854775808", "seven", "", "7 "})
    void cancel_unknownId_isRefused(String id) {
        assertThatExceptionOfType(InvalidEndpointRequestException.class).isThrownBy(() -> endpoint.cancel(id, null));
    }

    @Test
    void cancel_endedScope_isRefused() {
        OpenScope scope = scopes.openShared("ended");
        scope.close();
        assertThatExceptionOfType(InvalidEndpointRequestException.class)
                .isThrownBy(() -> endpoint.cancel(Long.toString(scope.id()), null));
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void cancel_byAUser_isLoggedWithIdAndUser(CapturedOutput output) {
        OpenScope scope = scopes.openShared("victim");
        endpoint.cancel(Long.toString(scope.id()), "stuck\nfor long", "alice");
        assertThat(output)
                .containsPattern(
                        "Cancelling scope " + scope.id() + " .*victim.*requested .* by alice: stuck\\?for long");
    }

    private <T> T nested(int levels, Supplier<T> innermost) {
        return levels == 0 ? innermost.get() : scopes.call("level", scope -> nested(levels - 1, innermost));
    }

    private Scope openLater(String name) {
        clock.advance(Duration.ofMillis(1));
        return scopes.openShared(name);
    }

    private Void block(CountDownLatch started) throws InterruptedException {
        started.countDown();
        end.await();
        return null;
    }

    private void start(Scope scope, String task) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn(task, () -> block(started));
        started.await();
    }

    private static ScopeDescriptor only(ScopesDescriptor answer) {
        assertThat(answer.scopes()).hasSize(1);
        return answer.scopes().get(0);
    }
}
