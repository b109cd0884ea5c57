// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.internal;

import io.traio.Scope;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A scope that is opened on first use, and that propagates to other threads without being opened.
 *
 * <p>Thread-safe.
 */
public final class LazyScope {

    /** Set while a thread looks up its current scope without opening it. */
    private static final ThreadLocal<Boolean> PEEKING = new ThreadLocal<>();

    private final Supplier<? extends Scope> opener;
    private final Supplier<? extends @Nullable Scope> opened;

    /**
     * Creates a lazy scope.
     *
     * @param opener returns the scope, always the same, and opens it first if it is not open
     * @param opened returns the scope if it is open, else null
     * @throws NullPointerException if an argument is null
     */
    public LazyScope(Supplier<? extends Scope> opener, Supplier<? extends @Nullable Scope> opened) {
        this.opener = Objects.requireNonNull(opener, "opener");
        this.opened = Objects.requireNonNull(opened, "opened");
    }

    /**
     * Makes this the current scope of this thread, as {@link Scope#bindLazily} does.
     *
     * @return the binding, which this thread must close
     */
    public Scope.Binding bind() {
        return Scope.bindLazily(this::open);
    }

    private Scope open() {
        if (PEEKING.get() != null && opened.get() == null) {
            throw new NotOpened(this);
        }
        return opener.get();
    }

    /**
     * Returns the current scope of this thread. A lazy scope that is not open yet is opened when the result is used.
     *
     * @return the scope; null outside any scope
     */
    public static @Nullable Scope current() {
        PEEKING.set(true);
        try {
            return Scope.current().orElse(null);
        } catch (NotOpened e) {
            return e.scope.asScope();
        } finally {
            PEEKING.remove();
        }
    }

    /**
     * Makes a scope the current one of this thread. A lazy scope that {@link #current()} returned is not opened.
     *
     * @param scope the scope
     * @return the binding, which this thread must close
     */
    public static Scope.Binding bind(Scope scope) {
        return Proxy.isProxyClass(scope.getClass()) && Proxy.getInvocationHandler(scope) instanceof Handler handler
                ? handler.scope().bind()
                : scope.bind();
    }

    private Scope asScope() {
        return (Scope)
                Proxy.newProxyInstance(Scope.class.getClassLoader(), new Class<?>[] {Scope.class}, new Handler(this));
    }

    /** Opens the scope on the first call of a method that is not one of {@code Object}. */
    private record Handler(LazyScope scope) implements InvocationHandler {

        @Override
        public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
            if (method.getDeclaringClass() == Object.class) {
                return switch (method.getName()) {
                    case "equals" -> arguments != null && proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> "a scope that is opened on first use";
                };
            }
            try {
                return method.invoke(scope.opener.get(), arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause() != null ? e.getCause() : e;
            }
        }
    }

    /** Thrown out of {@link Scope#current()} in place of a scope that would have to be opened. */
    private static final class NotOpened extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient LazyScope scope;

        NotOpened(LazyScope scope) {
            super(null, null, /* enableSuppression= */ false, /* writableStackTrace= */ false);
            this.scope = scope;
        }
    }
}
