// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.EngineTest.Threads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** How a thread knows its task: a virtual thread by its handler of uncaught exceptions. */
class FramesTest {

    @EngineTest(on = Threads.DEFAULT)
    void current_afterTheTaskOnItsThread_isEmpty(ScopeFactory scopes) {
        AtomicReference<Object> after = new AtomicReference<>("not called");
        scopes.run("scope", scope -> {
            CountDownLatch watched = new CountDownLatch(1);
            Task<?> task = scope.spawn("task", () -> {
                watched.await();
                assertThat(Scope.current()).contains(scope);
                return null;
            });
            task.onDone(t -> after.set(Scope.current().isPresent()));
            watched.countDown();
            task.join();
        });
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
}
