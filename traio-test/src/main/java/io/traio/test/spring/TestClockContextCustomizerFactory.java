// SPDX-License-Identifier: Apache-2.0
package io.traio.test.spring;

import io.traio.test.TestClock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.MergedContextConfiguration;
import org.springframework.test.context.TestContextAnnotationUtils;

/** Adds the bean of {@link WithTestClock}. Found through {@code spring.factories}. */
final class TestClockContextCustomizerFactory implements ContextCustomizerFactory {

    private static final String BEAN = "traioTestClock";

    TestClockContextCustomizerFactory() {}

    @Override
    public @Nullable ContextCustomizer createContextCustomizer(
            Class<?> testClass, List<ContextConfigurationAttributes> attributes) {
        return TestContextAnnotationUtils.hasAnnotation(testClass, WithTestClock.class) ? new Customizer() : null;
    }

    /** Equal to each other: tests with the annotation share an application context. */
    private record Customizer() implements ContextCustomizer {

        @Override
        public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration merged) {
            if (!(context.getBeanFactory() instanceof BeanDefinitionRegistry registry)) {
                throw new IllegalStateException(
                        "@WithTestClock cannot add a bean to " + context + ": declare a TestClock bean instead");
            }
            RootBeanDefinition clock = new RootBeanDefinition(TestClock.class);
            clock.setPrimary(true);
            registry.registerBeanDefinition(BEAN, clock);
        }
    }
}
