// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.context.ContextRegistry;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import io.traio.spi.ScopeListener;
import io.traio.spring.boot.internal.LazyScope;
import io.traio.spring.boot.propagation.MicrometerContextPropagator;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

@Timeout(60)
class ReactorScopesTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final Queue<Throwable> unobserved = new ConcurrentLinkedQueue<>();
    private final ScopeFactory scopes = ScopeFactory.create(f -> f.withListener(new ScopeListener() {
        @Override
        public void scopeFailureUnobserved(Scope scope, Throwable failure) {
            unobserved.add(failure);
        }
    }));
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @AfterEach
    void close() {
        assertThat(scopes.scopes()).isEmpty();
        scopes.close();
    }

    private String forever() throws InterruptedException {
        running.countDown();
        try {
            new CountDownLatch(1).await();
            return "never";
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
    }

    private void assertInterrupted() throws InterruptedException {
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private void awaitRunning() throws InterruptedException {
        assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
    }

    // ---- spawn ----

    @Test
    void spawn_inTheScopeOfTheContext_givesTheValue() {
        try (OpenScope scope = scopes.openShared("scope")) {
            assertThat(ReactorScopes.spawn(
                                    "task",
                                    () -> Task.current().orElseThrow().name()
                                            + Scope.requireCurrent().id())
                            .contextWrite(ReactorScopes.with(scope))
                            .block(LONG))
                    .isEqualTo("task" + scope.id());
        }
    }

    @Test
    void spawn_withoutAContext_isInTheCurrentScope() {
        String value = scopes.call(
                "scope", scope -> ReactorScopes.spawn("task", () -> "value").block(LONG));
        assertThat(value).isEqualTo("value");
    }

    @Test
    void spawn_eachSubscription_isATaskOfItsOwn() {
        AtomicReference<Long> before = new AtomicReference<>();
        scopes.run("scope", scope -> {
            Mono<Long> id = ReactorScopes.spawn(
                    "task", () -> Task.current().orElseThrow().id());
            before.set(id.block(LONG));
            assertThat(id.block(LONG)).isNotEqualTo(before.get());
        });
    }

    @Test
    void spawn_outsideOfScopes_saysWhatToDo() {
        assertThatIllegalStateException()
                .isThrownBy(() -> ReactorScopes.spawn("task", () -> "value").block(LONG))
                .withMessageContaining("contextWrite(ReactorScopes.with(scope))");
    }

    @Test
    void spawn_resultIsNull_completesEmpty() {
        scopes.run(
                "scope",
                scope -> assertThat(ReactorScopes.spawn("task", () -> null)
                                .hasElement()
                                .block(LONG))
                        .isFalse());
    }

    @Test
    void spawn_fails_isTheSubscribersFailure() {
        IllegalArgumentException failure = new IllegalArgumentException("task");
        scopes.run("scope", scope -> {
            Mono<Object> failing = ReactorScopes.spawn("task", () -> {
                throw failure;
            });
            assertThatThrownBy(() -> failing.block(LONG)).isSameAs(failure);
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @Test
    void spawn_subscriberCancels_cancelsTheTask() {
        scopes.run("scope", scope -> {
            Disposable subscription = ReactorScopes.spawn("task", this::forever)
                    .contextWrite(ReactorScopes.with(scope))
                    .subscribe();
            awaitRunning();
            subscription.dispose();
            assertInterrupted();
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    @Test
    void spawn_scopeIsCancelled_failsAsCancelled() throws InterruptedException {
        OpenScope scope = scopes.openShared("scope");
        AtomicReference<Throwable> failure = new AtomicReference<>();
        ReactorScopes.spawn("task", this::forever)
                .contextWrite(ReactorScopes.with(scope))
                .subscribe(value -> {}, failure::set);
        awaitRunning();
        scope.cancel("by hand");
        await().untilAsserted(() -> assertThat(failure.get())
                .isInstanceOf(ScopeCancelledException.class)
                .hasMessageContaining("by hand"));
        scope.join();
    }

    @Test
    void spawn_scopeHasEnded_fails() {
        OpenScope scope = scopes.openShared("ended");
        scope.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> ReactorScopes.spawn("task", () -> "value")
                        .contextWrite(ReactorScopes.with(scope))
                        .block(LONG))
                .withMessageContaining("ended");
    }

    @Test
    void spawn_withOptions_hasThem() {
        scopes.run(
                "scope",
                scope -> assertThat(ReactorScopes.spawn(
                                        "task",
                                        () -> Task.current().orElseThrow().options(),
                                        t -> t.withAwaited(false))
                                .block(LONG))
                        .matches(options -> !options.awaited() && options.toJoin()));
    }

    @Test
    void spawn_valueInTheContext_isOnTheTasksThread() {
        ThreadLocal<String> tenant = new ThreadLocal<>();
        ContextRegistry registry = ContextRegistry.getInstance();
        registry.registerThreadLocalAccessor("tenant", tenant);
        try (ScopeFactory propagating = ScopeFactory.create(
                f -> f.withPropagator(new MicrometerContextPropagator(registry, List.of(), List.of())))) {
            OpenScope scope = propagating.openShared("scope");
            assertThat(ReactorScopes.spawn("task", tenant::get)
                            .contextWrite(Context.of("tenant", "acme"))
                            .contextWrite(ReactorScopes.with(scope))
                            .block(LONG))
                    .isEqualTo("acme");
            assertThat(tenant.get()).isNull();
            scope.join();
        } finally {
            registry.removeThreadLocalAccessor("tenant");
        }
    }

    @Test
    void current_ofALazyScope_isOpenedInTheContextOfTheSubscriber() {
        ThreadLocal<String> tenant = new ThreadLocal<>();
        ContextRegistry registry = ContextRegistry.getInstance();
        registry.registerThreadLocalAccessor("tenant", tenant);
        AtomicReference<String> seen = new AtomicReference<>();
        LazyScope lazy = new LazyScope(
                () -> {
                    seen.set(tenant.get());
                    return scopes.openShared("lazy");
                },
                () -> null);
        try {
            Scope opened = ReactorScopes.current()
                    .contextWrite(ReactorScopes.with(lazy.standIn()))
                    .contextWrite(Context.of("tenant", "acme"))
                    .block(LONG);
            assertThat(opened.name()).isEqualTo("lazy");
            opened.cancel();
        } finally {
            registry.removeThreadLocalAccessor("tenant");
        }
        assertThat(seen).hasValue("acme");
    }

    @Test
    void arguments_null_areRefused() {
        assertThatNullPointerException().isThrownBy(() -> ReactorScopes.spawn(null, () -> 1));
        assertThatNullPointerException().isThrownBy(() -> ReactorScopes.spawn("task", null));
        assertThatNullPointerException().isThrownBy(() -> ReactorScopes.with(null));
        assertThatNullPointerException().isThrownBy(() -> ReactorScopes.scoped(scopes, "scope", null));
    }

    // ---- tasks and Monos ----

    @Test
    void future_ofATask_asAMono_cancelsTheTask() {
        scopes.run("scope", scope -> {
            Task<String> task = scope.spawn("task", this::forever);
            Mono<String> mono = Mono.fromFuture(task.toCancellingFuture());
            awaitRunning();
            mono.subscribe().dispose();
            assertInterrupted();
        });
    }

    @Test
    void mono_blockedForInATask_isCancelledWithTheTask() {
        CountDownLatch subscribed = new CountDownLatch(1);
        AtomicBoolean cancelled = new AtomicBoolean();
        scopes.run("scope", scope -> {
            scope.spawn(
                    "task",
                    () -> Mono.never()
                            .doOnSubscribe(s -> subscribed.countDown())
                            .doOnCancel(() -> cancelled.set(true))
                            .block());
            assertThat(subscribed.await(20, TimeUnit.SECONDS)).isTrue();
            scope.cancel();
        });
        assertThat(cancelled).isTrue();
    }

    // ---- scoped ----

    private Mono<String> withBackground(Mono<String> then) {
        return ReactorScopes.current()
                .doOnNext(scope -> scope.spawn("background", this::forever))
                .then(Mono.defer(() -> {
                    awaitRunningUnchecked();
                    return then;
                }));
    }

    private void awaitRunningUnchecked() {
        try {
            awaitRunning();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void scoped_tasksLeft_valueComesWhenTheyHaveEnded() throws InterruptedException {
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicReference<String> value = new AtomicReference<>();
        ReactorScopes.scoped(
                        scopes,
                        "scope",
                        ReactorScopes.current()
                                .doOnNext(scope -> scope.spawn("background", () -> {
                                    running.countDown();
                                    return mayEnd.await(20, TimeUnit.SECONDS);
                                }))
                                .map(Scope::name))
                .subscribe(value::set);
        awaitRunning();
        assertThat(value).hasValue(null);
        mayEnd.countDown();
        await().untilAtomic(value, org.hamcrest.Matchers.equalTo("scope"));
    }

    @Test
    void scoped_bodyFails_cancelsTheTasks() throws InterruptedException {
        IllegalArgumentException failure = new IllegalArgumentException("body");
        assertThatThrownBy(() -> ReactorScopes.scoped(scopes, "scope", withBackground(Mono.error(failure)))
                        .block(LONG))
                .isSameAs(failure);
        assertInterrupted();
    }

    @Test
    void scoped_taskFails_cancelsTheBody() {
        IllegalArgumentException failure = new IllegalArgumentException("task");
        AtomicBoolean cancelled = new AtomicBoolean();
        assertThatThrownBy(() -> ReactorScopes.scoped(
                                scopes,
                                "scope",
                                ReactorScopes.current()
                                        .doOnNext(scope -> scope.spawn("fails", () -> {
                                            throw failure;
                                        }))
                                        .then(Mono.never())
                                        .doOnCancel(() -> cancelled.set(true)))
                        .block(LONG))
                .isSameAs(failure);
        assertThat(cancelled).isTrue();
        assertThat(unobserved).isEmpty();
    }

    @Test
    void scoped_failsAfterTheSubscriberHasGone_isDropped() throws InterruptedException {
        IllegalArgumentException failure = new IllegalArgumentException("too late");
        Queue<Throwable> dropped = new ConcurrentLinkedQueue<>();
        CountDownLatch mayEnd = new CountDownLatch(1);
        Hooks.onErrorDropped(dropped::add);
        try {
            AtomicReference<Scope> opened = new AtomicReference<>();
            Disposable subscription = ReactorScopes.scoped(
                            scopes,
                            "scope",
                            ReactorScopes.current()
                                    .doOnNext(opened::set)
                                    .doOnNext(scope -> scope.spawn(
                                            "slow",
                                            () -> {
                                                running.countDown();
                                                return mayEnd.await(20, TimeUnit.SECONDS);
                                            },
                                            t -> t.withInterruptOnCancel(false)))
                                    .then(Mono.never()))
                    .subscribe();
            awaitRunning();
            opened.get().cancel(failure);
            subscription.dispose();
            mayEnd.countDown();
            await().untilAsserted(() -> assertThat(dropped).containsExactly(failure));
        } finally {
            Hooks.resetOnErrorDropped();
        }
    }

    @Test
    void scoped_subscriberCancels_cancelsTheScope() throws InterruptedException {
        Disposable subscription = ReactorScopes.scoped(scopes, "scope", withBackground(Mono.never()))
                .subscribe();
        awaitRunning();
        subscription.dispose();
        assertInterrupted();
        await().until(() -> scopes.scopes().isEmpty());
    }

    @Test
    void scoped_timesOut_fails() throws InterruptedException {
        TestClock clock = new TestClock();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (ScopeFactory timed = ScopeFactory.create(f -> f.withTimeSource(clock))) {
            ReactorScopes.scoped(
                            timed, "scope", s -> s.withTimeout(Duration.ofSeconds(1)), withBackground(Mono.never()))
                    .subscribe(value -> {}, failure::set);
            clock.advance(Duration.ofSeconds(1));
            await().untilAsserted(() -> assertThat(failure.get()).isInstanceOf(ScopeTimeoutException.class));
        }
        assertInterrupted();
    }

    @Test
    void scoped_isCancelledByHand_failsAsCancelled() {
        assertThatThrownBy(() -> ReactorScopes.scoped(
                                scopes,
                                "scope",
                                ReactorScopes.current()
                                        .doOnNext(scope -> scope.cancel("no more"))
                                        .then(Mono.never()))
                        .block(LONG))
                .isInstanceOf(ScopeCancelledException.class)
                .hasMessageContainingAll("'scope'", "no more");
    }

    @Test
    void scoped_inAScope_isItsChildAndCancelledWithIt() throws InterruptedException {
        OpenScope parent = scopes.openShared("parent");
        AtomicBoolean cancelled = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicReference<Scope> child = new AtomicReference<>();
        ReactorScopes.scoped(
                        scopes,
                        "child",
                        ReactorScopes.current()
                                .doOnNext(child::set)
                                .then(Mono.never())
                                .doOnCancel(() -> cancelled.set(true)))
                .contextWrite(ReactorScopes.with(parent))
                .subscribe(value -> {}, failure::set);
        assertThat(child.get().parent()).containsSame(parent);
        parent.close();
        assertThat(cancelled).isTrue();
        assertThat(failure.get()).isInstanceOf(ScopeCancelledException.class);
    }

    @Test
    void scoped_byFork_isAChild() {
        scopes.run(
                "parent",
                parent -> assertThat(ReactorScopes.scoped(
                                        parent.fork(),
                                        "child",
                                        ReactorScopes.current()
                                                .map(scope -> scope.parent().orElseThrow()))
                                .block(LONG))
                        .isSameAs(parent));
    }
}
