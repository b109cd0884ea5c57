// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope;

import io.traio.ScopeFactory;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMethodMatcher;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.config.EmbeddedValueResolver;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.stereotype.Component;
import org.springframework.util.StringValueResolver;

/**
 * Advises beans that have methods with {@link InScope}, inside the advice of other annotations. Works with class proxies
 * and interface proxies.
 */
public final class InScopePostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {

    private static final long serialVersionUID = 1L;
    private static final String SPRING = "org.springframework.";

    private final transient Supplier<ScopeFactory> scopes;
    private transient @Nullable InScopeInterceptor interceptor;

    /**
     * Creates a post-processor.
     *
     * @param scopes supplies the factory that opens the scopes; not called before a method is
     * @throws NullPointerException if the argument is null
     */
    public InScopePostProcessor(Supplier<ScopeFactory> scopes) {
        this.scopes = Objects.requireNonNull(scopes, "scopes");
    }

    @Override
    public void setBeanFactory(BeanFactory beanFactory) {
        super.setBeanFactory(beanFactory);
        StringValueResolver values = beanFactory instanceof ConfigurableBeanFactory configurable
                ? new EmbeddedValueResolver(configurable)
                : text -> text;
        interceptor = new InScopeInterceptor(scopes, values);
        advisor = new DefaultPointcutAdvisor(
                new ComposablePointcut(
                        new InScopeClassFilter(),
                        new AnnotationMethodMatcher(InScope.class, /* checkInherited= */ true)),
                interceptor);
    }

    /**
     * Advises a bean that has the annotation.
     *
     * @param bean the bean
     * @param beanName its name
     * @return the bean or its proxy
     * @throws IllegalStateException if an annotation of the bean is invalid
     */
    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        Class<?> type = AopUtils.getTargetClass(bean);
        if (interceptor != null && isEligible(type)) {
            interceptor.check(type);
        }
        return super.postProcessAfterInitialization(bean, beanName);
    }

    @Override
    protected boolean isEligible(Class<?> targetClass) {
        return !isSpringContainerClass(targetClass) && super.isEligible(targetClass);
    }

    /**
     * Returns whether a class is Spring's own and no component, as Spring does before it looks for event listeners. Most
     * beans are such, and to search all their methods would take long. Spring's sample applications have components.
     */
    private static boolean isSpringContainerClass(Class<?> type) {
        return type.getName().startsWith(SPRING) && !AnnotatedElementUtils.isAnnotated(type, Component.class);
    }
}
