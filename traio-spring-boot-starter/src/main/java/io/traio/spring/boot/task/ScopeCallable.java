// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task;

import io.traio.Scope;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The work of a task of {@link ScopeTaskExecutor}. Records whether it has started, and which work this thread does. */
final class ScopeCallable<T extends @Nullable Object> implements Callable<T> {

    private static final ThreadLocal<@Nullable ScopeCallable<?>> CURRENT = new ThreadLocal<>();

    private final Scope scope;
    private final Callable<T> work;
    private volatile boolean started;

    ScopeCallable(Scope scope, Callable<T> work) {
        this.scope = scope;
        this.work = work;
    }

    /** Returns the work that this thread does now; null if it does none. */
    static @Nullable ScopeCallable<?> current() {
        return CURRENT.get();
    }

    Scope scope() {
        return scope;
    }

    boolean wasStarted() {
        return started;
    }

    @Override
    public T call() throws Exception {
        started = true;
        ScopeCallable<?> enclosing = CURRENT.get();
        CURRENT.set(this);
        try {
            return work.call();
        } finally {
            if (enclosing != null) {
                CURRENT.set(enclosing);
            } else {
                CURRENT.remove();
            }
        }
    }
}
