// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation.autoconfigure;

import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.traio.spring.boot.observation.ScopeObservations;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationHandlerGroup;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationRegistryCustomizer;
import org.springframework.util.ClassUtils;

/**
 * Finds out whether a handler is interested in observations of scopes. None is if the registry is that of Spring Boot and
 * all handlers make meters, of which scopes have their own. Then it would be in vain to observe scopes and to propagate
 * their observations to tasks.
 */
final class ObservationInterest {

    private static final boolean METERS =
            isPresent("io.micrometer.core.instrument.observation.MeterObservationHandler");
    private static final boolean BOOT =
            isPresent("org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration");

    private final ConfigurableListableBeanFactory beans;

    private ObservationInterest(ConfigurableListableBeanFactory beans) {
        this.beans = beans;
    }

    static boolean existsIn(ConfigurableListableBeanFactory beans) {
        return new ObservationInterest(beans).exists();
    }

    private boolean exists() {
        boolean onlyOurs = areMadeBy(ScopeObservationAutoConfiguration.class, ScopeObservations.class);
        return !onlyOurs || !BOOT || new Boot().mayHaveMore() || !handlersMakeMeters();
    }

    private boolean handlersMakeMeters() {
        for (String name : names(ObservationHandler.class)) {
            if (!METERS || !MeterObservationHandler.class.isAssignableFrom(typeOf(name))) {
                return false;
            }
        }
        return true;
    }

    /** Returns the names in this context and its ancestors, whose handlers are in the registry too. */
    private String[] names(Class<?> type) {
        return BeanFactoryUtils.beanNamesForTypeIncludingAncestors(
                beans, type, /* includeNonSingletons= */ true, /* allowEagerInit= */ false);
    }

    private Class<?> typeOf(String name) {
        Class<?> type = beans.getType(name, /* allowFactoryBeanInit= */ false);
        return type != null ? type : Object.class;
    }

    /** Returns whether all beans of a type are defined by one configuration in this context. */
    private boolean areMadeBy(Class<?> configuration, Class<?> type) {
        String[] names = names(type);
        for (String name : names) {
            if (!beans.containsBeanDefinition(name)
                    || !configuration
                            .getName()
                            .equals(beans.getBeanDefinition(name).getFactoryBeanName())) {
                return false;
            }
        }
        return names.length > 0;
    }

    private static boolean isPresent(String className) {
        return ClassUtils.isPresent(className, ObservationInterest.class.getClassLoader());
    }

    /** A class of its own, since Boot's module may be missing. */
    private final class Boot {

        /** Returns whether handlers may exist that are no beans: in a custom or customized registry, or in a group. */
        boolean mayHaveMore() {
            return !areMadeBy(ObservationAutoConfiguration.class, ObservationRegistry.class)
                    || names(ObservationRegistryCustomizer.class).length > 0
                    || hasGroupsOfOthers();
        }

        private boolean hasGroupsOfOthers() {
            for (String name : names(ObservationHandlerGroup.class)) {
                Class<?> type = typeOf(name);
                if (type == ObservationHandlerGroup.class || !type.getName().startsWith("org.springframework.boot.")) {
                    return true;
                }
            }
            return false;
        }
    }
}
