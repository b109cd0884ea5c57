// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Alarms come in time while tasks compute on all processors: none waits for a free carrier of virtual threads. */
@Spec({"S4", "T8"})
@Timeout(30)
class LateAlarmsTest {

    private static final Duration TIMEOUT = Duration.ofMillis(300);
    private static final Duration GRACE = Duration.ofMillis(200);
    private static final Duration SOON = Duration.ofSeconds(4);
    private static final Duration COMPUTING = Duration.ofSeconds(9);

    private final AtomicBoolean over = new AtomicBoolean();
    private final List<Thread> computing = new ArrayList<>();
    private final ScopeFactory onDefault = ScopeFactory.create();
    private final ScopeFactory onPlatform = ScopeFactory.create(f -> f.withThreadFactory(command -> {
        Thread thread = new Thread(command, "late-alarms");
        thread.setDaemon(true);
        return thread;
    }));

    @AfterEach
    void end() {
        over.set(true);
        onPlatform.close();
        onDefault.close();
        computing.forEach(thread -> catchThrowable(() -> thread.join(10_000)));
    }

    private @Nullable Object compute(CountDownLatch started) {
        started.countDown();
        long begin = System.nanoTime();
        while (!over.get() && System.nanoTime() - begin < COMPUTING.toNanos()) {
            Thread.onSpinWait();
        }
        return null;
    }

    /** Spawns tasks that compute on all processors and do not look at their interrupts. */
    private static int processors(int times) {
        return times * Runtime.getRuntime().availableProcessors();
    }

    private void spawnComputing(Scope scope, int times) throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(Runtime.getRuntime().availableProcessors());
        for (int i = 0; i < processors(times); i++) {
            scope.spawn("computing " + i, () -> compute(busy));
        }
        Blocking.await(busy);
    }

    /** Computes on threads that are none of ours, on the carriers where there are any. */
    private void computeElsewhere() throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(processors(1));
        for (int i = 0; i < processors(1); i++) {
            Thread thread = OwnerThread.hasVirtual()
                    ? FactoryOptions.virtualThreads("computing-").newThread(() -> compute(busy))
                    : new Thread(() -> compute(busy));
            computing.add(thread);
            thread.start();
        }
        Blocking.await(busy);
    }

    private static void assertSoon(long sinceNanos, String what) {
        assertThat(Duration.ofNanos(System.nanoTime() - sinceNanos)).as(what).isLessThan(SOON);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void timeout_ofTheScopeWhoseTasksCompute_findsStragglers(int times) {
        long begin = System.nanoTime();
        Throwable thrown = catchThrowable(() -> onDefault.run(
                "computing",
                s -> s.withTimeout(TIMEOUT).withCancelTimeout(GRACE),
                scope -> spawnComputing(scope, times)));

        assertSoon(begin, "its timeout and the grace of its tasks");
        assertThat(thrown).isInstanceOf(StragglerException.class).hasCauseInstanceOf(ScopeTimeoutException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void timeout_ofAnUnrelatedScope_comesInTime(int times) throws Exception {
        try (OpenScope other = onDefault.openShared("computing", s -> s.withCancelTimeout(GRACE))) {
            spawnComputing(other, times);
            long begin = System.nanoTime();
            Throwable thrown = catchThrowable(() -> onPlatform.run(
                    "unrelated", s -> s.withTimeout(TIMEOUT), scope -> scope.spawn("sleeps", Blocking::forever)));

            assertSoon(begin, "the timeout of the unrelated scope");
            assertThat(thrown).isInstanceOf(ScopeTimeoutException.class);
            over.set(true);
        }
    }

    @Test
    void timeout_thatInterruptsABody_comesInTime() throws Exception {
        computeElsewhere();
        long begin = System.nanoTime();
        Throwable thrown =
                catchThrowable(() -> onPlatform.run("body", s -> s.withTimeout(TIMEOUT), scope -> Blocking.forever()));

        assertSoon(begin, "the timeout of a body");
        assertThat(thrown).isInstanceOf(ScopeTimeoutException.class);
    }

    /** The interrupt waits for longer than the test does: only the hook ends the body. */
    @Test
    void hook_isCalledInTime() throws Exception {
        computeElsewhere();
        CountDownLatch called = new CountDownLatch(1);
        long since = System.nanoTime();
        Throwable thrown = catchThrowable(() -> onPlatform.run("hooked", s -> s.withTimeout(TIMEOUT), scope -> {
            try (Scope.CancelHook hook = Scope.onCancel(Duration.ofSeconds(30), called::countDown)) {
                Blocking.await(called);
            }
        }));

        assertThat(thrown).isInstanceOf(ScopeTimeoutException.class);
        assertSoon(since, "the hook");
    }

    @Test
    void timedWaits_giveUpInTime() throws Exception {
        computeElsewhere();
        OpenScope scope = onPlatform.openShared("scope");
        Task<?> task = scope.spawn("sleeps", Blocking::forever);
        long begin = System.nanoTime();

        assertThat(catchThrowable(() -> task.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)))
                .isInstanceOf(TimeoutException.class);
        assertSoon(begin, "get");
        begin = System.nanoTime();
        assertThat(scope.awaitDone(TIMEOUT)).isFalse();
        assertSoon(begin, "awaitDone");
        begin = System.nanoTime();
        assertThat(onPlatform.drain(TIMEOUT)).isFalse();
        assertSoon(begin, "drain");
        scope.cancel();
    }

    @Test
    void cancel_ofATaskThatIgnoresIt_isReportedInTime() throws Exception {
        LogCapture log = new LogCapture();
        CountDownLatch straggling = new CountDownLatch(1);
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withLogger(log.logger())
                .withDefaults(s -> s.withCancelTimeout(GRACE))
                .withListener(new ScopeListener() {
                    @Override
                    public void taskStraggling(Task<?> task) {
                        straggling.countDown();
                    }
                }))) {
            OpenScope scope = scopes.openShared("scope");
            spawnComputing(scope, 1);
            scope.cancel();

            assertThat(straggling.await(SOON.toMillis(), TimeUnit.MILLISECONDS))
                    .as("a straggler is reported")
                    .isTrue();
            assertThat(log.messages(Level.ERROR)).isNotEmpty();
            Throwable thrown = catchThrowable(scope::awaitDone);
            assertThat(thrown).isInstanceOf(StragglerException.class);
            over.set(true);
        }
    }

    /** Shutdown: the factory is left although its tasks compute on. */
    @Test
    void close_ofTheFactory_endsInTime() throws Exception {
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withDefaults(s -> s.withCancelTimeout(GRACE)))) {
            OpenScope scope = scopes.openShared("scope");
            spawnComputing(scope, 1);
            long begin = System.nanoTime();
            scopes.close();

            assertSoon(begin, "close");
            over.set(true);
        }
    }

    /** One slow listener delays no alarm but its own, be there computing tasks or not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void slowListeners_delayNoOtherAlarm(boolean busy) throws Exception {
        if (busy) {
            computeElsewhere();
        }
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch slow = new CountDownLatch(3);
        ScopeListener listener = new ScopeListener() {
            @Override
            public void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {
                slow.countDown();
                Blocking.stubbornly(release);
            }
        };
        try (ScopeFactory slowed = ScopeFactory.create(f -> f.withListener(listener))) {
            for (int i = 0; i < 3; i++) {
                slowed.openShared("slow " + i, s -> s.withTimeout(Duration.ofMillis(50)));
            }
            try {
                assertThat(slow.await(SOON.toMillis(), TimeUnit.MILLISECONDS))
                        .as("each of the slow ones is called")
                        .isTrue();
                long begin = System.nanoTime();
                Throwable thrown = catchThrowable(() -> onPlatform.run(
                        "other", s -> s.withTimeout(TIMEOUT), scope -> scope.spawn("sleeps", Blocking::forever)));

                assertSoon(begin, "the timeout of another scope");
                assertThat(thrown).isInstanceOf(ScopeTimeoutException.class);
            } finally {
                release.countDown();
                over.set(true);
            }
        }
    }

    /** The listener of this factory is called in time, and so are its callbacks. */
    @Test
    void callbacksOfAScopeThatTimesOut_comeInTime() throws Exception {
        computeElsewhere();
        CountDownLatch done = new CountDownLatch(1);
        OpenScope scope = onPlatform.openShared("scope", s -> s.withTimeout(TIMEOUT));
        scope.onDone(ended -> done.countDown());
        scope.spawn("sleeps", Blocking::forever);

        assertThat(done.await(SOON.toMillis(), TimeUnit.MILLISECONDS))
                .as("called back")
                .isTrue();
        assertThat(catchThrowable(scope::awaitDone)).isInstanceOf(ScopeTimeoutException.class);
    }
}
