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

    /** The key under which the current scope travels with Micrometer context-propagation, and so in Reactor's context. */
    public static final String KEY = "io.traio.Scope";

    private static final ThreadLocal<@Nullable Bound> INNERMOST = new ThreadLocal<>();

    private final Supplier<? extends Scope> opener;
    private final Supplier<? extends @Nullable Scope> opened;
    private @Nullable Scope standIn;

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
        Bound bound = new Bound(this, Scope.peek().orElse(null), INNERMOST.get());
        Scope.Binding binding = Scope.bindLazily(opener);
        INNERMOST.set(bound);
        return () -> {
            try {
                binding.close();
            } finally {
                bound.leave();
            }
        };
    }

    /**
     * Returns the current scope of this thread. A lazy scope that is not open yet is opened when the result is used.
     *
     * @return the scope; null outside any scope
     */
    public static @Nullable Scope current() {
        Bound bound = INNERMOST.get();
        Scope open = Scope.peek().orElse(null);
        // Any other scope was opened or bound on this thread later, and is further in.
        return bound != null && open == bound.around ? bound.scope.openOrLazy() : open;
    }

    /**
     * Makes a scope the current one of this thread. A lazy scope that {@link #current()} returned is not opened.
     *
     * @param scope the scope
     * @return the binding, which this thread must close
     */
    public static Scope.Binding bind(Scope scope) {
        LazyScope lazy = behind(scope);
        return lazy != null ? lazy.bind() : scope.bind();
    }

    /**
     * Opens a scope that stands for a lazy one.
     *
     * @param scope any scope
     * @return the scope itself, opened if it was not
     */
    public static Scope open(Scope scope) {
        LazyScope lazy = behind(scope);
        return lazy != null ? lazy.opener.get() : scope;
    }

    /**
     * Returns a scope that stands for this one. A call of one of its methods opens this scope; passing it on does not.
     *
     * @return the scope
     */
    public Scope standIn() {
        Scope known = standIn;
        if (known == null) {
            // Threads that race here make one each, and any of them will do.
            known = (Scope) Proxy.newProxyInstance(
                    Scope.class.getClassLoader(), new Class<?>[] {Scope.class}, new Handler(this));
            standIn = known;
        }
        return known;
    }

    private Scope openOrLazy() {
        Scope open = opened.get();
        return open != null ? open : standIn();
    }

    private static @Nullable LazyScope behind(Scope scope) {
        return Proxy.isProxyClass(scope.getClass()) && Proxy.getInvocationHandler(scope) instanceof Handler handler
                ? handler.scope()
                : null;
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

    /** A binding of this thread, with what was current before it. */
    private static final class Bound {

        private final LazyScope scope;
        private final @Nullable Scope around;
        private final @Nullable Bound enclosing;
        private boolean closed;

        Bound(LazyScope scope, @Nullable Scope around, @Nullable Bound enclosing) {
            this.scope = scope;
            this.around = around;
            this.enclosing = enclosing;
        }

        /** Bindings may be closed in any order, each by its thread; another thread only gets an exception. */
        void leave() {
            Bound innermost = INNERMOST.get();
            for (Bound bound = innermost; bound != null; bound = bound.enclosing) {
                bound.closed |= bound == this;
            }
            Bound next = innermost;
            while (next != null && next.closed) {
                next = next.enclosing;
            }
            if (next != innermost) {
                // Not removed if null: that would make a fresh entry of each request of the thread.
                INNERMOST.set(next);
            }
        }
    }
}
