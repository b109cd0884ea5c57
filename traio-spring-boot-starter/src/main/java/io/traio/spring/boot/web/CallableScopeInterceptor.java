// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import io.traio.Scope;
import io.traio.spring.boot.context.LazyScope;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.CallableProcessingInterceptor;

/**
 * Makes the scope of the request the current one of the thread that runs its {@code Callable}, or writes its stream. It
 * stays the same scope if the container meanwhile gives the request up. A thread that is in a scope, since the executor
 * makes a task of the {@code Callable} or brings the scope along, stays in that.
 */
final class CallableScopeInterceptor implements CallableProcessingInterceptor {

    private final RequestHandling handling;
    private final Map<Callable<?>, RequestScope> waiting = new ConcurrentHashMap<>();
    private final Map<Thread, Scope.Binding> bindings = new ConcurrentHashMap<>();

    CallableScopeInterceptor(RequestHandling handling) {
        this.handling = handling;
    }

    @Override
    public <T> void beforeConcurrentHandling(NativeWebRequest request, Callable<T> task) {
        waiting.put(task, handling.current());
    }

    @Override
    public <T> void preProcess(NativeWebRequest request, Callable<T> task) {
        RequestScope scope = waiting.remove(task);
        if (scope != null && LazyScope.current() == null) {
            bindings.put(Thread.currentThread(), scope.bind());
        }
    }

    /** What this throws becomes the result of the task, unless that has failed. */
    @Override
    public <T> void postProcess(NativeWebRequest request, Callable<T> task, @Nullable Object result) {
        Scope.Binding binding = bindings.remove(Thread.currentThread());
        if (binding != null) {
            binding.close();
        }
    }
}
