// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task.autoconfigure;

import io.traio.FactoryOptions;
import io.traio.spring.boot.factory.ScopeFactoryCustomizer;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/** Has the scopes of the factory run on the executor bean that {@code traio.executor} names. */
final class ScopeExecutorCustomizer implements ScopeFactoryCustomizer, SmartInitializingSingleton {

    private static final String PROPERTY = "traio.executor";

    private final ListableBeanFactory beans;
    private final String name;
    private final boolean required;

    ScopeExecutorCustomizer(ListableBeanFactory beans, TraioProperties properties) {
        this.beans = beans;
        this.name = properties.getExecutor();
        this.required = properties.getTaskExecutor().isEnabled()
                || !properties.getExecutor().equals(TraioTaskExecutorAutoConfiguration.BEAN_NAME);
    }

    /** Checks the name even if the application has its own factory, which does not call this customizer. */
    @Override
    public void afterSingletonsInstantiated() {
        isPresent();
    }

    private boolean isPresent() {
        boolean present = beans.containsBean(name);
        if (!present && required) {
            throw invalid("There is no bean of this name. Beans that are executors: " + candidates() + ".");
        }
        return present;
    }

    @Override
    public FactoryOptions customize(FactoryOptions options) {
        Executor executor = executor();
        return executor == null ? options : options.withExecutor(executor).withCompensation(!startsAtOnce(executor));
    }

    /** Returns the executor, or null if there is none and none is required. */
    @Nullable
    Executor executor() {
        if (!isPresent()) {
            return null;
        }
        if (name.equals(ScopeTaskExecutorAutoConfiguration.BEAN_NAME)) {
            throw invalid("This bean spawns tasks into scopes, so it cannot run the tasks of scopes.");
        }
        Object bean = beans.getBean(name);
        if (isLimited(bean)) {
            throw invalid(
                    "This executor has a concurrency limit. It blocks the spawning thread when the limit is reached,"
                            + " so that nested scopes could deadlock. Use a ThreadPoolTaskExecutor, or remove the limit"
                            + " and set the maxConcurrency of a scope.");
        }
        if (bean instanceof Executor executor) {
            return executor;
        }
        throw invalid("The bean of this name is not a java.util.concurrent.Executor but a "
                + bean.getClass().getName() + ". Beans that are executors: " + candidates() + ".");
    }

    private InvalidConfigurationPropertyValueException invalid(String reason) {
        return new InvalidConfigurationPropertyValueException(PROPERTY, name, reason);
    }

    /** Returns the names of executors that would do. Creates only those that may have a limit. */
    private List<String> candidates() {
        return Stream.of(beans.getBeanNamesForType(
                        Executor.class, /* includeNonSingletons= */ true, /* allowEagerInit= */ false))
                .filter(candidate -> !candidate.equals(ScopeTaskExecutorAutoConfiguration.BEAN_NAME))
                .filter(candidate -> !beans.isTypeMatch(candidate, SimpleAsyncTaskExecutor.class) || isFree(candidate))
                .toList();
    }

    private boolean isFree(String candidate) {
        try {
            return !isLimited(beans.getBean(candidate));
        } catch (BeansException e) {
            // Without it the start fails as well, but for another reason.
            return false;
        }
    }

    private static boolean isLimited(Object executor) {
        return executor instanceof SimpleAsyncTaskExecutor simple && simple.isThrottleActive();
    }

    /**
     * Returns whether an executor is known to have a thread for every task, so that no threads are lent for those that
     * wait. A subclass may behave differently, so it does not count; compensation that is not needed costs little.
     */
    static boolean startsAtOnce(Executor executor) {
        Class<?> type = executor.getClass();
        if (type == SimpleAsyncTaskExecutor.class
                || type == TaskThreadExecutor.class
                || type == VirtualThreadTaskExecutor.class) {
            return true;
        }
        if (type == ThreadPoolTaskExecutor.class || type == TaskPoolExecutor.class) {
            return isUnbounded(((ThreadPoolTaskExecutor) executor).getThreadPoolExecutor());
        }
        return type == ThreadPoolExecutor.class && isUnbounded((ThreadPoolExecutor) executor);
    }

    private static boolean isUnbounded(ThreadPoolExecutor pool) {
        return pool.getMaximumPoolSize() == Integer.MAX_VALUE && pool.getQueue() instanceof SynchronousQueue<?>;
    }
}
