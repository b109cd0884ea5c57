// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** A scope is closed or joined once more by code that its own exit runs. */
@Spec("S9")
class CloseInsideExitTest {

    private interface Piece {
        void run(OpenScope child);
    }

    private final AtomicReference<Throwable> thrown = new AtomicReference<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);

    /** Closes a child that its parent counts, since it was opened from outside; the parent goes on counting the rest. */
    private void run(Harness harness, ScopeFactory scopes, Piece piece) {
        try (OpenScope parent = scopes.openShared("parent")) {
            Task<Integer> lives = parent.spawn("lives", () -> {
                Blocking.await(end);
                return 7;
            });
            harness.helper(() -> {
                try (OpenScope child = parent.fork().open("child")) {
                    piece.run(child);
                    child.spawn("task", () -> 1);
                    child.join();
                } finally {
                    closed.countDown();
                }
            });
            Blocking.stubbornly(closed);
            parent.complete();
            assertThat(parent.state()).isEqualTo(Scope.State.COMPLETING);
            end.countDown();
            parent.join();
            assertThat(lives.join()).isEqualTo(7);
        }
    }

    @EngineTest
    void release_closesItsScope_isRefused(Harness harness, ScopeFactory scopes) {
        run(harness, scopes, child -> child.defer(() -> thrown.set(catchThrowable(child::close))));

        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("wait for itself");
    }

    @EngineTest
    void release_joinsItsScope_isRefused(Harness harness, ScopeFactory scopes) {
        run(harness, scopes, child -> child.defer(() -> thrown.set(catchThrowable(child::join))));

        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("wait for itself");
    }

    @EngineTest
    void release_closesScopeAround_isRefused(ScopeFactory scopes) {
        try (OpenScope outer = scopes.open("outer")) {
            try (OpenScope inner = scopes.open("inner")) {
                inner.defer(() -> thrown.set(catchThrowable(outer::close)));
                inner.spawn("task", () -> 1);
                inner.join();
            }
            assertThat(thrown.get())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("The exit of scope 'inner'")
                    .hasMessageContaining("cannot close scope 'outer'");
            assertThat(outer.spawn("task", () -> 7).join()).isEqualTo(7);
            outer.join();
        }
    }

    @EngineTest
    void listener_closesTheScopeThatIsClosed_isRefused(Harness harness) {
        AtomicReference<OpenScope> open = new AtomicReference<>();
        ScopeFactory scopes = harness.scopes(f -> f.withListener(new ScopeListener() {
            @Override
            public void scopeClosed(Scope scope, ScopeOutcome outcome) {
                if (scope == open.get()) {
                    thrown.set(catchThrowable(open.get()::close));
                }
            }
        }));

        try (OpenScope scope = scopes.open("scope")) {
            open.set(scope);
            scope.join();
        }

        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("wait for itself");
    }

    @EngineTest
    void release_closesLazyBindingAround_isRefused(Harness harness, ScopeFactory scopes) {
        AtomicReference<OpenScope> bound = new AtomicReference<>();
        Scope.Binding binding = Scope.bindLazily(() -> {
            bound.set(scopes.open("bound"));
            return bound.get();
        });
        try {
            scopes.run("inner", inner -> inner.defer(() -> thrown.set(catchThrowable(binding::close))));
            assertThat(thrown.get())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("The exit of scope 'inner'");
        } finally {
            bound.get().close();
            binding.close();
        }
    }
}
