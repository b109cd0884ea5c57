// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Map;
import org.springframework.aop.ClassFilter;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ConcurrentReferenceHashMap;
import org.springframework.util.ReflectionUtils;

/**
 * Excludes classes without {@link InScope}: those of which no method, inherited ones included, has it as an annotation or
 * meta-annotation. This check is cheap; to merge the annotations of all methods is not.
 */
final class InScopeClassFilter implements ClassFilter {

    private final Map<Class<? extends Annotation>, Boolean> areOrHaveOurs = new ConcurrentReferenceHashMap<>();

    @Override
    public boolean matches(Class<?> type) {
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            if (declares(c)) {
                return true;
            }
            for (Class<?> implemented : c.getInterfaces()) {
                if (matches(implemented)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean declares(Class<?> type) {
        if (type.getName().startsWith("java.")) {
            return false;
        }
        for (Method method : ReflectionUtils.getDeclaredMethods(type)) {
            for (Annotation annotation : method.getDeclaredAnnotations()) {
                if (areOrHaveOurs.computeIfAbsent(annotation.annotationType(), InScopeClassFilter::isOrHasOurs)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isOrHasOurs(Class<? extends Annotation> annotation) {
        return annotation == InScope.class || AnnotatedElementUtils.isAnnotated(annotation, InScope.class);
    }
}
