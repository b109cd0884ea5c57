// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationRegistryCustomizer;
import org.springframework.util.ClassUtils;

/**
 * Finds whether anybody would look at the observation of a scope. Nobody does if there is the registry of Spring Boot and
 * nothing in it but what makes meters, of which scopes have their own. Then to have the observation, and to carry it into
 * each task, would be for nothing.
 */
final class ObservationInterest {

    private static final boolean METERS =
            isPresent("io.micrometer.core.instrument.observation.MeterObservationHandler");
    private static final boolean BOOT =
            isPresent("org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration");

    private ObservationInterest() {}

    static boolean isIn(ConfigurableListableBeanFactory beans) {
        return !BOOT || !Boot.hasItsRegistry(beans) || hasHandlers(beans);
    }

    private static boolean hasHandlers(ConfigurableListableBeanFactory beans) {
        for (String name : names(beans, ObservationHandler.class)) {
            Class<?> type = beans.getType(name, /* allowFactoryBeanInit= */ false);
            if (type == null || !METERS || !MeterObservationHandler.class.isAssignableFrom(type)) {
                return true;
            }
        }
        return false;
    }

    private static String[] names(ConfigurableListableBeanFactory beans, Class<?> type) {
        return beans.getBeanNamesForType(type, /* includeNonSingletons= */ true, /* allowEagerInit= */ false);
    }

    private static boolean isPresent(String className) {
        return ClassUtils.isPresent(className, ObservationInterest.class.getClassLoader());
    }

    /** Apart, since Boot's module may be missing. */
    private static final class Boot {

        /** A registry of the user's, or one that is customized, may have handlers that are no beans. */
        static boolean hasItsRegistry(ConfigurableListableBeanFactory beans) {
            if (names(beans, ObservationRegistryCustomizer.class).length > 0) {
                return false;
            }
            String[] registries = names(beans, ObservationRegistry.class);
            for (String name : registries) {
                BeanDefinition definition = beans.containsBeanDefinition(name) ? beans.getBeanDefinition(name) : null;
                String maker = definition != null ? definition.getFactoryBeanName() : null;
                if (!ObservationAutoConfiguration.class.getName().equals(maker)) {
                    return false;
                }
            }
            return registries.length > 0;
        }
    }
}
