// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spi.ScopeListener;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** Listeners are notified of a body that ignores its interrupt, and snapshots show it (T8, B6, S12). */
@Spec({"T8", "B6", "S12"})
class StubbornBodyNotifiedTest {

    private static final Duration TIMEOUT = Duration.ofMillis(50);
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Queue<Scope> straggling = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Scope> opened = new AtomicReference<>();
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    private ScopeFactory scopes(Harness harness) {
        return harness.scopes(
                f -> f.withDefaults(s -> s.withCancelTimeout(GRACE)).withListener(new ScopeListener() {
                    @Override
                    public void bodyStraggling(Scope scope) {
                        straggling.add(scope);
                    }
                }));
    }

    private Aside<?> stubborn(Harness harness) throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        Aside<?> owner = Aside.run(
                harness,
                () -> scopes.run("stubborn", s -> s.withTimeout(TIMEOUT), scope -> {
                    opened.set(scope);
                    started.countDown();
                    Briefly.stubbornly(release);
                }));
        Briefly.await(started);
        return owner;
    }

    @EngineTest
    void graceIsOver_listenerIsNotifiedOnce(Harness harness, TestClock clock) throws InterruptedException {
        Aside<?> owner = stubborn(harness);
        try {
            clock.advance(TIMEOUT);
            clock.advance(GRACE.minusMillis(1));
            assertThat(straggling).isEmpty();
            clock.advance(Duration.ofMillis(1));
            Briefly.until("the listener is notified", () -> !straggling.isEmpty());
            clock.advance(GRACE.multipliedBy(10));
        } finally {
            release.countDown();
        }

        assertThat(owner.failure()).isExactlyInstanceOf(ScopeTimeoutException.class);
        assertThat(straggling).containsExactly(opened.get());
    }

    @EngineTest
    void graceIsOver_snapshotShowsItUntilTheBodyEnds(Harness harness, TestClock clock) throws InterruptedException {
        Aside<?> owner = stubborn(harness);
        try {
            assertThat(opened.get().snapshot().straggling()).isFalse();
            clock.advance(TIMEOUT);
            assertThat(opened.get().snapshot().straggling()).isFalse();
            clock.advance(GRACE);
            Briefly.until("the snapshot shows it", () -> opened.get().snapshot().straggling());
        } finally {
            release.countDown();
        }

        assertThat(owner.failure()).isExactlyInstanceOf(ScopeTimeoutException.class);
        assertThat(opened.get().snapshot().straggling()).isFalse();
    }

    @EngineTest
    void onlyTheInnermostBody_runsOnTheThread_parentIsNotReportedForIt(Harness harness, TestClock clock)
            throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        Aside<?> owner = Aside.run(
                harness,
                () -> scopes.run(
                        "parent",
                        s -> s.withTimeout(TIMEOUT),
                        parent -> scopes.run("stubborn", child -> {
                            opened.set(child);
                            started.countDown();
                            Briefly.stubbornly(release);
                        })));
        Briefly.await(started);
        try {
            clock.advance(TIMEOUT);
            clock.advance(GRACE);
            Briefly.until("the listener is notified", () -> !straggling.isEmpty());
        } finally {
            release.countDown();
        }

        assertThat(owner.failure()).isExactlyInstanceOf(ScopeTimeoutException.class);
        assertThat(straggling).containsExactly(opened.get());
    }

    @EngineTest
    void bodyReacts_nobodyIsNotified(Harness harness, TestClock clock) throws InterruptedException {
        ScopeFactory scopes = scopes(harness);
        Aside<?> owner = Aside.run(
                harness,
                () -> scopes.run("reacts", s -> s.withTimeout(TIMEOUT), scope -> {
                    started.countDown();
                    Briefly.untilInterrupted();
                }));
        Briefly.await(started);
        clock.advance(TIMEOUT);

        assertThat(owner.failure()).isExactlyInstanceOf(ScopeTimeoutException.class);
        clock.advance(GRACE);
        assertThat(straggling).isEmpty();
    }
}
