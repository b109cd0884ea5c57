// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.context;

import io.micrometer.context.ThreadLocalAccessor;
import io.traio.Scope;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets the {@linkplain Scope#current() current scope} travel with Micrometer context-propagation: with Reactor, and with
 * executors whose tasks are decorated. There it is bound as by {@link Scope#bind()}: the scope does not wait for that
 * work, but tasks and scopes that it opens belong to the scope.
 *
 * <p>The scope of a request is not opened by that, but when somebody uses it on either side. The work then is bound as by
 * {@link Scope#bindLazily}.
 *
 * <p>A scope cannot be cleared, only replaced by another: what runs inside of a body, a task or a binding is inside.
 *
 * <p>Safe for use by several threads.
 */
public final class ScopeThreadLocalAccessor implements ThreadLocalAccessor<Scope> {

    /** The key of this accessor. */
    public static final String KEY = "io.traio.Scope";

    /** What this thread has set and not restored; empty for what was to be cleared. */
    private final ThreadLocal<@Nullable Deque<Optional<Scope.Binding>>> set = new ThreadLocal<>();

    /** Makes an accessor. */
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
