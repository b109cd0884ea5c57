// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CloseTwiceTest {

    @Test
    void close_whileAnotherCloseWaits_returnsAtOnce() throws Exception {
        ScopeFactory scopes = ScopeFactory.create();
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch told = new CountDownLatch(1);
        scopes.openShared("live", s -> s.withCancelTimeout(ScopeOptions.FOREVER))
                .spawn("stubborn", () -> {
                    started.countDown();
                    while (free.getCount() > 0) {
                        try {
                            free.await();
                        } catch (InterruptedException e) {
                            told.countDown();
                        }
                    }
                });
        started.await();
        Thread first = new Thread(scopes::close);
        first.start();
        told.await();
        scopes.close();
        assertThat(first.isAlive()).isTrue();
        free.countDown();
        first.join();
        assertThat(scopes.scopes()).isEmpty();
    }
}
