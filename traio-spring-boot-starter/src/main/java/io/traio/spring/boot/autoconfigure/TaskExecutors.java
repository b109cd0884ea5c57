// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.traio.FactoryOptions;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/** Finds the executor bean that {@code traio.executor} names, and puts it into the options of the factory. */
final class TaskExecutors implements ScopeFactoryCustomizer, SmartInitializingSingleton {

    private static final String PROPERTY = "traio.executor";

    private final ListableBeanFactory beans;
    private final String name;
    private final boolean required;

    TaskExecutors(ListableBeanFactory beans, TaskExecutorProperties properties) {
        this.beans = beans;
        this.name = properties.getExecutor();
        this.required = properties.getTaskExecutor().isEnabled()
                || !properties.getExecutor().equals(TaskExecutorProperties.DEFAULT_EXECUTOR);
    }

    /** Nobody may have asked: a factory of the user's own does not. */
    @Override
    public void afterSingletonsInstantiated() {
        isThere();
    }

    private boolean isThere() {
        boolean there = beans.containsBean(name);
        if (!there && required) {
            throw invalid("There is no bean of this name. Beans that are executors: " + candidates() + ".");
        }
        return there;
    }

    @Override
    public FactoryOptions customize(FactoryOptions options) {
        Executor executor = find();
        return executor == null ? options : options.withExecutor(executor).withHelping(!startsAtOnce(executor));
    }

    /** The executor; null if there is none and need not be. */
    @Nullable
    Executor find() {
        if (!isThere()) {
            return null;
        }
        if (name.equals(ScopeTaskExecutorAutoConfiguration.BEAN_NAME)) {
            throw invalid("This bean spawns into scopes and cannot be what runs the tasks of scopes.");
        }
        Object bean = beans.getBean(name);
        if (bean instanceof SimpleAsyncTaskExecutor simple && simple.isThrottleActive()) {
            throw invalid(
                    "This executor has a concurrency limit and blocks the thread that spawns when it is reached, so"
                            + " that scopes in tasks of scopes could wait for each other for ever. Use a ThreadPoolTaskExecutor,"
                            + " or no limit here and the maxConcurrency of a scope.");
        }
        if (bean instanceof Executor executor) {
            return executor;
        }
        throw invalid("The bean of this name is no java.util.concurrent.Executor but a "
                + bean.getClass().getName() + ". Beans that are executors: " + candidates() + ".");
    }

    private InvalidConfigurationPropertyValueException invalid(String reason) {
        return new InvalidConfigurationPropertyValueException(PROPERTY, name, reason);
    }

    private List<String> candidates() {
        return List.of(beans.getBeanNamesForType(
                Executor.class, /* includeNonSingletons= */ true, /* allowEagerInit= */ false));
    }

    /**
     * Whether the executor has a thread for every task, so that no thread that waits needs to help. Only what is known
     * for sure: subclasses may do something else, and to help where it is not needed costs little.
     */
    static boolean startsAtOnce(Executor executor) {
        Class<?> type = executor.getClass();
        if (type == SimpleAsyncTaskExecutor.class
                || type == TaskThreadExecutor.class
                || type == VirtualThreadTaskExecutor.class) {
            return true;
        }
        if (type == ThreadPoolTaskExecutor.class) {
            return isUnbounded(((ThreadPoolTaskExecutor) executor).getThreadPoolExecutor());
        }
        return type == ThreadPoolExecutor.class && isUnbounded((ThreadPoolExecutor) executor);
    }

    private static boolean isUnbounded(ThreadPoolExecutor pool) {
        return pool.getMaximumPoolSize() == Integer.MAX_VALUE && pool.getQueue() instanceof SynchronousQueue<?>;
    }
}
