// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.annotation;

import io.traio.ScopeFactory;
import java.util.Objects;
import java.util.Set;
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
import org.springframework.util.StringValueResolver;

/**
 * Makes {@link InScope} work: adds the scope to beans with such methods, inside of what other annotations add. Works with
 * class proxies and interface proxies.
 */
public final class InScopePostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {

    private static final long serialVersionUID = 1L;
    private static final String SPRING = "org.springframework.";
    /** Those that bring many beans. There are packages of users below Spring's too, such as that of its samples. */
    private static final Set<String> SPRING_PARTS = Set.of(
            "aop",
            "beans",
            "boot",
            "cache",
            "context",
            "core",
            "data",
            "format",
            "http",
            "jdbc",
            "jmx",
            "messaging",
            "orm",
            "scheduling",
            "security",
            "session",
            "transaction",
            "validation",
            "web");

    private final transient Supplier<ScopeFactory> scopes;
    private transient @Nullable InScopeInterceptor interceptor;

    /**
     * Makes a post-processor.
     *
     * @param scopes gives the factory that opens the scopes; not asked before a method is called
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
                        new InScopeCandidates(),
                        new AnnotationMethodMatcher(InScope.class, /* checkInherited= */ true)),
                interceptor);
    }

    /**
     * Adds the scope to a bean that has the annotation.
     *
     * @param bean the bean
     * @param beanName its name
     * @return the bean or its proxy
     * @throws IllegalStateException if an annotation of the bean makes no sense
     */
    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        Class<?> type = AopUtils.getTargetClass(bean);
        if (interceptor != null && isEligible(type)) {
            interceptor.check(type);
        }
        return super.postProcessAfterInitialization(bean, beanName);
    }

    /** Spring's own beans have no such methods; they are most of the beans, and to look through all their methods takes long. */
    @Override
    protected boolean isEligible(Class<?> targetClass) {
        return !isOfSpring(targetClass.getName()) && super.isEligible(targetClass);
    }

    private static boolean isOfSpring(String className) {
        int end = className.startsWith(SPRING) ? className.indexOf('.', SPRING.length()) : -1;
        return end > 0 && SPRING_PARTS.contains(className.substring(SPRING.length(), end));
    }
}
