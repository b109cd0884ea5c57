// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is compared must do what it is said to do. */
@Timeout(60)
class PeersTest {

    static Iterable<String> peers() {
        return Peers.names();
    }

    @ParameterizedTest
    @MethodSource("peers")
    void fanOut_runsTasksAtOnceAndWaitsForAll(String name) throws Exception {
        CountDownLatch allRun = new CountDownLatch(10);
        AtomicInteger ended = new AtomicInteger();
        Peers.get(name).fanOut(10, () -> {
            allRun.countDown();
            allRun.await();
            return ended.incrementAndGet();
        });
        assertThat(ended).hasValue(10);
    }

    @ParameterizedTest
    @MethodSource("peers")
    void fanOutWithin_inTime_runsTasksAtOnceAndWaitsForAll(String name) throws Exception {
        CountDownLatch allRun = new CountDownLatch(10);
        AtomicInteger ended = new AtomicInteger();
        Peers.get(name).fanOutWithin(Duration.ofMinutes(1), 10, () -> {
            allRun.countDown();
            allRun.await();
            return ended.incrementAndGet();
        });
        assertThat(ended).hasValue(10);
    }

    @ParameterizedTest
    @MethodSource("peers")
    void fanOutWithin_timeIsOver_throws(String name) {
        CountDownLatch end = new CountDownLatch(1);
        boolean waitsForItsTasks = name.equals("kotlin");
        assumeTrue(!waitsForItsTasks, "would wait for a task that it does not interrupt");
        assertThatThrownBy(() -> Peers.get(name).fanOutWithin(Duration.ofMillis(20), 1, () -> {
                    end.await();
                    return 0;
                }))
                .isInstanceOf(Exception.class);
        end.countDown();
    }

    @ParameterizedTest
    @MethodSource("peers")
    void failing_interruptsTheOthersAndWaitsForThem(String name) throws Exception {
        assumeTrue(Peers.get(name).cancels());
        CountDownLatch blocked = new CountDownLatch(10);
        AtomicInteger interrupted = new AtomicInteger();
        try {
            Peers.get(name)
                    .failing(
                            10,
                            () -> {
                                blocked.countDown();
                                try {
                                    new CountDownLatch(1).await();
                                } catch (InterruptedException e) {
                                    interrupted.incrementAndGet();
                                    throw e;
                                }
                                return 0;
                            },
                            () -> {
                                blocked.await();
                                throw new IllegalStateException("expected");
                            });
        } catch (Exception e) {
            assertThat(e).hasStackTraceContaining("expected");
        }
        assertThat(interrupted).hasValue(10);
    }

    @ParameterizedTest
    @MethodSource("peers")
    void combine_givesTheResults(String name) throws Exception {
        Peer peer = Peers.get(name);
        assumeTrue(peer.combines());
        assertThat(peer.race(() -> 7, () -> 7)).isEqualTo(7);
        assertThat(peer.all(() -> 1, () -> 2, () -> 4)).isEqualTo(7);
        assertThat(peer.mapAll(100, 3)).hasSize(100).startsWith(2, 4, 6).endsWith(200);
    }

    @ParameterizedTest
    @EnumSource(Workload.class)
    void workload_runsOnTraio(Workload workload) throws Exception {
        assertThat(workload.nanosPerRun(Peers.get(Peers.TRAIO), 1)).isPositive();
    }
}
