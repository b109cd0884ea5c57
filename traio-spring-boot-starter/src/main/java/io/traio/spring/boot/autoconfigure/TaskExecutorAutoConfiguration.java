// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.system.JavaVersion;
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
 * Auto-configures {@code traioTaskExecutor}, on which tasks run, and has the {@link io.traio.ScopeFactory} use it, or the
 * executor that {@code traio.executor} names. It is no default candidate: {@code applicationTaskExecutor} and unqualified
 * {@code @Async} stay as they are.
 *
 * <p>It has a thread for every task: a virtual one on JDK 21 and newer unless {@code spring.threads.virtual.enabled} is
 * {@code false}, a pooled platform thread otherwise. Everything else that Boot's builders know holds for it too: task
 * decorators, customizers, and termination by {@code spring.task.execution.shutdown}.
 */
@AutoConfiguration(before = TraioAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
@EnableConfigurationProperties(TaskExecutorProperties.class)
public final class TaskExecutorAutoConfiguration {

    private static final String THREAD_NAME_PREFIX = "traio-";

    @Bean(name = TaskExecutorProperties.DEFAULT_EXECUTOR, defaultCandidate = false)
    @Lazy
    @ConditionalOnMissingBean(name = TaskExecutorProperties.DEFAULT_EXECUTOR)
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
    TaskExecutors traioTaskExecutors(ListableBeanFactory beans, TaskExecutorProperties properties) {
        return new TaskExecutors(beans, properties);
    }

    static boolean hasVirtualThreads(Environment environment) {
        return JavaVersion.getJavaVersion().isEqualOrNewerThan(JavaVersion.TWENTY_ONE)
                && environment.getProperty("spring.threads.virtual.enabled", Boolean.class, true);
    }

    /** The application's own limit is for its own executor: here it would have scopes wait for each other. */
    private static SimpleAsyncTaskExecutor virtualThreads(SimpleAsyncTaskExecutorBuilder builder) {
        return builder.threadNamePrefix(THREAD_NAME_PREFIX)
                .virtualThreads(true)
                .concurrencyLimit(SimpleAsyncTaskExecutor.UNBOUNDED_CONCURRENCY)
                .configure(new TaskThreadExecutor())
                .configured();
    }

    /**
     * Does not wait for tasks when the context stops, nor refuses any: the scopes that then live may go on until they are
     * cancelled.
     */
    private static AsyncTaskExecutor platformThreads(ThreadPoolTaskExecutorBuilder builder) {
        return builder.threadNamePrefix(THREAD_NAME_PREFIX)
                .corePoolSize(0)
                .maxPoolSize(Integer.MAX_VALUE)
                .queueCapacity(0)
                .acceptTasksAfterContextClose(true)
                .build();
    }
}
