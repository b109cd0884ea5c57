// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Virtual threads, if the JDK has them (21 and later). They inherit the context class loader and no thread locals. Found by
 * reflection: this code is compiled for 17.
 */
public final class VirtualThreads {

    private static final ClassLoader SYSTEM_LOADER = ClassLoader.getSystemClassLoader();
    private static final @Nullable ThreadFactory FACTORY = areAvailable() ? factory(null) : null;

    private static final @Nullable MethodHandle IS_VIRTUAL = isVirtual();

    private VirtualThreads() {}

    private static @Nullable MethodHandle isVirtual() {
        try {
            return areAvailable()
                    ? MethodHandles.lookup()
                            .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class))
                    : null;
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    /**
     * Returns whether a thread is a virtual one.
     *
     * @param thread any thread
     * @return whether it is virtual
     */
    public static boolean isVirtual(Thread thread) {
        try {
            return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invokeExact(thread);
        } catch (Error e) {
            // The stack is full.
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("Thread.isVirtual() throws nothing", e);
        }
    }

    /**
     * Whether the JDK has virtual threads.
     *
     * @return whether a factory may be asked for
     */
    public static boolean areAvailable() {
        return Runtime.version().feature() >= 21;
    }

    /**
     * Makes virtual threads without a name, not started.
     *
     * @return the one factory
     * @throws IllegalStateException if the JDK has none
     */
    public static ThreadFactory factory() {
        return FACTORY != null ? FACTORY : factory(null);
    }

    /**
     * Makes virtual threads that are numbered, not started.
     *
     * @param namePrefix what their names start with
     * @return a new factory, which counts from 1
     * @throws IllegalStateException if the JDK has none
     */
    public static ThreadFactory numbered(String namePrefix) {
        return factory(namePrefix);
    }

    private static ThreadFactory factory(@Nullable String namePrefix) {
        if (!areAvailable()) {
            throw new IllegalStateException("This JDK has no virtual threads: they need 21 or later");
        }
        try {
            Class<?> type = Class.forName("java.lang.Thread$Builder");
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            type.getMethod("inheritInheritableThreadLocals", boolean.class).invoke(builder, false);
            if (namePrefix != null) {
                type.getMethod("name", String.class, long.class).invoke(builder, namePrefix, 1L);
            }
            ThreadFactory factory = (ThreadFactory) type.getMethod("factory").invoke(builder);
            return runnable -> withContextClassLoader(factory.newThread(runnable));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Virtual threads could not be found on JDK " + Runtime.version(), e);
        }
    }

    /** What inherits no thread locals has the system's class loader, too, unless it is given this thread's. */
    private static Thread withContextClassLoader(Thread thread) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        if (loader != SYSTEM_LOADER) {
            thread.setContextClassLoader(loader);
        }
        return thread;
    }
}
