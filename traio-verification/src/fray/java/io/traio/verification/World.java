// SPDX-License-Identifier: Apache-2.0
package io.traio.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.FactoryOptions;
import io.traio.ScopeFactory;
import io.traio.ScopeOptions;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.slf4j.helpers.NOPLogger;

/** What one schedule of a scenario is about: a factory, a clock, other threads, and what must hold at the end. */
final class World implements AutoCloseable {

    /** A piece of a scenario. */
    @FunctionalInterface
    interface Piece {
        void run() throws Exception;
    }

    static final Duration SECOND = Duration.ofSeconds(1);

    final TestClock clock = new TestClock();
    final ScopeFactory scopes;
    /** How many threads are in the code of tasks. */
    final AtomicInteger inCode = new AtomicInteger();

    private final List<Thread> helpers = new ArrayList<>();
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();

    /** With a thread for each task. */
    World() {
        scopes = factory(o -> o.withThreadFactory(this::thread));
    }

    /** With an executor for all tasks. */
    World(Executor executor) {
        scopes = factory(o -> o.withExecutor(executor));
    }

    private ScopeFactory factory(UnaryOperator<FactoryOptions> threads) {
        return ScopeFactory.create(o -> threads.apply(o)
                .withLogger(NOPLogger.NOP_LOGGER)
                .withTimeSource(clock)
                .withDefaults(s -> s.withCancelTimeout(ScopeOptions.FOREVER)));
    }

    private Thread thread(Runnable command) {
        Thread thread = new Thread(() -> {
            command.run();
            if (Thread.interrupted()) {
                faults.add(new AssertionError("an interrupt was left on a thread"));
            }
        });
        threads.add(thread);
        return thread;
    }

    /** An executor with one thread, which ends when it has nothing to do. */
    static Executor oneThread() {
        return new OneThread();
    }

    /** Runs a piece on a thread of its own. */
    Thread aside(Piece piece) {
        Thread thread = new Thread(() -> {
            try {
                piece.run();
            } catch (Throwable e) {
                faults.add(e);
            }
        });
        helpers.add(thread);
        thread.start();
        return thread;
    }

    /** Waits for the threads that run pieces, and then for those of the tasks. */
    void joinAll() throws InterruptedException {
        for (Thread thread : helpers) {
            thread.join();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /**
     * The code of a task that ends by an interrupt only. (Not with a {@code CountDownLatch}: Fray 0.9.2 leaves the interrupt
     * flag set when that is interrupted.)
     */
    Object block() throws InterruptedException {
        inCode.incrementAndGet();
        try {
            new Semaphore(0).acquire();
            return true;
        } finally {
            inCode.decrementAndGet();
        }
    }

    /** All scopes have been left. */
    @Override
    public void close() throws InterruptedException {
        assertThat(inCode).as("code that outlives its scope").hasValue(0);
        assertThat(Thread.interrupted()).as("interrupted").isFalse();
        joinAll();
        assertThat(scopes.scopes()).isEmpty();
        scopes.close();
        assertThat(clock.pendingAlarms()).as("alarms").isZero();
        assertThat(faults).isEmpty();
    }

    private static final class OneThread implements Executor {

        private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
        private final AtomicInteger waiting = new AtomicInteger();

        @Override
        public void execute(Runnable command) {
            commands.add(command);
            if (waiting.getAndIncrement() == 0) {
                new Thread(this::runAll).start();
            }
        }

        private void runAll() {
            do {
                commands.remove().run();
            } while (waiting.decrementAndGet() > 0);
        }
    }
}
