// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LazyBindingTest {

    private final ScopeFactory scopes = ScopeFactory.create();
    private final AtomicInteger opened = new AtomicInteger();

    private OpenScope opener() {
        opened.incrementAndGet();
        return scopes.openShared("lazy", s -> s.withDetached(true));
    }

    @AfterEach
    void nothingIsLeft() {
        scopes.close();
        assertThat(Scope.current()).isEmpty();
        assertThat(scopes.scopes()).isEmpty();
    }

    @Test
    void opener_nobodyAsks_isNotCalled() {
        try (Scope.Binding binding = Scope.bindLazily(this::opener);
                OpenScope other = scopes.openShared("other", s -> s.withDetached(true))) {
            other.spawn(() -> {}).join();
            other.complete();
            other.awaitDone();
        }
        assertThat(opened).hasValue(0);
    }

    @Test
    void current_askedTwice_opensOnce() {
        try (Scope.Binding binding = Scope.bindLazily(this::opener)) {
            assertThat(Scope.current()).map(Scope::name).hasValue("lazy");
            assertThat(Scope.current()).isEqualTo(Scope.current());
        }
        assertThat(opened).hasValue(1);
    }

    @Test
    void scopeOpenedInside_isAChild() {
        try (Scope.Binding binding = Scope.bindLazily(this::opener)) {
            scopes.run(
                    "child",
                    child -> assertThat(child.parent()).map(Scope::name).hasValue("lazy"));
        }
        assertThat(opened).hasValue(1);
    }

    @Test
    void current_askedByOpener_isTheEnclosingOne() {
        scopes.run("outer", outer -> {
            AtomicReference<Scope> seen = new AtomicReference<>();
            try (Scope.Binding binding = Scope.bindLazily(() -> {
                seen.set(Scope.current().orElseThrow());
                return opener();
            })) {
                assertThat(Scope.current()).map(Scope::name).hasValue("lazy");
            }
            assertThat(seen).hasValue(outer);
            assertThat(Scope.current()).hasValue(outer);
        });
    }

    @Test
    void current_askedByOpenerOutsideOfAny_isEmpty() {
        try (Scope.Binding binding = Scope.bindLazily(() -> {
            assertThat(Scope.current()).isEmpty();
            return opener();
        })) {
            assertThat(Scope.current()).isPresent();
        }
    }

    @Test
    void opener_throws_isAskedAgain() {
        AtomicBoolean fails = new AtomicBoolean(true);
        try (Scope.Binding binding = Scope.bindLazily(() -> {
            if (fails.getAndSet(false)) {
                throw new IllegalArgumentException("not yet");
            }
            return opener();
        })) {
            assertThatThrownBy(Scope::current).hasMessage("not yet");
            assertThat(Scope.current()).map(Scope::name).hasValue("lazy");
        }
    }

    @Test
    void opener_givesNull_saysSo() {
        try (Scope.Binding binding = Scope.bindLazily(() -> null)) {
            assertThatIllegalStateException().isThrownBy(Scope::current).withMessageContaining("gave null");
        }
    }

    @Test
    void bindLazily_null_throws() {
        assertThatNullPointerException().isThrownBy(() -> Scope.bindLazily(null));
    }

    @Test
    void awaitDone_insideUnopenedBinding_waitsForAnotherScope() {
        try (Scope.Binding binding = Scope.bindLazily(this::opener);
                OpenScope other = scopes.openShared("other", s -> s.withDetached(true))) {
            other.cancel();
            other.awaitDone();
        }
        assertThat(opened).hasValue(0);
    }

    @Test
    void awaitDone_insideUnopenedBindingInTheScope_throws() {
        scopes.run("outer", outer -> {
            try (Scope.Binding binding = Scope.bindLazily(this::opener)) {
                assertThatIllegalStateException().isThrownBy(outer::awaitDone).withMessageContaining("inside");
            }
        });
        assertThat(opened).hasValue(0);
    }

    @Test
    void close_scopeLeftOpenInside_closesItAndSaysSo() {
        Scope.Binding binding = Scope.bindLazily(this::opener);
        OpenScope left = scopes.open("left");
        assertThatIllegalStateException().isThrownBy(binding::close).withMessageContaining("left");
        assertThat(left.state()).isEqualTo(Scope.State.CLOSED);
        assertThat(Scope.current()).isEmpty();
    }

    @Test
    void close_twice_doesNothing() {
        scopes.run("outer", outer -> {
            Scope.Binding binding = Scope.bindLazily(this::opener);
            binding.close();
            binding.close();
            assertThat(Scope.current()).hasValue(outer);
        });
    }

    @Test
    void close_byAnotherThread_throws() throws Exception {
        try (Scope.Binding binding = Scope.bindLazily(this::opener)) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread other = new Thread(() -> {
                try {
                    binding.close();
                } catch (IllegalStateException e) {
                    thrown.set(e);
                }
            });
            other.start();
            other.join();
            assertThat(thrown.get()).hasMessageContaining("not open yet").hasMessageContaining(other.getName());
        }
    }

    @Test
    void join_boundThreadWhenScopeIsCancelled_throwsAtOnce() throws Exception {
        OpenScope scope = scopes.openShared("busy", s -> s.withCancelTimeout(Duration.ofSeconds(50)));
        CountDownLatch deaf = new CountDownLatch(1);
        Task<Void> task = scope.spawn("deaf", () -> awaitUninterruptibly(deaf));
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread waiter = new Thread(() -> {
            try (Scope.Binding binding = scope.bind()) {
                task.join();
            } catch (RuntimeException e) {
                thrown.set(e);
            }
        });
        waiter.start();
        await().until(() -> waiter.getState() == Thread.State.WAITING);
        scope.cancel();
        waiter.join();
        assertThat(thrown.get())
                .isInstanceOf(ScopeCancelledException.class)
                .hasMessageContaining("scope 'busy'")
                .hasMessageContaining("cannot wait for task 'deaf'");
        deaf.countDown();
        scope.close();
    }

    @Test
    void join_boundThreadInterruptedInCancelledScope_keepsTheInterrupt() {
        OpenScope scope = scopes.openShared("busy", s -> s.withCancelTimeout(Duration.ofSeconds(50)));
        CountDownLatch deaf = new CountDownLatch(1);
        Task<Void> task = scope.spawn("deaf", () -> awaitUninterruptibly(deaf));
        scope.cancel();
        try (Scope.Binding binding = scope.bind()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(task::join).isInstanceOf(ScopeCancelledException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
        deaf.countDown();
        scope.close();
    }

    @Test
    void close_beneathAnOpenScope_doesNotComeBackWhenThatEnds() {
        OpenScope scope = scopes.openShared("bound");
        Scope.Binding binding = scope.bind();
        scopes.run("inner", s -> s.withDetached(true), inner -> {
            binding.close();
            assertThat(Scope.current()).contains(inner);
        });

        assertThat(Scope.current()).isEmpty();
        scope.close();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException ignored) {
                // deaf on purpose
            }
        }
    }
}
