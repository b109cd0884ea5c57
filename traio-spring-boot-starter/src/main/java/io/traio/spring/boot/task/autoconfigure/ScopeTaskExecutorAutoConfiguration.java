// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task.autoconfigure;

import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties.Outside;
import io.traio.spring.boot.task.ScopeAsyncUncaughtExceptionHandler;
import io.traio.spring.boot.task.ScopeTaskExecutor;
import java.util.concurrent.Executor;
import org.springframework.aop.interceptor.AsyncUncaughtExceptionHandler;
import org.springframework.aop.interceptor.SimpleAsyncUncaughtExceptionHandler;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.support.TaskExecutorAdapter;
import org.springframework.scheduling.annotation.AsyncConfigurer;

/**
 * Auto-configures {@code scopeTaskExecutor}, which spawns into the current scope, and with {@code traio.async.default}
 * makes it the executor of unqualified {@code @Async} methods.
 */
@AutoConfiguration(
        after = TraioTaskExecutorAutoConfiguration.class,
        before = {TaskExecutionAutoConfiguration.class, ScopeFactoryAutoConfiguration.class})
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "traio.async.enabled", matchIfMissing = true)
@EnableConfigurationProperties(TraioProperties.class)
public final class ScopeTaskExecutorAutoConfiguration {

    static final String BEAN_NAME = "scopeTaskExecutor";

    @Bean(name = BEAN_NAME, defaultCandidate = false)
    @Lazy
    @ConditionalOnMissingBean(name = BEAN_NAME)
    AsyncTaskExecutor scopeTaskExecutor(
            TraioProperties properties, ScopeExecutorCustomizer executors, Environment environment) {
        Executor found = executors.executor();
        AsyncTaskExecutor threads = found == null ? ownThreads(environment) : asyncTaskExecutor(found);
        return properties.getAsync().getOutside() == Outside.FALLBACK
                ? ScopeTaskExecutor.fallingBackTo(threads)
                : ScopeTaskExecutor.refusingOutside(threads);
    }

    @Bean
    @ConditionalOnMissingBean(AsyncConfigurer.class)
    @ConditionalOnBooleanProperty("traio.async.default")
    static AsyncConfigurer scopeAsyncConfigurer(BeanFactory beans) {
        return new ScopeAsyncConfigurer(beans);
    }

    /** Returns threads for scopes that run on no executor bean. */
    private static AsyncTaskExecutor ownThreads(Environment environment) {
        SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor("traio-");
        threads.setVirtualThreads(TraioTaskExecutorAutoConfiguration.hasVirtualThreads(environment));
        return threads;
    }

    private static AsyncTaskExecutor asyncTaskExecutor(Executor executor) {
        return executor instanceof AsyncTaskExecutor async ? async : new TaskExecutorAdapter(executor);
    }

    /** Looks up the executor on first use: Spring creates this configurer before other beans. */
    private static final class ScopeAsyncConfigurer implements AsyncConfigurer {

        private final BeanFactory beans;

        ScopeAsyncConfigurer(BeanFactory beans) {
            this.beans = beans;
        }

        @Override
        public Executor getAsyncExecutor() {
            return beans.getBean(BEAN_NAME, Executor.class);
        }

        @Override
        public AsyncUncaughtExceptionHandler getAsyncUncaughtExceptionHandler() {
            return new ScopeAsyncUncaughtExceptionHandler(new SimpleAsyncUncaughtExceptionHandler());
        }
    }
}
