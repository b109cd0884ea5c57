// SPDX-License-Identifier: Apache-2.0
package io.traio.test.junit;

import io.traio.ScopeFactory;
import java.lang.reflect.Field;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstances;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** Finds the factories of a test. */
final class Factories {

    private static final boolean SPRING_IS_THERE =
            isThere("org.springframework.test.context.junit.jupiter.SpringExtension");

    private Factories() {}

    /** Those in the fields of the test's instances. */
    static Set<ScopeFactory> inFields(ExtensionContext context) {
        Set<ScopeFactory> factories = new LinkedHashSet<>();
        List<Object> instances =
                context.getTestInstances().map(TestInstances::getAllInstances).orElse(List.of());
        for (Object instance : instances) {
            for (Field field : ReflectionSupport.findFields(
                    instance.getClass(),
                    field -> ScopeFactory.class.isAssignableFrom(field.getType()),
                    HierarchyTraversalMode.TOP_DOWN)) {
                if (ReflectionSupport.tryToReadFieldValue(field, instance)
                                .toOptional()
                                .orElse(null)
                        instanceof ScopeFactory factory) {
                    factories.add(factory);
                }
            }
        }
        return factories;
    }

    /** The beans of the test's application context; none if it has no context. */
    static Collection<ScopeFactory> inApplicationContext(ExtensionContext context) {
        return SPRING_IS_THERE ? SpringFactories.of(context) : List.of();
    }

    private static boolean isThere(String name) {
        try {
            Class.forName(name, /* initialize= */ false, Factories.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }
}
