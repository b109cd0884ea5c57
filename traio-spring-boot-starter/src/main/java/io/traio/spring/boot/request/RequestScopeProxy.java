// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.Scope;
import io.traio.spring.boot.internal.RequestScopes;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * The {@code Scope} that is injected: passes each call to the scope of the request that this thread works for. That is the
 * request scope at or above the current scope, or that of the request which Spring has bound to this thread.
 */
public final class RequestScopeProxy implements InvocationHandler {

    private final boolean servlets;
    private final String advice;

    private RequestScopeProxy(boolean servlets, String advice) {
        this.servlets = servlets;
        this.advice = advice;
    }

    /**
     * Creates a proxy for servlet applications.
     *
     * @return a scope that stands for that of the current request
     */
    public static Scope ofServlets() {
        return create(true, "");
    }

    /**
     * Creates a proxy for WebFlux applications.
     *
     * @return a scope that stands for that of the current request
     */
    public static Scope ofReactor() {
        return create(
                false,
                ". In WebFlux, threads are in the scope of their request if spring.reactor.context-propagation=auto is"
                        + " set; otherwise take it from ReactorScopes.current()");
    }

    private static Scope create(boolean servlets, String advice) {
        return (Scope) Proxy.newProxyInstance(
                Scope.class.getClassLoader(), new Class<?>[] {Scope.class}, new RequestScopeProxy(servlets, advice));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" -> arguments != null && proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "the scope of the current request";
            };
        }
        try {
            return method.invoke(find(), arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() != null ? e.getCause() : e;
        }
    }

    private Scope find() {
        for (Scope scope = Scope.current().orElse(null);
                scope != null;
                scope = scope.parent().orElse(null)) {
            if (RequestScopes.contains(scope)) {
                return scope;
            }
        }
        Scope ofRequest = servlets ? OfServletThread.find() : null;
        if (ofRequest != null) {
            return ofRequest;
        }
        throw new IllegalStateException("No request scope on " + Thread.currentThread()
                + ": the thread works for no request, or the request is over. Work that a handler passes to another"
                + " thread finds the scope if it is a task of that scope" + advice);
    }

    /** A class of its own, since a WebFlux application has no servlets. */
    private static final class OfServletThread {

        static @Nullable Scope find() {
            if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes) {
                RequestHandling handling = RequestHandling.of(attributes.getRequest());
                return handling != null ? handling.current().get() : null;
            }
            return null;
        }
    }
}
