// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.traio.spi.TimeSource.Alarm;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TickerTest {

    private static final long HOUR = TimeUnit.HOURS.toNanos(1);
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    /** Ends its thread as soon as it may. Actions run on that thread. */
    private final Ticker ticker = new Ticker(Runnable::run, 0);

    @Test
    void alarms_dueWhileItTicksAndWhileItSleeps_goOffInOrder() throws Exception {
        BlockingQueue<Integer> gone = new LinkedBlockingQueue<>();
        ticker.schedule(1_200 * MILLISECOND, () -> gone.add(4));
        ticker.schedule(60 * MILLISECOND, () -> gone.add(3));
        ticker.schedule(30 * MILLISECOND, () -> gone.add(2));
        ticker.schedule(-1, () -> gone.add(1));
        for (int i = 1; i <= 4; i++) {
            assertThat(gone.take()).isEqualTo(i);
        }
    }

    @Test
    void alarm_setWhileItSleepsUntilALaterOne_wakesIt() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        AtomicReference<Thread> thread = threadOfTicker();
        Alarm later = ticker.schedule(HOUR, () -> {});
        await().until(() -> thread.get().getState() == Thread.State.TIMED_WAITING && ticker.kept() == 1);
        ticker.schedule(MILLISECOND, gone::countDown);
        gone.await();
        later.cancel();
    }

    @Test
    void alarm_stopped_forgetsItsActionAtOnceAndNeverGoesOff() throws Exception {
        List<Object> gone = new ArrayList<>();
        Alarm alarm = ticker.schedule(20 * MILLISECOND, new Runnable() {
            @Override
            public void run() {
                gone.add(this);
            }
        });
        Object action = new Object();
        WeakReference<Object> weak = new WeakReference<>(action);
        Alarm other = ticker.schedule(HOUR, action::hashCode);
        action = null;

        alarm.cancel();
        other.cancel();
        other.cancel();

        await().until(() -> {
            System.gc();
            return weak.get() == null;
        });
        CountDownLatch later = new CountDownLatch(1);
        ticker.schedule(40 * MILLISECOND, later::countDown);
        later.await();
        assertThat(gone).isEmpty();
    }

    @Test
    void alarms_stoppedAfterTheyWereCollected_doNotPileUp() {
        List<Alarm> alarms = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            alarms.add(ticker.schedule(HOUR, () -> {}));
        }
        await().until(() -> ticker.kept() == 10_000);
        alarms.forEach(Alarm::cancel);
        for (int i = 0; i < 10_001; i++) {
            alarms.add(ticker.schedule(HOUR, () -> {}));
        }
        await().until(() -> ticker.kept() == 10_001);
        alarms.forEach(Alarm::cancel);
    }

    @Test
    void thread_notNeeded_endsAndIsStartedAgain() throws Exception {
        Thread first = threadOfTicker().get();
        assertThat(first.isDaemon()).isTrue();
        first.join();
        assertThat(threadOfTicker().get()).isNotSameAs(first);
    }

    @Test
    void thread_interrupted_goesOn() throws Exception {
        Thread thread = threadOfTicker().get();
        thread.interrupt();
        assertThat(threadOfTicker().get()).isSameAs(thread);
        assertThat(thread.isInterrupted()).isFalse();
    }

    @Test
    void executor_refuses_actionIsNotLost() throws Exception {
        Ticker refused = new Ticker(
                action -> {
                    throw new RejectedExecutionException("expected");
                },
                0);
        CountDownLatch gone = new CountDownLatch(2);
        refused.schedule(0, gone::countDown);
        refused.schedule(MILLISECOND, gone::countDown);
        gone.await();
    }

    @Test
    void coarseNanoTime_askedForOften_isNeverAheadAndGoesOn() {
        long start = System.nanoTime();
        for (int questions = 0; questions < 1_000; questions++) {
            assertThat(ticker.coarseNanoTime() - System.nanoTime()).isNotPositive();
        }
        await().until(() -> ticker.coarseNanoTime() - start > 0);
        long seen = ticker.coarseNanoTime();
        await().until(() -> ticker.coarseNanoTime() - seen > 0);
    }

    private AtomicReference<Thread> threadOfTicker() throws InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        ticker.schedule(0, () -> {
            thread.set(Thread.currentThread());
            known.countDown();
        });
        known.await();
        return thread;
    }
}
