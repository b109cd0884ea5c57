// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Blocking;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PermitsTest {

    private final Permits permits = new Permits();

    @Test
    void tryTake_limitIsReached_fails() {
        assertThat(permits.tryTake(2)).isTrue();
        assertThat(permits.tryTake(2)).isTrue();
        assertThat(permits.tryTake(2)).isFalse();
        assertThat(permits.tryTake(3)).isTrue();
    }

    @Test
    void tryBorrow_nobodyWaits_fails() {
        permits.tryTake(1);
        assertThat(permits.hasIdle()).isFalse();
        assertThat(permits.tryBorrow()).isFalse();
    }

    @Test
    void tryBorrow_moreThanWait_fails() {
        permits.tryTake(1);
        permits.idle(true);
        assertThat(permits.tryBorrow()).isTrue();
        assertThat(permits.hasIdle()).isFalse();
        assertThat(permits.tryBorrow()).isFalse();
    }

    @Test
    void endLoan_holderStillWaits_permitStaysTaken() {
        permits.tryTake(1);
        permits.idle(true);
        permits.tryBorrow();
        permits.endLoan();
        assertThat(permits.taken()).isOne();
        assertThat(permits.hasIdle()).isTrue();
    }

    @Test
    void giveBack_borrowerRuns_permitIsTheBorrowers() {
        permits.tryTake(1);
        permits.idle(true);
        permits.tryBorrow();
        permits.idle(false);
        permits.giveBack();
        assertThat(permits.taken()).isOne();
        assertThat(permits.tryTake(1)).isFalse();
        permits.endLoan();
        assertThat(permits.taken()).isZero();
    }

    @Test
    void giveBack_anotherHolderWaits_permitIsFree() {
        permits.tryTake(2);
        permits.tryTake(2);
        permits.idle(true);
        permits.tryBorrow();
        permits.giveBack();
        assertThat(permits.taken()).isOne();
        assertThat(permits.tryTake(2)).isTrue();
    }

    @Test
    void giveBack_secondLoanTakenOver_onlyAsManyAreLentAsWait() {
        permits.tryTake(1);
        permits.idle(true);
        permits.tryBorrow();
        // The borrower waits for its part.
        permits.idle(true);
        permits.tryBorrow();
        permits.idle(false);
        permits.giveBack();
        assertThat(permits.hasIdle()).isFalse();
        permits.idle(false);
        permits.endLoan();
        permits.endLoan();
        assertThat(permits.taken()).isZero();
    }

    /** Whatever many threads do at once, nothing is left at the end. */
    @Test
    void permits_takenLentAndGivenBackByManyThreads_areAllBack() throws InterruptedException {
        int limit = 3;
        AtomicInteger begun = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        CountDownLatch go = new CountDownLatch(1);
        for (int t = 0; t < 8; t++) {
            SplittableRandom random = new SplittableRandom(t);
            Thread thread = new Thread(() -> {
                Blocking.stubbornly(go);
                for (int i = 0; i < 20_000; i++) {
                    boolean takes = random.nextBoolean();
                    if (takes ? permits.tryTake(limit) : permits.tryBorrow()) {
                        begun.incrementAndGet();
                        if (random.nextBoolean()) {
                            permits.idle(true);
                            Thread.onSpinWait();
                            permits.idle(false);
                        }
                        if (takes) {
                            permits.giveBack();
                        } else {
                            permits.endLoan();
                        }
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(begun.get()).isGreaterThan(20_000);
        assertThat(permits.taken()).isZero();
        permits.idle(true);
        assertThat(permits.tryBorrow()).isTrue();
        assertThat(permits.tryBorrow()).isFalse();
    }
}
