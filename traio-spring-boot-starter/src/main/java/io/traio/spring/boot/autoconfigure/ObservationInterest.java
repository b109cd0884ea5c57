// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.traio.spring.boot.observation.ScopeObservations;
import java.util.Arrays;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationHandlerGroup;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationRegistryCustomizer;
import org.springframework.util.ClassUtils;

/**
 * Finds whether anybody would look at the observation of a scope. Nobody does if there is the registry of Spring Boot and
 * all handlers make meters, of which scopes have their own. Then to have the observation, and to carry it into each task,
 * would be for nothing.
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

    static boolean isIn(ConfigurableListableBeanFactory beans) {
        return new ObservationInterest(beans).isThere();
    }

    private boolean isThere() {
        boolean onlyOurs = areMadeBy(ScopeObservationAutoConfiguration.class, ScopeObservations.class);
        return !onlyOurs || !BOOT || new Boot().mayHaveMore() || !handlersMakeMeters();
    }

    private boolean handlersMakeMeters() {
        return Arrays.stream(names(ObservationHandler.class))
                .map(this::typeOf)
                .allMatch(type -> METERS && MeterObservationHandler.class.isAssignableFrom(type));
    }

    /** Of this context and those above: handlers of all are in the registry. */
    private String[] names(Class<?> type) {
        return BeanFactoryUtils.beanNamesForTypeIncludingAncestors(
                beans, type, /* includeNonSingletons= */ true, /* allowEagerInit= */ false);
    }

    private Class<?> typeOf(String name) {
        Class<?> type = beans.getType(name, /* allowFactoryBeanInit= */ false);
        return type != null ? type : Object.class;
    }

    /** Whether all beans of a type are made by some configuration, in this context. */
    private boolean areMadeBy(Class<?> configuration, Class<?> type) {
        String[] names = names(type);
        return names.length > 0
                && Arrays.stream(names)
                        .allMatch(name -> beans.containsBeanDefinition(name)
                                && configuration
                                        .getName()
                                        .equals(beans.getBeanDefinition(name).getFactoryBeanName()));
    }

    private static boolean isPresent(String className) {
        return ClassUtils.isPresent(className, ObservationInterest.class.getClassLoader());
    }

    /** Apart, since Boot's module may be missing. */
    private final class Boot {

        /** A registry of the user's, one that is customized, or a group may have handlers that are no beans. */
        boolean mayHaveMore() {
            return !areMadeBy(ObservationAutoConfiguration.class, ObservationRegistry.class)
                    || names(ObservationRegistryCustomizer.class).length > 0
                    || Arrays.stream(names(ObservationHandlerGroup.class))
                            .map(name -> typeOf(name))
                            .anyMatch(type -> type == ObservationHandlerGroup.class
                                    || !type.getName().startsWith("org.springframework.boot."));
        }
    }
}
