// SPDX-License-Identifier: Apache-2.0
package io.traio.test.junit;

import io.traio.ScopeFactory;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/** Finds the factories of an application context. Loaded only where Spring's test framework is there. */
final class SpringFactories {

    private SpringFactories() {}

    static Collection<ScopeFactory> of(ExtensionContext context) {
        if (!isSpringTest(context.getRequiredTestClass())) {
            return List.of();
        }
        return SpringExtension.getApplicationContext(context)
                .getBeansOfType(ScopeFactory.class, /* includeNonSingletons= */ false, /* allowEagerInit= */ false)
                .values();
    }

    private static boolean isSpringTest(Class<?> test) {
        for (Class<?> type = test; type != null; type = type.getEnclosingClass()) {
            if (AnnotationSupport.findRepeatableAnnotations(type, ExtendWith.class).stream()
                    .flatMap(extendWith -> List.of(extendWith.value()).stream())
                    .anyMatch(SpringExtension.class::isAssignableFrom)) {
                return true;
            }
        }
        return false;
    }
}
