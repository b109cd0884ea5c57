// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.EngineTest.Threads;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the factories of one test, and at its end checks what they left: no live scope, no thread, nothing on a pooled
 * thread, and a life cycle that was reported to listeners as {@link io.traio.spi.ScopeListener} promises.
 */
public final class Harness {

    /** A piece of a test that runs on a thread of its own. */
    @FunctionalInterface
    public interface Piece {
        void run() throws Exception;
    }

    private static final Logger LOGGER = LoggerFactory.getLogger("io.traio.harness");
    private static final long PATIENCE_SECONDS = 20;

    private final Threads threads;
    private final int poolSize;
    private final boolean clocked;
    private final TestClock clock = new TestClock();
    private final Audit audit = new Audit();
    private final AtomicInteger threadCount = new AtomicInteger();
    private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
    private final List<ScopeFactory> factories = new ArrayList<>();
    private final Queue<Thread> started = new ConcurrentLinkedQueue<>();
    private final Queue<Thread> helpers = new ConcurrentLinkedQueue<>();
    private final List<ExecutorService> pools = new ArrayList<>();
    private final Set<Thread> before = new HashSet<>();
    private ScopeFactory scopes;

    public Harness(Threads threads, int poolSize, boolean clocked) {
        this.threads = threads;
        this.poolSize = poolSize;
        this.clocked = clocked;
    }

    public void begin() {
        before.addAll(Thread.getAllStackTraces().keySet());
    }

    public Threads threads() {
        return threads;
    }

    public TestClock clock() {
        return clock;
    }

    /** The factory of the test. */
    public synchronized ScopeFactory scopes() {
        if (scopes == null) {
            scopes = scopes(UnaryOperator.identity());
        }
        return scopes;
    }

    /** One more factory, with the threads of this run and options of its own. */
    public synchronized ScopeFactory scopes(UnaryOperator<FactoryOptions> options) {
        ScopeFactory factory = ScopeFactory.create(defaults -> {
            // A slow machine is to make no stragglers: tests of those set their own limit.
            FactoryOptions ours = defaults.withListener(audit)
                    .withLogger(LOGGER)
                    .withLeakDetection(LeakDetection.ALL)
                    .withDefaults(s -> s.withCancelTimeout(Duration.ofSeconds(30)));
            ours = clocked ? ours.withTimeSource(clock) : ours;
            return options.apply(withThreads(ours));
        });
        factories.add(factory);
        return factory;
    }

    /** A factory that nobody listens to and that logs nothing, for tests of large numbers. */
    public synchronized ScopeFactory unwatched() {
        ScopeFactory factory = ScopeFactory.create(this::withThreads);
        factories.add(factory);
        return factory;
    }

    private FactoryOptions withThreads(FactoryOptions options) {
        return switch (threads) {
            case DEFAULT -> options;
            case FACTORY -> options.withThreadFactory(this::thread);
            case POOL -> options.withExecutor(pool(poolSize));
            case ONE -> options.withExecutor(pool(1));
            case CALLER_RUNS -> options.withExecutor(callerRuns());
        };
    }

    /** A bounded executor with an unbounded queue, each of whose threads is looked at after each command. */
    public synchronized Executor pool(int size) {
        ExecutorService pool = Executors.newFixedThreadPool(size, this::plainThread);
        pools.add(pool);
        return command -> pool.execute(checked(command));
    }

    /** How many threads the executor of this run has; 0 if each task gets a thread at once. */
    int executorThreads() {
        return switch (threads) {
            case DEFAULT, FACTORY -> 0;
            case POOL -> poolSize;
            case ONE, CALLER_RUNS -> 1;
        };
    }

    /** An executor with one thread and room for one command more; the caller runs the others. */
    synchronized Executor callerRuns() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                1,
                1,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(1),
                this::plainThread,
                new ThreadPoolExecutor.CallerRunsPolicy());
        pools.add(pool);
        return pool;
    }

    /** A platform thread that is looked at when it ends. */
    public Thread thread(Runnable command) {
        return plainThread(checked(command));
    }

    private Thread plainThread(Runnable command) {
        Thread thread = new Thread(command, "task-thread-" + threadCount.incrementAndGet());
        thread.setDaemon(true);
        started.add(thread);
        return thread;
    }

    /** Runs a piece of the test on a thread of its own; what it throws fails the test. */
    public Thread helper(Piece piece) {
        Thread thread = new Thread(
                () -> {
                    try {
                        piece.run();
                    } catch (Throwable e) {
                        faults.add(e);
                    }
                },
                "helper-thread-" + threadCount.incrementAndGet());
        thread.setDaemon(true);
        helpers.add(thread);
        thread.start();
        return thread;
    }

    /**
     * Runs a piece of the test on a thread of its own, once a round, at the same time as the round's other half: the test
     * comes to the barrier before that and after it.
     */
    public CyclicBarrier eachRound(int rounds, Piece piece) {
        CyclicBarrier barrier = new CyclicBarrier(2);
        helper(() -> {
            for (int round = 0; round < rounds; round++) {
                Blocking.await(barrier);
                piece.run();
                Blocking.await(barrier);
            }
        });
        return barrier;
    }

    private Runnable checked(Runnable command) {
        return () -> {
            try {
                command.run();
            } catch (Throwable e) {
                faults.add(new AssertionError("a command threw into its thread", e));
            } finally {
                try {
                    checkThisThread();
                } catch (AssertionError e) {
                    faults.add(e);
                }
            }
        };
    }

    /** Fails if this thread has an interrupt flag or a current scope. */
    public void checkThisThread() {
        assertThat(Thread.interrupted())
                .as("interrupt flag left on " + Thread.currentThread())
                .isFalse();
        assertThat(Scope.current())
                .as("current scope left on " + Thread.currentThread())
                .isEmpty();
    }

    /** Cleans up after a test that failed, without a look at what it left. */
    public void abandon() {
        Thread.interrupted();
        helpers.forEach(Thread::interrupt);
        factories.forEach(ScopeFactory::close);
        pools.forEach(ExecutorService::shutdownNow);
    }

    /** Checks that nothing was left behind. */
    public void close() throws InterruptedException {
        Thread.interrupted();
        for (Thread helper : helpers) {
            helper.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        }
        List<AssertionError> left = new ArrayList<>();
        check(left, () -> assertThat(helpers).as("helpers that run").noneMatch(Thread::isAlive));
        for (ScopeFactory factory : factories) {
            check(
                    left,
                    () -> Blocking.until(
                            "no scope is listed", () -> factory.scopes().isEmpty() && factory.abandoned() == 0));
            factory.close();
        }
        check(left, audit::verify);
        for (ExecutorService pool : pools) {
            pool.shutdown();
            check(
                    left,
                    () -> assertThat(terminates(pool)).as("the pool terminates").isTrue());
        }
        for (Thread thread : started) {
            thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        }
        check(
                left,
                () -> Blocking.until(
                        "no thread is left: " + strangers(), () -> strangers().isEmpty()));
        check(left, () -> assertThat(faults).as("faults on other threads").isEmpty());
        AssertionError first = null;
        for (AssertionError next : left) {
            if (first == null) {
                first = next;
            } else {
                first.addSuppressed(next);
            }
        }
        if (first != null) {
            faults.forEach(first::addSuppressed);
            throw first;
        }
    }

    private Set<Thread> strangers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .filter(thread -> thread != Thread.currentThread())
                .filter(thread -> !thread.getName().startsWith("traio-"))
                .filter(thread -> !thread.getName().startsWith("junit-"))
                .filter(thread -> thread.getThreadGroup() != null
                        && !"system".equals(thread.getThreadGroup().getName()))
                .filter(thread ->
                        !"InnocuousThreadGroup".equals(thread.getThreadGroup().getName()))
                .filter(thread -> !thread.getName().startsWith("ForkJoinPool-"))
                .filter(thread -> !thread.getName().startsWith("VirtualThread-"))
                .collect(Collectors.toSet());
    }

    private static boolean terminates(ExecutorService pool) {
        try {
            return pool.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while looking after a pool", e);
        }
    }

    private static void check(List<AssertionError> left, Runnable check) {
        try {
            check.run();
        } catch (AssertionError e) {
            left.add(e);
        } catch (RuntimeException e) {
            left.add(new AssertionError(e));
        }
    }
}
