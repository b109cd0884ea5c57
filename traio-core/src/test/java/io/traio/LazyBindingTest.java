// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LazyBindingTest {

    private final AtomicInteger opened = new AtomicInteger();

    private OpenScope opener(ScopeFactory scopes) {
        opened.incrementAndGet();
        return scopes.openShared("lazy", s -> s.withDetached(true));
    }

    @EngineTest
    void opener_nobodyAsks_isNotCalled(ScopeFactory scopes) {
        try (Scope.Binding binding = Scope.bindLazily(() -> opener(scopes));
                OpenScope other = scopes.openShared("other", s -> s.withDetached(true))) {
            other.spawn(() -> {}).join();
            other.complete();
            other.awaitDone();
        }
        assertThat(opened).hasValue(0);
        scopes.close();
    }

    @EngineTest
    void current_askedTwice_opensOnce(ScopeFactory scopes) {
        try (Scope.Binding binding = Scope.bindLazily(() -> opener(scopes))) {
            assertThat(Scope.current()).map(Scope::name).hasValue("lazy");
            assertThat(Scope.current()).isEqualTo(Scope.current());
        }
        assertThat(opened).hasValue(1);
        scopes.close();
    }

    @EngineTest
    void scopeOpenedInside_isAChild(ScopeFactory scopes) {
        try (Scope.Binding binding = Scope.bindLazily(() -> opener(scopes))) {
            scopes.run(
                    "child",
                    child -> assertThat(child.parent()).map(Scope::name).hasValue("lazy"));
        }
        assertThat(opened).hasValue(1);
        scopes.close();
    }

    @EngineTest
    void current_askedByOpener_isTheEnclosingOne(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            AtomicReference<Scope> seen = new AtomicReference<>();
            try (Scope.Binding binding = Scope.bindLazily(() -> {
                seen.set(Scope.current().orElseThrow());
                return opener(scopes);
            })) {
                assertThat(Scope.current()).map(Scope::name).hasValue("lazy");
            }
            assertThat(seen).hasValue(outer);
            assertThat(Scope.current()).hasValue(outer);
        });
        scopes.close();
    }

    @EngineTest
    void current_askedByOpenerOutsideOfAny_isEmpty(ScopeFactory scopes) {
        try (Scope.Binding binding = Scope.bindLazily(() -> {
            assertThat(Scope.current()).isEmpty();
            return opener(scopes);
        })) {
            assertThat(Scope.current()).isPresent();
        }
        scopes.close();
    }

    @EngineTest
    void opener_throws_isAskedAgain(ScopeFactory scopes) {
        AtomicBoolean fails = new AtomicBoolean(true);
        try (Scope.Binding binding = Scope.bindLazily(() -> {
            if (fails.getAndSet(false)) {
                throw new IllegalArgumentException("not yet");
            }
            return opener(scopes);
        })) {
            assertThatThrownBy(Scope::current).hasMessage("not yet");
            assertThat(Scope.current()).map(Scope::name).hasValue("lazy");
        }
        scopes.close();
    }

    @Test
    void opener_givesNull_saysSo() {
        try (Scope.Binding binding = Scope.bindLazily(() -> null)) {
            assertThatIllegalStateException().isThrownBy(Scope::current).withMessageContaining("returned null");
        }
    }

    @Test
    void bindLazily_null_throws() {
        assertThatNullPointerException().isThrownBy(() -> Scope.bindLazily(null));
    }

    @EngineTest
    void awaitDone_insideUnopenedBinding_waitsForAnotherScope(ScopeFactory scopes) {
        try (Scope.Binding binding = Scope.bindLazily(() -> opener(scopes));
                OpenScope other = scopes.openShared("other", s -> s.withDetached(true))) {
            other.cancel();
            other.awaitDone();
        }
        assertThat(opened).hasValue(0);
        scopes.close();
    }

    @EngineTest
    void awaitDone_insideUnopenedBindingInTheScope_throws(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            try (Scope.Binding binding = Scope.bindLazily(() -> opener(scopes))) {
                assertThatIllegalStateException().isThrownBy(outer::awaitDone).withMessageContaining("inside");
            }
        });
        assertThat(opened).hasValue(0);
        scopes.close();
    }

    @EngineTest
    void close_scopeLeftOpenInside_closesItAndSaysSo(ScopeFactory scopes) {
        Scope.Binding binding = Scope.bindLazily(() -> opener(scopes));
        OpenScope left = scopes.open("left");
        assertThatIllegalStateException().isThrownBy(binding::close).withMessageContaining("left");
        assertThat(left.state()).isEqualTo(Scope.State.CLOSED);
        assertThat(Scope.current()).isEmpty();
        scopes.close();
    }

    @EngineTest
    void close_twice_doesNothing(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            Scope.Binding binding = Scope.bindLazily(() -> opener(scopes));
            binding.close();
            binding.close();
            assertThat(Scope.current()).hasValue(outer);
        });
        scopes.close();
    }

    @EngineTest
    void close_byAnotherThread_throws(Harness harness, ScopeFactory scopes) throws Exception {
        try (Scope.Binding binding = Scope.bindLazily(() -> opener(scopes))) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread other = harness.helper(() -> {
                try {
                    binding.close();
                } catch (IllegalStateException e) {
                    thrown.set(e);
                }
            });
            other.join();
            assertThat(thrown.get()).hasMessageContaining("not open yet").hasMessageContaining(other.getName());
        }
        scopes.close();
    }

    @EngineTest
    void join_boundThreadWhenScopeIsCancelled_throwsAtOnce(Harness harness, ScopeFactory scopes) throws Exception {
        OpenScope scope = scopes.openShared("busy", s -> s.withCancelTimeout(Duration.ofSeconds(50)));
        CountDownLatch deaf = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        Task<?> task = scope.spawn("deaf", () -> {
            started.countDown();
            return Blocking.stubbornly(deaf);
        });
        Blocking.await(started);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread waiter = harness.helper(() -> {
            try (Scope.Binding binding = scope.bind()) {
                task.join();
            } catch (RuntimeException e) {
                thrown.set(e);
            }
        });
        Blocking.untilParked(waiter);
        scope.cancel();
        waiter.join();
        assertThat(thrown.get())
                .isInstanceOf(ScopeCancelledException.class)
                .hasMessageContaining("scope 'busy'")
                .hasMessageContaining("cannot wait for task 'deaf'");
        deaf.countDown();
        scope.close();
    }

    @EngineTest
    void join_boundThreadInterruptedInCancelledScope_keepsTheInterrupt(ScopeFactory scopes) throws Exception {
        OpenScope scope = scopes.openShared("busy", s -> s.withCancelTimeout(Duration.ofSeconds(50)));
        CountDownLatch deaf = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        Task<?> task = scope.spawn("deaf", () -> {
            started.countDown();
            return Blocking.stubbornly(deaf);
        });
        Blocking.await(started);
        scope.cancel();
        try (Scope.Binding binding = scope.bind()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(task::join).isInstanceOf(ScopeCancelledException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
        deaf.countDown();
        scope.close();
    }

    @EngineTest
    void close_beneathAnOpenScope_doesNotComeBackWhenThatEnds(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("bound");
        Scope.Binding binding = scope.bind();
        scopes.run("inner", s -> s.withDetached(true), inner -> {
            binding.close();
            assertThat(Scope.current()).contains(inner);
        });

        assertThat(Scope.current()).isEmpty();
        scope.close();
    }
}
