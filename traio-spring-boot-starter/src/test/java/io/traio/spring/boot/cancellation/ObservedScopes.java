// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.cancellation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.traio.FactoryOptions;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import io.traio.spi.CancellationSignal;
import io.traio.spi.ScopeListener;
import io.traio.spring.boot.metrics.ScopeMetrics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** Runs blocking code in a task, ends its wait, and looks at what listeners, the log, the meter and the exit say of it. */
final class ObservedScopes implements ScopeListener, AutoCloseable {

    /** What runs the task. */
    enum Threads {
        PLATFORM,
        VIRTUAL;

        private ThreadFactory factory() {
            assumeTrue(this == PLATFORM || Runtime.version().feature() >= 21, "virtual threads");
            return this == PLATFORM ? Thread::new : FactoryOptions.virtualThreads("task-");
        }
    }

    /** What ends the wait of the code. */
    @FunctionalInterface
    interface End {
        void of(Scope scope, Task<?> task) throws Exception;
    }

    private static final class SiblingFailure extends RuntimeException {}

    private static final String NAME = "scope";

    private final ScopeMetrics metrics = new ScopeMetrics(1);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final ScopeFactory scopes;

    private volatile @Nullable Task<?> task;

    ObservedScopes(Threads threads) {
        this(threads, t -> false);
    }

    ObservedScopes(Threads threads, CancellationSignal signal) {
        Logger logger = new LoggerContext().getLogger("observed");
        log.start();
        logger.addAppender(log);
        metrics.bindTo(registry);
        ThreadFactory factory = threads.factory();
        scopes = ScopeFactory.create(f -> f.withThreadFactory(factory)
                .withLogger(logger)
                .withCancellationSignal(signal)
                .withListener(metrics)
                .withListener(this));
    }

    @Override
    public void taskEnded(Task<?> ended, @Nullable Throwable failure, long runNanos) {
        if (failure != null && !(failure instanceof SiblingFailure)) {
            failures.add(failure);
        }
    }

    /** Spawns the code, ends its wait, and returns what the scope throws. */
    @Nullable
    Throwable run(Callable<?> code, End end) {
        return catchThrowable(() -> scopes.run(NAME, scope -> {
            Task<?> spawned = scope.spawn("task", code);
            task = spawned;
            end.of(scope, spawned);
        }));
    }

    void assertCancelled(Callable<?> code, Waiting waiting, Cancel cancel) {
        Throwable thrown = run(code, (scope, spawned) -> {
            waiting.await();
            cancel.end.of(scope, spawned);
        });
        if (cancel.thrown == null) {
            assertThat(thrown).isNull();
        } else {
            assertThat(thrown).isInstanceOf(cancel.thrown);
            assertThat(thrown.getSuppressed()).noneMatch(ObservedScopes::isOfTheTask);
        }
        assertThat(failures).isEmpty();
        assertThat(log.list).noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.WARN));
        assertThat(status()).isEqualTo(Task.Status.CANCELLED);
        assertThat(timed("cancelled", "none")).isPositive();
    }

    /** Is not the mark that tells where the owner waited for the task that has failed. */
    private static boolean isOfTheTask(Throwable suppressed) {
        return !suppressed.getClass().getSimpleName().equals("WaitedAt");
    }

    void assertFailed(Callable<?> code, Waiting waiting, End end, Class<? extends Throwable> failure) {
        Throwable thrown = run(code, (scope, spawned) -> {
            waiting.await();
            end.of(scope, spawned);
        });
        assertThat(thrown).isNotNull();
        assertThat(failures).singleElement().isInstanceOf(failure);
        assertThat(thrown instanceof RuntimeException && failure.isInstance(thrown) ? thrown : thrown.getCause())
                .isSameAs(failures.get(0));
        assertThat(status()).isEqualTo(Task.Status.FAILED);
        assertThat(timed("failure", failures.get(0).getClass().getSimpleName())).isEqualTo(1);
    }

    private Task.Status status() {
        Task<?> spawned = task;
        assertThat(spawned).isNotNull();
        return spawned.status();
    }

    private long timed(String outcome, String exception) {
        Timer timer = registry.find("traio.task")
                .tags("outcome", outcome, "exception", exception)
                .timer();
        return timer == null ? 0 : timer.count();
    }

    @Override
    public void close() {
        scopes.close();
        registry.close();
    }

    /** Waits until the code blocks. */
    @FunctionalInterface
    interface Waiting {
        void await() throws Exception;
    }

    /** Who cancels the task, and what the scope then throws. */
    enum Cancel {
        TASK(
                (scope, task) -> {
                    task.cancel();
                    await().until(task::isDone);
                },
                null),
        SCOPE((scope, task) -> scope.cancel(), null),
        TIMEOUT((scope, task) -> scope.setTimeout(Duration.ofMillis(1)), ScopeTimeoutException.class),
        SIBLING(
                (scope, task) -> scope.spawn("sibling", () -> {
                    throw new SiblingFailure();
                }),
                SiblingFailure.class);

        private final End end;
        private final @Nullable Class<? extends Throwable> thrown;

        Cancel(End end, @Nullable Class<? extends Throwable> thrown) {
            this.end = end;
            this.thrown = thrown;
        }
    }
}
