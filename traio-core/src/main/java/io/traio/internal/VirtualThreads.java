// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

import java.lang.reflect.Method;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** Virtual threads, if the JDK has them (21 and later). Found by reflection, once: this code is compiled for 17. */
public final class VirtualThreads {

    private static final @Nullable ThreadFactory FACTORY = find();

    private VirtualThreads() {}

    /**
     * Whether the JDK has virtual threads.
     *
     * @return whether {@link #factory()} may be called
     */
    public static boolean areAvailable() {
        return FACTORY != null;
    }

    /**
     * Makes virtual threads without a name, not started.
     *
     * @return the one factory
     * @throws IllegalStateException if the JDK has none
     */
    public static ThreadFactory factory() {
        if (FACTORY == null) {
            throw new IllegalStateException("This JDK has no virtual threads: they need 21 or later");
        }
        return FACTORY;
    }

    private static @Nullable ThreadFactory find() {
        if (Runtime.version().feature() < 21) {
            return null;
        }
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Method factory = Class.forName("java.lang.Thread$Builder").getMethod("factory");
            return (ThreadFactory) factory.invoke(builder);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Virtual threads could not be found on JDK " + Runtime.version(), e);
        }
    }
}
