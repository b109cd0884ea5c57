// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task;

import io.traio.Scope;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** What a task of {@link ScopeTaskExecutor} does. Knows whether it was started, and which one this thread is in. */
final class ScopeWork<T extends @Nullable Object> implements Callable<T> {

    private static final ThreadLocal<@Nullable ScopeWork<?>> CURRENT = new ThreadLocal<>();

    private final Scope scope;
    private final Callable<T> work;
    private volatile boolean started;

    ScopeWork(Scope scope, Callable<T> work) {
        this.scope = scope;
        this.work = work;
    }

    /** The work that this thread does now; null if it does none. */
    static @Nullable ScopeWork<?> current() {
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
        ScopeWork<?> enclosing = CURRENT.get();
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
