// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.EngineTest.Threads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

class CloseTwiceTest {

    @EngineTest
    void close_whileAnotherCloseWaits_returnsAtOnce(Harness harness, ScopeFactory scopes) throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("live", s -> s.withCancelTimeout(ScopeOptions.FOREVER));
        scope.spawn("stubborn", () -> {
            started.countDown();
            return Blocking.stubbornly(free);
        });
        Blocking.await(started);
        scope.complete();
        Thread first = harness.helper(scopes::close);
        Blocking.until("the first has told the scope", scope::isCancelled);
        scopes.close();
        assertThat(first.isAlive()).isTrue();
        free.countDown();
        first.join();
        assertThat(scopes.scopes()).isEmpty();
    }

    /** The join had ended the body when it failed; what runs then is still waited for. */
    @EngineTest(on = Threads.FACTORY)
    void close_afterJoinThatFailed_waitsForTheTask(Harness harness) throws Exception {
        SecurityException refused = new SecurityException("no interrupts");
        ScopeFactory scopes = harness.scopes(f -> f.withThreadFactory(command -> new Thread(command) {
            @Override
            public void interrupt() {
                throw refused;
            }
        }));
        Thread owner = Thread.currentThread();
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        AtomicBoolean closed = new AtomicBoolean();
        OpenScope scope = scopes.open("scope");
        Task<?> task = scope.spawn(
                "background",
                () -> {
                    started.countDown();
                    return Blocking.stubbornly(free);
                },
                t -> t.withAwaited(false));
        Blocking.await(started);
        assertThatThrownBy(scope::join).isSameAs(refused);

        harness.helper(() -> {
            Blocking.until("the close waits", () -> owner.getState() == Thread.State.WAITING || closed.get());
            free.countDown();
        });
        assertThatIllegalStateException().isThrownBy(scope::close);
        boolean done = task.isDone();
        closed.set(true);
        assertThat(done).isTrue();
    }
}
