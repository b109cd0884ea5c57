// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.EngineTest.Threads;
import io.traio.spi.ScopeListener;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** How a thread knows its task: a virtual thread by its handler of uncaught exceptions. */
class FramesTest {

    @EngineTest(on = Threads.DEFAULT)
    void current_whenTheEndOfATaskIsReported_isNotItsScopeAnyMore(Harness harness) {
        AtomicReference<Object> after = new AtomicReference<>("not called");
        ScopeFactory scopes = harness.scopes(f -> f.withListener(new ScopeListener() {
            @Override
            public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
                after.set(Scope.current().isPresent());
            }
        }));
        scopes.run(
                "scope",
                scope -> scope.spawn("task", () -> {
                    assertThat(Scope.current()).contains(scope);
                }));
        assertThat(after).hasValue(false);
    }

    @EngineTest(on = Threads.DEFAULT)
    void uncaughtException_isPassedOnAsWithoutTraio(ScopeFactory scopes) {
        AtomicReference<Throwable> passedOn = new AtomicReference<>();
        ThreadGroup group = new ThreadGroup("test") {
            @Override
            public void uncaughtException(Thread thread, Throwable e) {
                passedOn.set(e);
            }
        };
        IllegalStateException failure = new IllegalStateException("expected");
        scopes.run("scope", scope -> {
            Task<?> task = scope.spawn(() -> {});
            ((Thread.UncaughtExceptionHandler) task).uncaughtException(new Thread(group, () -> {}), failure);
        });
        assertThat(passedOn).hasValue(failure);
    }

    @EngineTest
    void current_onAThreadThatWasGivenTheHandlerOfATask_isEmpty(Harness harness, ScopeFactory scopes) {
        AtomicReference<Object> current = new AtomicReference<>();
        scopes.run(
                "scope",
                scope -> scope.spawn("task", () -> {
                    Thread.UncaughtExceptionHandler handler =
                            Thread.currentThread().getUncaughtExceptionHandler();
                    Thread other = harness.helper(() -> {
                        Thread.currentThread().setUncaughtExceptionHandler(handler);
                        current.set(Scope.current());
                    });
                    other.join();
                    assertThat(Scope.current()).contains(scope);
                    return null;
                }));
        assertThat(current).hasValue(Optional.empty());
    }
}
