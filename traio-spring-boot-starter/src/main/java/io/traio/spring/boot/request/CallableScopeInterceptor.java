// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.Scope;
import io.traio.spring.boot.internal.HandlerScope;
import io.traio.spring.boot.internal.LazyScope;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.CallableProcessingInterceptor;

/**
 * Makes the scope of a request the current one of the thread that runs its {@code Callable} or writes its stream, even if
 * the container gives the request up meanwhile. A thread that is in a scope already stays in it: its executor runs the
 * {@code Callable} as a task, or propagates the scope.
 */
final class CallableScopeInterceptor implements CallableProcessingInterceptor {

    private final RequestHandling handling;
    /** Null until a {@code Callable} comes, which few requests have. */
    private volatile @Nullable Running running;

    CallableScopeInterceptor(RequestHandling handling) {
        this.handling = handling;
    }

    @Override
    public <T> void beforeConcurrentHandling(NativeWebRequest request, Callable<T> task) {
        Running known = running;
        if (known == null) {
            // Dispatches of a request follow each other: no other thread makes one.
            known = new Running();
            running = known;
        }
        known.waiting().put(task, handling.current());
    }

    @Override
    public <T> void preProcess(NativeWebRequest request, Callable<T> task) {
        Running known = running;
        if (known == null) {
            return;
        }
        HandlerScope scope = known.waiting().remove(task);
        if (scope != null && LazyScope.current() == null) {
            known.bindings().put(Thread.currentThread(), scope.bind());
        }
    }

    /** An exception of this method becomes the result of the task, unless the task has failed. */
    @Override
    public <T> void postProcess(NativeWebRequest request, Callable<T> task, @Nullable Object result) {
        Running known = running;
        Scope.Binding binding = known != null ? known.bindings().remove(Thread.currentThread()) : null;
        if (binding != null) {
            binding.close();
        }
    }

    /** The scopes of the tasks that have not begun, and the bindings of the threads that run one. */
    private record Running(Map<Callable<?>, HandlerScope> waiting, Map<Thread, Scope.Binding> bindings) {

        Running() {
            this(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        }
    }
}
