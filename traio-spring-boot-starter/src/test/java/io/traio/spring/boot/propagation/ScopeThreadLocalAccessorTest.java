// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.propagation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.micrometer.context.ContextExecutorService;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.internal.LazyScope;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class ScopeThreadLocalAccessorTest {

    private final ScopeFactory scopes = ScopeFactory.create();
    private final ScopeThreadLocalAccessor accessor = new ScopeThreadLocalAccessor();

    @BeforeEach
    void register() {
        ContextRegistry.getInstance().registerThreadLocalAccessor(accessor);
    }

    @AfterEach
    void unregister() {
        ContextRegistry.getInstance().removeThreadLocalAccessor((Object) ScopeThreadLocalAccessor.KEY);
        scopes.close();
        assertThat(Scope.current()).isEmpty();
    }

    @Test
    void scope_onAnotherExecutor_isCurrentThere() throws Exception {
        ExecutorService plain = Executors.newSingleThreadExecutor();
        ExecutorService decorated = ContextExecutorService.wrap(
                plain, () -> ContextSnapshotFactory.builder().build().captureAll());
        try {
            String name = scopes.call(
                    "work",
                    scope -> decorated
                            .submit(ScopeThreadLocalAccessorTest::current)
                            .get());
            assertThat(name).isEqualTo("work");
            assertThat(plain.submit(ScopeThreadLocalAccessorTest::current).get())
                    .isEqualTo("none");
        } finally {
            plain.shutdownNow();
        }
    }

    @Test
    void taskSpawnedThere_belongsToTheScope() throws Exception {
        ExecutorService plain = Executors.newSingleThreadExecutor();
        ExecutorService decorated = ContextExecutorService.wrap(
                plain, () -> ContextSnapshotFactory.builder().build().captureAll());
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch mayEnd = new CountDownLatch(1);
        try {
            scopes.run("work", scope -> {
                decorated
                        .submit(() -> Scope.current().orElseThrow().spawn("there", () -> {
                            mayEnd.await();
                            done.set(true);
                            return null;
                        }))
                        .get();
                mayEnd.countDown();
            });
        } finally {
            plain.shutdownNow();
        }
        assertThat(done).isTrue();
    }

    @Test
    void scope_throughReactor_isCurrentOnItsThreads() {
        Scheduler scheduler = Schedulers.newSingle("reactor-test");
        Hooks.enableAutomaticContextPropagation();
        try {
            String name = scopes.call(
                    "work",
                    scope -> Mono.fromCallable(ScopeThreadLocalAccessorTest::current)
                            .subscribeOn(scheduler)
                            .block());
            assertThat(name).isEqualTo("work");
            assertThat(Mono.fromCallable(ScopeThreadLocalAccessorTest::current)
                            .subscribeOn(scheduler)
                            .block())
                    .isEqualTo("none");
        } finally {
            Hooks.disableAutomaticContextPropagation();
            scheduler.dispose();
        }
    }

    @Test
    void snapshots_nested_restoreInnerThenOuter() {
        OpenScope outer = scopes.openShared("outer");
        OpenScope inner = scopes.openShared("inner");
        try (ContextSnapshot.Scope one = with(outer)) {
            try (ContextSnapshot.Scope two = with(inner)) {
                assertThat(current()).isEqualTo("inner");
            }
            assertThat(current()).isEqualTo("outer");
        }
        assertThat(current()).isEqualTo("none");
    }

    @Test
    void clear_insideABody_leavesTheBodyInItsScope() {
        scopes.run("body", scope -> {
            accessor.setValue();
            assertThat(current()).isEqualTo("body");
            accessor.restore(scope);
            assertThat(current()).isEqualTo("body");
        });
    }

    @Test
    void restore_withoutSet_doesNothing() {
        scopes.run("body", scope -> {
            accessor.restore();
            assertThat(current()).isEqualTo("body");
        });
    }

    private ContextSnapshot.Scope with(Scope scope) {
        ContextSnapshot snapshot;
        try (Scope.Binding binding = scope.bind()) {
            snapshot = ContextSnapshotFactory.builder().build().captureAll();
        }
        return snapshot.setThreadLocals();
    }

    private static String current() {
        return Scope.current().map(Scope::name).orElse("none");
    }

    @Test
    void value_ofALazyScope_isOpenedByItsFirstUseOnly() {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            AtomicReference<OpenScope> opened = new AtomicReference<>();
            LazyScope lazy = new LazyScope(
                    () -> {
                        opened.compareAndSet(null, scopes.openShared("lazy", s -> s.withDetached(true)));
                        return opened.get();
                    },
                    opened::get);
            try (Scope.Binding binding = lazy.bind()) {
                ScopeThreadLocalAccessor accessor = new ScopeThreadLocalAccessor();
                Scope value = accessor.getValue();
                accessor.setValue(value);
                accessor.restore(value);
                assertThat(value)
                        .hasToString("a scope that is opened on first use")
                        .isEqualTo(value);
                assertThat(value.hashCode()).isEqualTo(value.hashCode());
                assertThat(opened).hasNullValue();
                assertThat(value.name()).isEqualTo("lazy");
                assertThat(accessor.getValue()).isSameAs(opened.get());
                assertThatIllegalArgumentException().isThrownBy(() -> value.setTimeout(Duration.ZERO));
            }
        }
    }
}
