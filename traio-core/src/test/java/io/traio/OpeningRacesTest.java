// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;

/** A scope is opened while what is above it ends. The races are narrow: many rounds, each of which must come to its end. */
class OpeningRacesTest {

    private static final int ROUNDS = 10_000;

    private final ExecutorService other = Executors.newSingleThreadExecutor();

    @AfterEach
    void tearDown() {
        other.shutdownNow();
    }

    @EngineTest
    void cancel_childIsOpenedFromOutsideMeanwhile_bodyOfTheChildIsInterrupted(Harness harness) throws Exception {
        ScopeFactory scopes = harness.unwatched();
        for (int round = 0; round < ROUNDS; round++) {
            OpenScope parent = scopes.openShared("parent");
            ScopeOpener fork = parent.fork();
            CyclicBarrier together = new CyclicBarrier(2);
            AtomicBoolean overslept = new AtomicBoolean();
            Future<?> child = other.submit(() -> {
                together.await();
                try {
                    fork.run("child", scope -> overslept.set(!new CountDownLatch(1).await(10, TimeUnit.SECONDS)));
                } catch (IllegalStateException | ScopeCancelledException e) {
                    // Too late, or cancelled: both are right.
                }
                return null;
            });
            together.await();
            Blocking.spin(round % 64);
            parent.cancel();
            child.get();
            assertThat(overslept).isFalse();
        }
        other.shutdown();
    }

    @EngineTest(on = EngineTest.Threads.DEFAULT)
    void close_rootIsOpenedMeanwhile_returns() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            ScopeFactory scopes = ScopeFactory.create();
            CyclicBarrier together = new CyclicBarrier(2);
            Future<?> root = other.submit(() -> {
                together.await();
                try {
                    scopes.run("root", scope -> {});
                } catch (IllegalStateException | ScopeCancelledException e) {
                    // Too late, or cancelled: both are right.
                }
                return null;
            });
            together.await();
            Blocking.spin(round % 64);
            scopes.close();
            root.get();
        }
        other.shutdown();
    }
}
