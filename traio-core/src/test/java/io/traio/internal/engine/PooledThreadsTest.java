// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads of the default pool, on every JDK. */
@Timeout(20)
class PooledThreadsTest {

    private static final InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

    @Test
    void thread_madeWhileAThreadLocalWasSet_doesNotInheritIt() throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        // More than the pool may have idle, so that some are new.
        CountDownLatch looked = new CountDownLatch(64);
        INHERITED.set("of the spawner");
        try {
            for (int i = 0; i < 64; i++) {
                Launcher.DefaultPool.INSTANCE.execute(() -> {
                    String value = INHERITED.get();
                    if (value != null) {
                        seen.complete(value);
                    }
                    looked.countDown();
                    awaitQuietly(looked);
                });
            }
        } finally {
            INHERITED.remove();
        }
        looked.await();
        seen.complete("nothing");
        assertThat(seen.get()).isEqualTo("nothing");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
