// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.internal.Names;
import io.traio.internal.ProcessThreads;
import io.traio.internal.VirtualThreads;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Finds a thread for a runnable. */
@FunctionalInterface
interface Launcher {

    /**
     * Has the runnable run on another thread.
     *
     * @param name for the thread, if it is a new one
     */
    void launch(Runnable runnable, @Nullable String name);

    /** A thread per task where the JDK has virtual threads, else pooled platform threads. */
    static Launcher ofThreads() {
        return VirtualThreads.areAvailable()
                ? ofVirtualThreads(preparing(VirtualThreads.factory()))
                : ofExecutor(DefaultPool::execute);
    }

    /** Has something of the engine's run on a thread that is not an executor's. */
    static void lend(Runnable work) {
        DefaultThreads.INSTANCE.launch(work, null);
    }

    /** A factory that lets a virtual thread know the task for which it is made. */
    static ThreadFactory preparing(ThreadFactory virtual) {
        return runnable -> {
            Thread thread = virtual.newThread(runnable);
            if (runnable instanceof TaskNode<?> task) {
                CurrentFrame.prepare(thread, task);
            }
            return thread;
        };
    }

    /** Threads of a factory of the user's, who names them. */
    static Launcher ofFactory(ThreadFactory factory) {
        return (runnable, name) -> {
            Thread thread = factory.newThread(runnable);
            if (thread == null) {
                throw new RejectedExecutionException("The thread factory returned no thread: " + factory);
            }
            thread.start();
        };
    }

    private static Launcher ofVirtualThreads(ThreadFactory factory) {
        return (runnable, name) -> {
            Thread thread = factory.newThread(runnable);
            if (name != null) {
                thread.setName(Names.printable(name));
            }
            thread.start();
        };
    }

    static Launcher ofExecutor(Executor executor) {
        return (runnable, name) -> executor.execute(runnable);
    }

    /** Made when the first thread is lent. */
    final class DefaultThreads {

        static final Launcher INSTANCE = ofThreads();

        private DefaultThreads() {}
    }

    /** Unbounded, shared by all factories of the process; its idle threads go after a minute. */
    final class DefaultPool {

        static final Executor INSTANCE =
                new ThreadPoolExecutor(0, Integer.MAX_VALUE, 60, TimeUnit.SECONDS, new SynchronousQueue<>(), threads());

        private DefaultPool() {}

        private static ThreadFactory threads() {
            AtomicLong count = new AtomicLong();
            return runnable -> {
                return ProcessThreads.create(runnable, "traio-" + count.incrementAndGet());
            };
        }

        /** Runs on a pooled thread, with the context class loader of this one, as a virtual thread has it. */
        static void execute(Runnable runnable) {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            INSTANCE.execute(() -> {
                Thread thread = Thread.currentThread();
                thread.setContextClassLoader(loader);
                try {
                    runnable.run();
                } finally {
                    thread.setContextClassLoader(ProcessThreads.LOADER);
                }
            });
        }
    }
}
