// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.annotation;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import org.springframework.aop.ClassFilter;
import org.springframework.util.ReflectionUtils;

/**
 * Passes over the classes that cannot have {@link InScope}: those whose methods, inherited ones too, have no annotations
 * but Java's and Spring's. That is most classes, and to see it is cheap; to merge the annotations of all their methods
 * takes long.
 */
final class InScopeCandidates implements ClassFilter {

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

    private static boolean declares(Class<?> type) {
        if (type.getName().startsWith("java.")) {
            return false;
        }
        for (Method method : ReflectionUtils.getDeclaredMethods(type)) {
            for (Annotation annotation : method.getDeclaredAnnotations()) {
                if (mayBeOrHaveOurs(annotation.annotationType().getName())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean mayBeOrHaveOurs(String annotation) {
        return !annotation.startsWith("java.") && !annotation.startsWith("org.springframework.");
    }
}
