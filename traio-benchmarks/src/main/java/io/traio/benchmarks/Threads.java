// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The cheapest threads of the JDK: virtual threads from 21 on, pooled platform threads before. */
final class Threads {

    static final boolean VIRTUAL = Runtime.version().feature() >= 21;

    /** Constants, so that calls through them compile to direct calls. */
    private static final @Nullable MethodHandle START_VIRTUAL_THREAD =
            find(Thread.class, "startVirtualThread", MethodType.methodType(Thread.class, Runnable.class));

    private static final @Nullable MethodHandle NEW_EXECUTOR =
            find(Executors.class, "newVirtualThreadPerTaskExecutor", MethodType.methodType(ExecutorService.class));

    private static final ExecutorService POOL = VIRTUAL ? newExecutor() : daemonPool();

    private Threads() {}

    private static @Nullable MethodHandle find(Class<?> owner, String name, MethodType type) {
        try {
            return VIRTUAL ? MethodHandles.publicLookup().findStatic(owner, name, type) : null;
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static ExecutorService daemonPool() {
        return Executors.newCachedThreadPool(runnable -> {
            Thread thread = new Thread(runnable, "pool");
            thread.setDaemon(true);
            return thread;
        });
    }

    static void start(Runnable runnable) {
        if (START_VIRTUAL_THREAD == null) {
            POOL.execute(runnable);
            return;
        }
        try {
            Thread started = (Thread) START_VIRTUAL_THREAD.invokeExact(runnable);
            assert started != null;
        } catch (Throwable e) {
            throw sneaky(e);
        }
    }

    /** Returns a new executor with a thread per task, which the caller shuts down. */
    static ExecutorService newExecutor() {
        if (NEW_EXECUTOR == null) {
            return Executors.newCachedThreadPool();
        }
        try {
            return (ExecutorService) NEW_EXECUTOR.invokeExact();
        } catch (Throwable e) {
            throw sneaky(e);
        }
    }

    /** Returns the executor shared by the whole process. */
    static ExecutorService sharedExecutor() {
        return POOL;
    }

    /** Calls the task where no checked exception is allowed, and throws its exceptions unchanged. */
    static Object call(Callable<?> task) {
        try {
            return task.call();
        } catch (Throwable e) {
            throw sneaky(e);
        }
    }

    /** Throws the given exception, checked or unchecked. */
    @SuppressWarnings("unchecked")
    static <E extends Throwable> RuntimeException sneaky(Throwable e) throws E {
        throw (E) e;
    }
}
