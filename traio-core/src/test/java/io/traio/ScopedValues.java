// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.ContextPropagator;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** A real {@code ScopedValue} of the JDK, 25 and later, by reflection: the tests are compiled for 17. */
final class ScopedValues {

    private final Object key;
    private final Class<?> type;
    private final MethodHandle where;
    private final MethodHandle orElse;
    private final MethodHandle runOp;

    private ScopedValues() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        type = Class.forName("java.lang.ScopedValue");
        Class<?> carrier = Class.forName("java.lang.ScopedValue$Carrier");
        MethodHandle create = lookup.findStatic(type, "newInstance", MethodType.methodType(type));
        where = lookup.findStatic(type, "where", MethodType.methodType(carrier, type, Object.class));
        orElse = lookup.findVirtual(type, "orElse", MethodType.methodType(Object.class, Object.class));
        runOp = lookup.findVirtual(carrier, "run", MethodType.methodType(void.class, Runnable.class));
        try {
            key = create.invoke();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static boolean areAvailable() {
        return Runtime.version().feature() >= 25;
    }

    /** A new key. */
    static ScopedValues create() {
        try {
            return new ScopedValues();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    String get() {
        try {
            return (String) (Object) orElse.invoke(key, (Object) "unbound");
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Calls with the value bound. */
    @Nullable
    Object call(String value, Callable<?> work) throws Exception {
        Object[] result = new Object[1];
        Exception[] thrown = new Exception[1];
        Runnable run = () -> {
            try {
                result[0] = work.call();
            } catch (Exception e) {
                thrown[0] = e;
            }
        };
        try {
            Object carrier = where.invoke(key, (Object) value);
            runOp.invoke(carrier, run);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        if (thrown[0] != null) {
            throw thrown[0];
        }
        return result[0];
    }

    /** Carries the value to tasks. */
    ContextPropagator propagator() {
        return () -> {
            String captured = get();
            return captured.equals("unbound") ? null : (ContextPropagator.Around) task -> call(captured, task);
        };
    }
}
