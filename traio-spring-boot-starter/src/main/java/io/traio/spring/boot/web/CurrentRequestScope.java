// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import io.traio.Scope;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * The {@code Scope} that is injected: hands each call to the scope of the request that this thread works for. That is
 * the one above the current scope, or that of the request which Spring knows of on this thread.
 */
final class CurrentRequestScope implements InvocationHandler {

    private CurrentRequestScope() {}

    static Scope proxy() {
        return (Scope) Proxy.newProxyInstance(
                Scope.class.getClassLoader(), new Class<?>[] {Scope.class}, new CurrentRequestScope());
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

    private static Scope find() {
        for (Scope scope = Scope.current().orElse(null);
                scope != null;
                scope = scope.parent().orElse(null)) {
            if (RequestScopes.isOfRequest(scope)) {
                return scope;
            }
        }
        if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes) {
            RequestHandling handling = RequestHandling.of(attributes.getRequest());
            if (handling != null) {
                return handling.current().get();
            }
        }
        throw new IllegalStateException("No scope of a request here: this thread, " + Thread.currentThread()
                + ", works for none, or that is over. Work that a handler hands to other threads finds it if it is a"
                + " task of the scope");
    }
}
