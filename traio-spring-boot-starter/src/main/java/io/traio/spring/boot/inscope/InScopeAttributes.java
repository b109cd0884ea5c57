// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope;

import io.traio.ScopeOptions;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;
import org.springframework.util.StringValueResolver;

/** The attributes of one {@link InScope}, resolved and checked. */
record InScopeAttributes(
        String name, @Nullable Duration timeout, @Nullable Integer maxConcurrency) {

    /**
     * Reads an annotation.
     *
     * @param values resolves placeholders
     * @throws InvalidInScopeException if the method cannot have a scope or a value is invalid
     */
    static InScopeAttributes of(
            MergedAnnotation<InScope> annotation, Method method, Class<?> type, StringValueResolver values) {
        checkMethod(method);
        String name = value("name", annotation, method, values);
        String timeout = value("timeout", annotation, method, values);
        String maxConcurrency = value("maxConcurrency", annotation, method, values);
        return new InScopeAttributes(
                name != null ? name : ClassUtils.getUserClass(type).getSimpleName() + "." + method.getName(),
                timeout != null ? timeout(timeout, method) : null,
                maxConcurrency != null ? maxConcurrency(maxConcurrency, method) : null);
    }

    ScopeOptions applyTo(ScopeOptions options) {
        ScopeOptions result = timeout != null ? options.withTimeout(timeout) : options;
        return maxConcurrency != null ? result.withMaxConcurrency(maxConcurrency) : result;
    }

    private static void checkMethod(Method method) {
        if (Modifier.isPrivate(method.getModifiers())
                || Modifier.isStatic(method.getModifiers())
                || Modifier.isFinal(method.getModifiers())) {
            throw bad(method, "a call of a private, static or final method does not go through the bean's proxy", null);
        }
        Class<?> returned = method.getReturnType();
        if (ReactiveAdapterRegistry.getSharedInstance().getAdapter(returned) != null
                && !CompletionStage.class.isAssignableFrom(returned)) {
            throw bad(
                    method,
                    "its result, a " + returned.getName() + ", is used after the end of the scope."
                            + " Return a plain value, or open the scope around a Mono with ReactorScopes.scoped",
                    null);
        }
    }

    private static @Nullable String value(
            String attribute, MergedAnnotation<InScope> annotation, Method method, StringValueResolver values) {
        String text = annotation.getString(attribute);
        String resolved;
        try {
            resolved = values.resolveStringValue(text);
        } catch (RuntimeException e) {
            throw bad(method, attribute + " = \"" + text + "\" cannot be resolved: " + e.getMessage(), e);
        }
        if (resolved != null && resolved.contains("${")) {
            throw bad(method, attribute + " = \"" + text + "\" cannot be resolved", null);
        }
        return StringUtils.hasText(resolved) ? resolved.trim() : null;
    }

    private static Duration timeout(String text, Method method) {
        Duration timeout;
        try {
            timeout = DurationStyle.detectAndParse(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw bad(method, "timeout is not a duration such as 800ms or PT2S: \"" + text + "\"", e);
        }
        if (timeout.isZero() || timeout.isNegative()) {
            throw bad(method, "timeout must be longer than zero, but is \"" + text + "\"", null);
        }
        return timeout;
    }

    private static int maxConcurrency(String text, Method method) {
        int number;
        try {
            number = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw bad(method, "maxConcurrency is not a number: \"" + text + "\"", e);
        }
        if (number < 0) {
            throw bad(method, "maxConcurrency must be 0 (no limit) or more, but is " + number, null);
        }
        return number;
    }

    private static InvalidInScopeException bad(Method method, String reason, @Nullable Throwable cause) {
        return new InvalidInScopeException("@InScope on " + method + ": " + reason, cause);
    }
}
