// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task.autoconfigure;

import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.task.SimpleAsyncTaskExecutorBuilder;
import org.springframework.boot.task.ThreadPoolTaskExecutorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Auto-configures {@code traioTaskExecutor}, which runs tasks, and has the {@link io.traio.ScopeFactory} use it, or the
 * executor that {@code traio.executor} names. It is no default candidate: {@code applicationTaskExecutor} and unqualified
 * {@code @Async} stay as they are.
 *
 * <p>It has a thread for every task: a virtual one on JDK 21 and newer unless {@code spring.threads.virtual.enabled} is
 * {@code false}, a pooled platform thread otherwise. The other settings of Boot's builders hold too: task decorators,
 * customizers, and termination by {@code spring.task.execution.shutdown}.
 */
@AutoConfiguration(before = ScopeFactoryAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
@EnableConfigurationProperties(TraioProperties.class)
public final class TraioTaskExecutorAutoConfiguration {

    static final String BEAN_NAME = "traioTaskExecutor";

    private static final String THREAD_NAME_PREFIX = "traio-";

    @Bean(name = BEAN_NAME, defaultCandidate = false)
    @Lazy
    @ConditionalOnMissingBean(name = BEAN_NAME)
    @ConditionalOnBooleanProperty(name = "traio.task-executor.enabled", matchIfMissing = true)
    AsyncTaskExecutor traioTaskExecutor(
            ObjectProvider<SimpleAsyncTaskExecutorBuilder> simple,
            ObjectProvider<ThreadPoolTaskExecutorBuilder> pool,
            Environment environment) {
        return hasVirtualThreads(environment)
                ? virtualThreads(simple.getIfAvailable(SimpleAsyncTaskExecutorBuilder::new))
                : platformThreads(pool.getIfAvailable(ThreadPoolTaskExecutorBuilder::new));
    }

    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    ScopeExecutorCustomizer traioExecutorCustomizer(ListableBeanFactory beans, TraioProperties properties) {
        return new ScopeExecutorCustomizer(beans, properties);
    }

    static boolean hasVirtualThreads(Environment environment) {
        return Runtime.version().feature() >= 21
                && environment.getProperty("spring.threads.virtual.enabled", Boolean.class, true);
    }

    /** Ignores the application's concurrency limit, which is meant for its own executor and could deadlock nested scopes. */
    private static SimpleAsyncTaskExecutor virtualThreads(SimpleAsyncTaskExecutorBuilder builder) {
        return builder.threadNamePrefix(THREAD_NAME_PREFIX)
                .virtualThreads(true)
                .concurrencyLimit(SimpleAsyncTaskExecutor.UNBOUNDED_CONCURRENCY)
                .configure(new TaskThreadExecutor())
                .configured();
    }

    /** Accepts tasks while the context stops: scopes that are live then may continue until they are cancelled. */
    private static AsyncTaskExecutor platformThreads(ThreadPoolTaskExecutorBuilder builder) {
        return builder.threadNamePrefix(THREAD_NAME_PREFIX)
                .corePoolSize(0)
                .maxPoolSize(Integer.MAX_VALUE)
                .queueCapacity(0)
                .acceptTasksAfterContextClose(true)
                .build(TaskPoolExecutor.class);
    }
}
