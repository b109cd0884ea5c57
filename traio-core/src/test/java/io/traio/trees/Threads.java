// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.FactoryOptions;
import io.traio.Scope;
import io.traio.trees.Records.OfTask;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The threads of one tree. Each is looked at after each command: nothing may be left on it. */
final class Threads {

    private final Book book;
    private final Queue<Thread> made = new ConcurrentLinkedQueue<>();
    private final AtomicInteger names = new AtomicInteger();

    @Nullable
    private ThreadPoolExecutor pool;

    Threads(Book book) {
        this.book = book;
    }

    FactoryOptions applyTo(FactoryOptions options) {
        return switch (book.tree.threads()) {
            case DEFAULT -> options;
            case FACTORY -> options.withThreadFactory(command -> thread(checked(command)));
            case POOL_1 -> options.withExecutor(pool(1, new LinkedBlockingQueue<>()));
            case POOL_2 -> options.withExecutor(pool(2, new LinkedBlockingQueue<>()));
            case POOL_8 -> options.withExecutor(pool(8, new LinkedBlockingQueue<>()));
            case REFUSING -> options.withExecutor(refusing(pool(2, new LinkedBlockingQueue<>())));
            case CALLER_RUNS -> options.withExecutor(pool(1, new ArrayBlockingQueue<>(1)));
            case DIRECT -> options.withExecutor(Runnable::run);
        };
    }

    private Executor pool(int size, BlockingQueue<Runnable> queue) {
        ThreadPoolExecutor made = new ThreadPoolExecutor(size, size, 1, TimeUnit.MINUTES, queue, this::thread) {
            @Override
            protected void afterExecute(Runnable command, @Nullable Throwable thrown) {
                check(thrown);
            }
        };
        made.setRejectedExecutionHandler(new ThreadPoolExecutor.CallerRunsPolicy());
        pool = made;
        return made;
    }

    private static Executor refusing(Executor executor) {
        AtomicInteger count = new AtomicInteger();
        return command -> {
            if (count.incrementAndGet() % 3 == 0) {
                if (Watch.SPAWNING.get() instanceof OfTask task) {
                    task.refused = true;
                }
                throw new RejectedExecutionException("refused");
            }
            executor.execute(command);
        };
    }

    private Thread thread(Runnable command) {
        Thread thread = new Thread(command, "tree-" + book.tree.seed() + "-" + names.incrementAndGet());
        thread.setDaemon(true);
        made.add(thread);
        return thread;
    }

    private Runnable checked(Runnable command) {
        return () -> {
            Throwable thrown = null;
            try {
                command.run();
            } catch (Throwable e) {
                thrown = e;
            }
            check(thrown);
        };
    }

    private void check(@Nullable Throwable thrown) {
        String thread = " on " + Thread.currentThread().getName();
        book.require(thrown == null, "command-threw", thrown + thread);
        boolean own = book.wasInterruptedByItself();
        book.require(!Thread.interrupted() || own, "flag-left-on-pool-thread", "interrupt flag" + thread);
        book.require(Scope.current().isEmpty(), "current-scope-left", Scope.current() + thread);
        book.require(Book.MDC.get() == null, "thread-local-left", Book.MDC.get() + thread);
        book.require(Book.CONTEXT.get() == null, "context-left", Book.CONTEXT.get() + thread);
        book.require(Book.TOP.get() == null, "code-left", Book.TOP.get() + thread);
    }

    /** Ends the threads of the pool, once no scope lives any more. */
    void close(long patienceMillis) throws InterruptedException {
        if (pool != null) {
            pool.shutdown();
            book.require(
                    pool.awaitTermination(patienceMillis, TimeUnit.MILLISECONDS), "left-over", "the pool does not end");
        }
        for (Thread thread : made) {
            thread.join(patienceMillis);
            book.require(!thread.isAlive(), "left-over", thread + " does not end");
        }
    }

    Queue<Thread> made() {
        return made;
    }
}
