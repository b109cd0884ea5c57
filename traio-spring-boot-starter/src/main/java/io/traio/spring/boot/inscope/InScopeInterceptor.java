// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope;

import io.traio.ScopeFactory;
import io.traio.ScopeFailedException;
import java.lang.reflect.Method;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodClassKey;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.StringValueResolver;

/** Runs methods with {@link InScope} in scopes. Reads each annotation once. */
final class InScopeInterceptor implements MethodInterceptor {

    private final Supplier<ScopeFactory> scopes;
    private final StringValueResolver values;
    private final Map<MethodClassKey, InScopeAttributes> specs = new ConcurrentHashMap<>();

    InScopeInterceptor(Supplier<ScopeFactory> scopes, StringValueResolver values) {
        this.scopes = scopes;
        this.values = values;
    }

    /** Reads all annotations of a class, so that an invalid one fails before the first call. */
    void check(Class<?> type) {
        MethodIntrospector.selectMethods(type, InScopeInterceptor::isAnnotated).forEach(method -> spec(method, type));
    }

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        Object target = invocation.getThis();
        Class<?> type = target != null
                ? AopUtils.getTargetClass(target)
                : invocation.getMethod().getDeclaringClass();
        Method method = AopUtils.getMostSpecificMethod(invocation.getMethod(), type);
        InScopeAttributes spec = spec(method, type);
        try {
            if (method.getReturnType() == void.class) {
                scopes.get().run(spec.name(), spec::applyTo, scope -> proceed(invocation));
                return null;
            }
            return scopes.get().<@Nullable Object>call(spec.name(), spec::applyTo, scope -> proceed(invocation));
        } catch (ScopeFailedException e) {
            throw declared(e, method);
        }
    }

    private static boolean isAnnotated(Method method) {
        return annotation(method).isPresent();
    }

    private static MergedAnnotation<InScope> annotation(Method method) {
        return MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY).get(InScope.class);
    }

    private InScopeAttributes spec(Method method, Class<?> type) {
        return specs.computeIfAbsent(
                new MethodClassKey(method, type),
                key -> InScopeAttributes.of(annotation(method), method, type, values));
    }

    private static @Nullable Object proceed(MethodInvocation invocation) throws Exception {
        try {
            return invocation.proceed();
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new UndeclaredThrowableException(e);
        }
    }

    /** Returns the checked exception itself if the method declares it, else its wrapper. */
    private static Throwable declared(ScopeFailedException failure, Method method) {
        Throwable cause = failure.getCause();
        for (Class<?> declared : method.getExceptionTypes()) {
            if (declared.isInstance(cause)) {
                for (Throwable suppressed : failure.getSuppressed()) {
                    cause.addSuppressed(suppressed);
                }
                return cause;
            }
        }
        return failure;
    }
}
