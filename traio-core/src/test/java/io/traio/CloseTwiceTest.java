// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;

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
        Blocking.until("the first has cancelled the scope", scope::isCancelled);
        scopes.close();
        assertThat(first.isAlive()).isTrue();
        free.countDown();
        first.join();
        assertThat(scopes.scopes()).isEmpty();
    }
}
