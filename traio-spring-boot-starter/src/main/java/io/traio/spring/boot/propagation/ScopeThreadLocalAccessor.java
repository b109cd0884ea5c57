// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.propagation;

import io.micrometer.context.ThreadLocalAccessor;
import io.traio.Scope;
import io.traio.spring.boot.internal.LazyScope;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Propagates the {@linkplain Scope#current() current scope} with Micrometer context-propagation: with Reactor, and with
 * executors whose tasks are decorated. The scope is bound as by {@link Scope#bind()}: it does not wait for that work, but
 * tasks and scopes that the work opens belong to it.
 *
 * <p>Propagation does not open the scope of a request; the first use on either thread does. It is bound as by
 * {@link Scope#bindLazily}.
 *
 * <p>A scope cannot be cleared, only replaced by another: code that runs in a body, a task or a binding stays in it.
 *
 * <p>Thread-safe.
 */
public final class ScopeThreadLocalAccessor implements ThreadLocalAccessor<Scope> {

    /** The key of this accessor. */
    public static final String KEY = LazyScope.KEY;

    /** The bindings that this thread has set and not restored; empty in place of one to be cleared. */
    private final ThreadLocal<@Nullable Deque<Optional<Scope.Binding>>> set = new ThreadLocal<>();

    /** Creates an accessor. */
    public ScopeThreadLocalAccessor() {}

    @Override
    public Object key() {
        return KEY;
    }

    @Override
    public @Nullable Scope getValue() {
        return LazyScope.current();
    }

    @Override
    public void setValue(Scope scope) {
        push(Optional.of(LazyScope.bind(scope)));
    }

    @Override
    public void setValue() {
        push(Optional.empty());
    }

    @Override
    public void restore(Scope previous) {
        restore();
    }

    @Override
    public void restore() {
        Deque<Optional<Scope.Binding>> stack = set.get();
        if (stack != null) {
            Optional<Scope.Binding> binding = stack.pop();
            if (stack.isEmpty()) {
                set.remove();
            }
            binding.ifPresent(Scope.Binding::close);
        }
    }

    private void push(Optional<Scope.Binding> binding) {
        Deque<Optional<Scope.Binding>> stack = set.get();
        if (stack == null) {
            stack = new ArrayDeque<>();
            set.set(stack);
        }
        stack.push(binding);
    }
}
